//! Filling `signed`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{Opposite, SignedColumns};
use crate::chunk::Computation;
use crate::error::Error;
use crate::event::opcode::{DIV, MOD, SDIV, SMOD};
use crate::word::{WORD_LIMBS, word};

/// The rows of `computations`, in order.
///
/// # Errors
/// [`Error::Events`] when one is of another opcode than SDIV and SMOD.
pub fn generate(computations: impl IntoIterator<Item = Computation>) -> Result<Trace, Error> {
    let mut trace = Trace::new(SignedColumns::<Felt>::WIDTH);
    for computation in computations {
        fill(trace.push(), computation)?;
    }
    Ok(trace)
}

fn fill(row: &mut SignedColumns<Felt>, computation: Computation) -> Result<(), Error> {
    let [a, b, _] = computation.operands;
    let core = match computation.opcode {
        SDIV => DIV,
        SMOD => MOD,
        _ => return Err(computation.refused()),
    };
    let negative = |number: U256| number.bit(255);
    let absolute = [a, b].map(|number| match negative(number) {
        true => number.wrapping_neg(),
        false => number,
    });
    let magnitude = Computation {
        opcode: core,
        operands: [absolute[0], absolute[1], U256::ZERO],
    };
    let result_negative = negative(a) ^ (core == DIV && negative(b));
    row.is_div = Felt::from_bool(core == DIV);
    row.is_mod = Felt::from_bool(core == MOD);
    row.a = opposite(a, negative(a));
    row.b = opposite(b, negative(b));
    row.magnitude = opposite(magnitude.result()?, result_negative);
    for (bits, number) in row.high_bits.iter_mut().zip([row.a.word, row.b.word]) {
        let highest = number[WORD_LIMBS - 1].to_canonical_u64();
        *bits = Felt::from_canonical_u64((highest >> 16) & 0x7fff);
    }
    Ok(())
}

/// The columns of a number.
pub(super) fn opposite(number: U256, negative: bool) -> Opposite<Felt> {
    let word = word(number);
    let mut row = Opposite {
        word,
        negative: Felt::from_bool(negative),
        carries: [Felt::ZERO; WORD_LIMBS],
        inverse: Felt::ZERO,
    };
    let lowest = word.iter().position(|limb| *limb != Felt::ZERO);
    if let Some(lowest) = lowest.filter(|_| negative) {
        row.carries[lowest..].fill(Felt::ONE);
        row.inverse = word[lowest].inverse();
    }
    row
}
