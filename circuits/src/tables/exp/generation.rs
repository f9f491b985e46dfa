//! Filling `exp`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::LIMB_BITS;
use super::columns::ExpColumns;
use crate::chunk::Computation;
use crate::error::Error;
use crate::event::opcode::EXP;
use crate::word::word;

/// The rows of `computations`, in order.
///
/// # Errors
/// [`Error::Events`] when one is of another opcode than EXP.
pub fn generate(computations: impl IntoIterator<Item = Computation>) -> Result<Trace, Error> {
    let mut trace = Trace::new(ExpColumns::<Felt>::WIDTH);
    for computation in computations {
        if computation.opcode != EXP {
            return Err(computation.refused());
        }
        let [base, exponent, _] = computation.operands;
        fill(&mut trace, base, exponent);
    }
    Ok(trace)
}

/// How many rows a power takes.
pub(crate) fn rows_of(exponent: U256) -> usize {
    exponent.bit_len().max(1)
}

/// How many products a power is claimed by: a square for each row but the last, and one for each bit after the first that is set.
pub(crate) fn products_of(exponent: U256) -> usize {
    rows_of(exponent) - 1 + exponent.count_ones().saturating_sub(1)
}

fn fill(trace: &mut Trace, base: U256, exponent: U256) {
    let rows = rows_of(exponent);
    let mut power = if exponent.is_zero() { U256::ONE } else { base };
    for below in (0..rows).rev() {
        let row: &mut ExpColumns<Felt> = trace.push();
        row.starts = Felt::from_bool(below + 1 == rows);
        row.goes_on = Felt::from_bool(below > 0);
        row.ends = Felt::from_bool(below == 0);
        row.base = word(base);
        row.power = word(power);
        let left = below % LIMB_BITS as usize;
        row.left = Felt::from_canonical_usize(left);
        row.full = Felt::from_bool(left == 0);
        // What is left of the limb is shifted out of it alone.
        let limbs = word(exponent >> (below - left));
        let limb = limbs[0].to_canonical_u64() >> left;
        row.limb = Felt::from_canonical_u64(limb);
        row.upper.copy_from_slice(&limbs[1..]);
        if below > 0 {
            let multiplies = exponent.bit(below - 1);
            let square = power.wrapping_mul(power);
            row.multiplies = Felt::from_bool(multiplies);
            row.square = word(square);
            power = if multiplies {
                square.wrapping_mul(base)
            } else {
                square
            };
        }
    }
}
