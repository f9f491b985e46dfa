//! Filling `window`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::WindowColumns;
use super::{LIMBS, MOVED};
use crate::error::Error;
use crate::event::opcode::MLOAD;
use crate::execution::{Execution, MemoryAccess, PerformedStep, accessed_bytes};
use crate::word::{WORD_LIMBS, word};

/// The access to 32 bytes in two words that a step makes.
pub(super) fn access_of(step: &PerformedStep) -> Option<&MemoryAccess> {
    let access = step.memory.as_ref()?;
    let here = access.words.len() != 1 && accessed_bytes(step.opcode) != 1;
    here.then_some(access)
}

/// A row for each access to 32 bytes that are in two words.
///
/// # Errors
/// [`Error::Events`] when an access touches other words than its bytes are in.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(WindowColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        let Some(access) = access_of(step) else {
            continue;
        };
        fill(trace.push(), access, step.opcode == MLOAD).ok_or_else(|| {
            let clock = step.clock;
            Error::Events(format!("step {clock} of the chunk touches other memory"))
        })?;
    }
    Ok(trace)
}

/// The limbs of two words, most significant first.
fn limbs_of(words: [U256; 2]) -> [Felt; LIMBS] {
    let [high, low] = words.map(word);
    core::array::from_fn(|limb| match limb.checked_sub(WORD_LIMBS) {
        None => high[WORD_LIMBS - 1 - limb],
        Some(limb) => low[WORD_LIMBS - 1 - limb],
    })
}

/// Fills a row; `None` if the access does not touch two words.
pub(super) fn fill(
    row: &mut WindowColumns<Felt>,
    access: &MemoryAccess,
    reads: bool,
) -> Option<()> {
    let [first, second] = access.words.as_slice() else {
        return None;
    };
    let rest = access.offset.checked_sub(32 * first.index)?;
    let (shift, bytes) = (usize::try_from(rest / 4).ok()?, rest % 4);
    row.reads = Felt::from_bool(reads);
    row.writes = Felt::from_bool(!reads);
    row.timestamp = Felt::from_noncanonical_u64(first.after.timestamp);
    row.frame = Felt::from_noncanonical_u64(first.frame);
    row.index = Felt::from_noncanonical_u64(first.index);
    *row.shift.get_mut(shift)? = Felt::ONE;
    row.bytes = Felt::from_canonical_u64(bytes);
    row.splits = Felt::from_bool(bytes != 0);
    row.value = word(access.value);
    row.before = limbs_of([first.before.value, second.before.value]);
    let accessed = [first, second].map(|word| word.before.timestamp);
    row.accessed = accessed.map(Felt::from_noncanonical_u64);
    row.first = *row.before.get(shift)?;
    row.last = *row.before.get(shift + MOVED - 1)?;
    let after = limbs_of([first.after.value, second.after.value]);
    let moved = after.get(shift..shift + MOVED)?;
    row.moved = moved.try_into().ok()?;
    Some(())
}
