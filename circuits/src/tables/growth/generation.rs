//! Filling `growth`.

use std::collections::BTreeMap;

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::PAID_WORDS;
use super::columns::{GrowthColumns, SquareColumns};
use crate::error::Error;
use crate::event::steps::gas_of_words;
use crate::execution::WORD_BYTES;
use crate::limbs::low_limbs;

/// How many words a memory of `words` words has when it holds `length` bytes from `offset`, and what that costs; `None` where offset or length is 2^32 or more, the length is zero, or the memory too large for any
/// gas.
pub fn growth(words: u64, offset: u64, length: u64) -> Option<(u64, u64)> {
    let end = u64::from(u32::try_from(offset).ok()?) + u64::from(u32::try_from(length).ok()?);
    if length == 0 || words > 1 << 28 {
        return None;
    }
    let next_words = words.max(end.div_ceil(WORD_BYTES));
    let gas = gas_of_words(next_words)?.checked_sub(gas_of_words(words)?)?;
    Some((next_words, gas))
}

/// A row for each distinct claim.
///
/// # Errors
/// [`Error::Events`] when a claim is outside of what the table speaks of.
pub fn generate<'a>(claims: impl Iterator<Item = &'a Message<Felt>>) -> Result<Trace, Error> {
    let mut counts: BTreeMap<[u64; 4], u64> = BTreeMap::new();
    for claim in claims {
        let asked = claim.payload.first_chunk::<4>();
        let asked = asked.ok_or_else(|| Error::Events("a claim of another kind".to_owned()))?;
        *counts
            .entry(asked.map(|x| x.to_canonical_u64()))
            .or_default() += 1;
    }
    let mut trace = Trace::new(GrowthColumns::<Felt>::WIDTH);
    for ([words, offset, length, unpaid], count) in counts {
        let grown = growth(words, offset, length);
        let grown = grown.filter(|(words, _)| unpaid == 1 || *words <= PAID_WORDS);
        let (next_words, _) = grown.ok_or_else(|| {
            Error::Events(format!(
                "a memory of {words} words cannot grow for {length} bytes from {offset}"
            ))
        })?;
        let end = offset + length - 1;
        let (last, rest) = (end / WORD_BYTES, end % WORD_BYTES);
        let grows = last >= words;
        let difference = if grows {
            last - words
        } else {
            words - last - 1
        };
        let row: &mut GrowthColumns<Felt> = trace.push();
        *row = GrowthColumns {
            used: Felt::ONE,
            unpaid: Felt::from_canonical_u64(unpaid),
            count: Felt::from_noncanonical_u64(count),
            words: Felt::from_noncanonical_u64(words),
            offset: Felt::from_noncanonical_u64(offset),
            length: Felt::from_noncanonical_u64(length),
            grows: Felt::from_bool(grows),
            last: low_limbs(last),
            rest: Felt::from_noncanonical_u64(rest),
            difference: low_limbs(difference),
            next_words: Felt::from_noncanonical_u64(next_words),
            square: square(words),
            next_square: square(next_words),
        };
    }
    Ok(trace)
}

fn square(words: u64) -> SquareColumns<Felt> {
    let square = words.wrapping_mul(words);
    SquareColumns {
        quotient: low_limbs(square / 512),
        remainder: Felt::from_canonical_u64(square % 512),
    }
}
