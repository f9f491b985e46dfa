//! Filling `modular`.

use alloy_primitives::{U256, U512};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::ModularColumns;
use crate::below::Below;
use crate::chunk::Computation;
use crate::error::Error;
use crate::event::opcode::{ADDMOD, MULMOD};
use crate::limbs::{LIMBS, felts, fill_carries, limbs16, product};

/// The rows of `computations`, in order.
///
/// # Errors
/// [`Error::Events`] when one is of another opcode than ADDMOD and MULMOD.
pub fn generate(computations: impl IntoIterator<Item = Computation>) -> Result<Trace, Error> {
    let mut trace = Trace::new(ModularColumns::<Felt>::WIDTH);
    for computation in computations {
        fill(trace.push(), &computation)?;
    }
    Ok(trace)
}

fn fill(row: &mut ModularColumns<Felt>, computation: &Computation) -> Result<(), Error> {
    let [a, b, m] = computation.operands;
    let c = computation.result()?;
    let value: U512 = match computation.opcode {
        ADDMOD => U512::from(a) + U512::from(b),
        MULMOD => a.widening_mul(b),
        _ => return Err(computation.refused()),
    };
    row.is_add = Felt::from_bool(computation.opcode == ADDMOD);
    row.is_mul = Felt::from_bool(computation.opcode == MULMOD);
    row.by_zero = Felt::from_bool(m.is_zero());
    // Modulo zero is zero, and so is modulo one.
    let m = m.max(U256::ONE);
    let quotient = (value - U512::from(c)) / U512::from(m);
    let (low, high) = halves(quotient);
    row.a = felts(limbs16(a));
    row.b = felts(limbs16(b));
    row.m = felts(limbs16(m));
    row.c = felts(limbs16(c));
    row.quotient = felts(limbs16(low));
    row.high_quotient = felts(limbs16(high));
    row.below = Below::new(c, m);

    let signed = |number: U256| limbs16(number).map(i128::from);
    let [a, b, m, c] = [a, b, m, c].map(signed);
    let mut coefficients = match computation.opcode {
        MULMOD => product(&a, &b).to_vec(),
        _ => a.iter().zip(b).map(|(a, b)| a + b).collect(),
    };
    coefficients.resize(2 * LIMBS, 0);
    let mut subtract = |from: usize, numbers: &[i128]| {
        for (coefficient, number) in coefficients[from..].iter_mut().zip(numbers) {
            *coefficient -= number;
        }
    };
    subtract(0, &product(&signed(low), &m));
    subtract(LIMBS, &product(&signed(high), &m));
    subtract(0, &c);
    fill_carries(&coefficients, &mut row.carries).ok_or_else(|| computation.refused())
}

/// The number modulo 2^256, and divided by it.
fn halves(number: U512) -> (U256, U256) {
    let [low, high] = [number, number >> 256].map(|part| part.wrapping_to::<U256>());
    (low, high)
}
