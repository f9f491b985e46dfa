//! Filling `string`.

use std::collections::{BTreeMap, BTreeSet};

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{LIMB, StringColumns};
use crate::error::Error;
use crate::word::{WORD_LIMBS, Word};

/// A word of a string.
struct Given {
    string: u64,
    position: u64,
    value: Word<Felt>,
    bytes: u64,
}

fn given(message: &Message<Felt>) -> Option<Given> {
    let (string, rest) = message.payload.split_first()?;
    let (position, rest) = rest.split_first()?;
    let (value, rest) = rest.split_first_chunk::<WORD_LIMBS>()?;
    Some(Given {
        string: string.to_canonical_u64(),
        position: position.to_canonical_u64(),
        value: *value,
        bytes: rest.first()?.to_canonical_u64(),
    })
}

/// Rows for all words but those that no sponge takes: `others` are the strings that are taken as they are.
///
/// # Errors
/// [`Error::Events`] when a word has no byte, more than 32, or limbs that are none.
pub fn generate<'a>(
    claims: impl Iterator<Item = &'a Message<Felt>>,
    others: &BTreeSet<u64>,
) -> Result<Trace, Error> {
    let refused = || Error::Events("a string has a word that is none".to_owned());
    let words = claims.map(|claim| given(claim).ok_or_else(refused));
    let words: Vec<_> = words.collect::<Result<_, _>>()?;
    let mut lengths: BTreeMap<u64, u64> = BTreeMap::new();
    for word in &words {
        *lengths.entry(word.string).or_default() += word.bytes;
    }
    let mut trace = Trace::new(StringColumns::<Felt>::WIDTH);
    for word in words.iter().filter(|word| !others.contains(&word.string)) {
        let length = lengths.get(&word.string).copied().unwrap_or_default();
        let by_limbs = length.is_multiple_of(LIMB as u64);
        fill(&mut trace, word, by_limbs).ok_or_else(refused)?;
    }
    Ok(trace)
}

/// How many rows a string takes: its first word begins at its first byte, and all but the last are full.
pub(super) fn rows_of(length: u64) -> usize {
    length.div_ceil(LIMB as u64) as usize
}

fn fill(trace: &mut Trace, given: &Given, by_limbs: bool) -> Option<()> {
    if !(1..=32).contains(&given.bytes) {
        return None;
    }
    let mut value = given.value;
    for start in (0..given.bytes).step_by(LIMB) {
        let [.., limb] = value;
        let limb = u32::try_from(limb.to_canonical_u64()).ok()?;
        let left = given.bytes - start;
        let row: &mut StringColumns<Felt> = trace.push();
        *row = StringColumns {
            has: core::array::from_fn(|byte| Felt::from_bool(left > byte as u64)),
            continues: Felt::from_bool(start > 0),
            by_limbs: Felt::from_bool(by_limbs),
            string: Felt::from_noncanonical_u64(given.string),
            position: Felt::from_noncanonical_u64(given.position + start),
            left: Felt::from_canonical_u64(left),
            value,
            bytes: match by_limbs {
                true => [Felt::ZERO; LIMB],
                false => limb.to_be_bytes().map(Felt::from_canonical_u8),
            },
        };
        value.rotate_right(1);
        value[0] = Felt::ZERO;
    }
    Some(())
}
