//! Filling `product`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::ProductColumns;
use crate::below::Below;
use crate::chunk::Computation;
use crate::error::Error;
use crate::event::opcode::{DIV, MOD, MUL};
use crate::limbs::{felts, fill_carries, limbs16, low_product};

/// The rows of `computations`, in order.
///
/// # Errors
/// [`Error::Events`] when one is of another opcode than MUL, DIV and MOD.
pub fn generate(computations: impl IntoIterator<Item = Computation>) -> Result<Trace, Error> {
    let mut trace = Trace::new(ProductColumns::<Felt>::WIDTH);
    for computation in computations {
        fill(trace.push(), &computation)?;
    }
    Ok(trace)
}

fn fill(row: &mut ProductColumns<Felt>, computation: &Computation) -> Result<(), Error> {
    let [a, b, _] = computation.operands;
    let (x, y, rest) = match computation.opcode {
        MUL => {
            row.is_mul = Felt::ONE;
            (a, b, computation.result()?)
        }
        DIV | MOD => {
            row.is_div = Felt::from_bool(computation.opcode == DIV);
            row.is_mod = Felt::from_bool(computation.opcode == MOD);
            let rest = if b.is_zero() {
                a
            } else {
                computation.result_of(MOD)?
            };
            row.below = Below::new(rest, b);
            row.gives_rest = row.is_mod * row.below.shown();
            (computation.result_of(DIV)?, b, rest)
        }
        _ => return Err(computation.refused()),
    };
    row.x = felts(limbs16(x));
    row.y = felts(limbs16(y));
    row.rest = felts(limbs16(rest));

    let [x, y, rest, a] = [x, y, rest, a].map(|number| limbs16(number).map(i128::from));
    let mut coefficients = low_product(&x, &y);
    let numbers = coefficients.iter_mut().zip(rest.into_iter().zip(a));
    for (coefficient, (rest, a)) in numbers {
        *coefficient += if computation.opcode == MUL {
            -rest
        } else {
            rest - a
        };
    }
    fill_carries(&coefficients, &mut row.carries).ok_or_else(|| computation.refused())
}
