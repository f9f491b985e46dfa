//! Filling `merge`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{LIMB, MergeColumns};
use crate::error::Error;
use crate::word::{WORD_LIMBS, number_of, word};

/// The first `bytes` bytes of one word, then those of another.
pub fn merged(bytes: usize, first: U256, second: U256) -> U256 {
    let (first, mut second) = (first.to_be_bytes::<32>(), second.to_be_bytes::<32>());
    for (to, from) in second.iter_mut().zip(first).take(bytes) {
        *to = from;
    }
    U256::from_be_bytes(second)
}

/// A row for each claim.
///
/// # Errors
/// [`Error::Events`] when a claim is of more than 32 bytes.
pub fn generate<'a>(claims: impl Iterator<Item = &'a Message<Felt>>) -> Result<Trace, Error> {
    let mut trace = Trace::new(MergeColumns::<Felt>::WIDTH);
    for claim in claims {
        fill(trace.push(), claim)
            .ok_or_else(|| Error::Events("words are merged that have more bytes".to_owned()))?;
    }
    Ok(trace)
}

fn fill(row: &mut MergeColumns<Felt>, claim: &Message<Felt>) -> Option<()> {
    let (bytes, words) = claim.payload.split_first()?;
    let bytes = usize::try_from(bytes.to_canonical_u64()).ok()?;
    let first = words.get(..WORD_LIMBS).map(number_of)?;
    let second = words.get(WORD_LIMBS..2 * WORD_LIMBS).map(number_of)?;
    // All of the word: four bytes of the last limb.
    let limb = (bytes / LIMB).min(WORD_LIMBS - 1);
    *row.split.get_mut(limb)? = Felt::ONE;
    if let Some(taken) = (bytes - LIMB * limb).checked_sub(1) {
        *row.bytes.get_mut(taken)? = Felt::ONE;
    }
    let split = |word: U256| -> Option<[Felt; LIMB]> {
        let bytes = word.to_be_bytes::<32>();
        let bytes: [u8; LIMB] = bytes.get(LIMB * limb..)?.first_chunk().copied()?;
        Some(bytes.map(Felt::from_canonical_u8))
    };
    (row.first_bytes, row.second_bytes) = (split(first)?, split(second)?);
    (row.first, row.second) = (word(first), word(second));
    row.merged = word(merged(bytes, first, second));
    Some(())
}
