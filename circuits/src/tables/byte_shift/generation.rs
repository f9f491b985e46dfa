//! Filling `byte_shift`.

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::ByteShiftColumns;
use crate::error::Error;

/// A row for each claim.
///
/// # Errors
/// [`Error::Events`] when a claim is of a number of bytes that the table does not speak of, or of a limb that is none.
pub fn generate<'a>(claims: impl Iterator<Item = &'a Message<Felt>>) -> Result<Trace, Error> {
    let mut trace = Trace::new(ByteShiftColumns::<Felt>::WIDTH);
    for claim in claims {
        fill(trace.push(), claim)
            .ok_or_else(|| Error::Events("bytes are moved that are none".to_owned()))?;
    }
    Ok(trace)
}

fn fill(row: &mut ByteShiftColumns<Felt>, claim: &Message<Felt>) -> Option<()> {
    // `moved` follows from the rest.
    let [bytes, value @ .., first, last] = claim.payload.first_chunk::<11>()?;
    let flag = bytes.to_canonical_u64().checked_sub(1)?;
    *row.bytes.get_mut(usize::try_from(flag).ok()?)? = Felt::ONE;
    row.first = bytes_of(first)?;
    row.last = bytes_of(last)?;
    let limbs = value.iter().rev();
    for (bytes, limb) in row.value.chunks_mut(4).zip(limbs) {
        bytes.copy_from_slice(&bytes_of(limb)?);
    }
    Some(())
}

/// The bytes of a limb, most significant first.
fn bytes_of(limb: &Felt) -> Option<[Felt; 4]> {
    let limb = u32::try_from(limb.to_canonical_u64()).ok()?;
    Some(limb.to_be_bytes().map(Felt::from_canonical_u8))
}
