//! Filling `byte_store`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::ByteStoreColumns;
use crate::error::Error;
use crate::execution::{Execution, MemoryAccess, PerformedStep, accessed_bytes};
use crate::word::word;

/// The access to a single byte that a step makes.
pub(super) fn access_of(step: &PerformedStep) -> Option<&MemoryAccess> {
    let access = step.memory.as_ref();
    access.filter(|_| accessed_bytes(step.opcode) == 1)
}

/// A row for each access to a single byte.
///
/// # Errors
/// [`Error::Events`] when an access touches another word than its byte is in.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(ByteStoreColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        let Some(access) = access_of(step) else {
            continue;
        };
        fill(trace.push(), access).ok_or_else(|| {
            let clock = step.clock;
            Error::Events(format!("step {clock} of the chunk touches other memory"))
        })?;
    }
    Ok(trace)
}

/// Fills a row; `None` if the access does not touch the byte's word.
pub(super) fn fill(row: &mut ByteStoreColumns<Felt>, access: &MemoryAccess) -> Option<()> {
    let [touched] = access.words.as_slice() else {
        return None;
    };
    let rest = access.offset.checked_sub(32 * touched.index)?;
    let (limb, byte) = (
        usize::try_from(rest / 4).ok()?,
        usize::try_from(rest % 4).ok()?,
    );
    row.timestamp = Felt::from_noncanonical_u64(touched.after.timestamp);
    row.frame = Felt::from_noncanonical_u64(touched.frame);
    row.index = Felt::from_noncanonical_u64(touched.index);
    *row.limb.get_mut(limb)? = Felt::ONE;
    *row.byte.get_mut(byte)? = Felt::ONE;
    row.before = word(touched.before.value);
    row.accessed = Felt::from_noncanonical_u64(touched.before.timestamp);
    let bytes = touched.before.value.to_be_bytes::<32>();
    let old = bytes.get(4 * limb..4 * limb + 4)?;
    row.old = <[u8; 4]>::try_from(old).ok()?.map(Felt::from_canonical_u8);
    let [.., a, b, c, d] = access.value.to_be_bytes::<32>();
    row.value = [a, b, c, d].map(Felt::from_canonical_u8);
    let place = Felt::from_canonical_u64(1 << (8 * (3 - byte)));
    row.change = (row.value[3] - *row.old.get(byte)?) * place;
    Some(())
}
