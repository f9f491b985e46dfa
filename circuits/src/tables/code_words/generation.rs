//! Filling `code_words`.

use std::collections::BTreeMap;

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{CodeWordsColumns, LIMB};
use crate::bus::space;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::word::WORD_LIMBS;

/// Rows for each word of a code that is asked for, however often.
///
/// # Errors
/// [`Error::Events`] when a code is asked for that the chunk does not have.
pub fn generate<'a>(
    claims: impl Iterator<Item = &'a Message<Felt>>,
    codes: &[CodeEvent],
) -> Result<Trace, Error> {
    let mut asked: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for claim in claims {
        if let [source, code, index, ..] = claim.payload.as_slice()
            && source.to_canonical_u64() == space::CODE
        {
            let word = (code.to_canonical_u64(), index.to_canonical_u64());
            *asked.entry(word).or_default() += 1;
        }
    }
    let mut trace = Trace::new(CodeWordsColumns::<Felt>::WIDTH);
    for ((number, index), count) in asked {
        let place = number
            .checked_sub(1)
            .and_then(|place| usize::try_from(place).ok());
        let code = place.and_then(|place| codes.get(place));
        let code = code.ok_or_else(|| Error::Events(format!("there is no bytecode {number}")))?;
        let mut value = [Felt::ZERO; WORD_LIMBS];
        for place in 0..WORD_LIMBS {
            let position = (WORD_LIMBS as u64 * index + place as u64).wrapping_mul(LIMB as u64);
            let start = usize::try_from(position).unwrap_or(usize::MAX);
            let bytes = code.bytes.get(start..).unwrap_or_default();
            let bytes: [u8; LIMB] =
                core::array::from_fn(|byte| bytes.get(byte).copied().unwrap_or(0));
            value.rotate_right(1);
            value[0] = Felt::from_canonical_u32(u32::from_be_bytes(bytes));
            let row: &mut CodeWordsColumns<Felt> = trace.push();
            *row = CodeWordsColumns {
                used: Felt::ONE,
                continues: Felt::from_bool(place > 0),
                code: Felt::from_noncanonical_u64(number),
                position: Felt::from_noncanonical_u64(position),
                place: Felt::from_canonical_usize(place),
                bytes: bytes.map(Felt::from_canonical_u8),
                value,
                count: match place + 1 {
                    WORD_LIMBS => Felt::from_canonical_u64(count),
                    _ => Felt::ZERO,
                },
            };
        }
    }
    Ok(trace)
}
