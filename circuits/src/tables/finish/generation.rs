//! Filling `finish`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::FinishColumns;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{RETURN, REVERT, STOP};
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep};
use crate::gas::{TOP, gas_limbs, little_limbs};
use crate::region::Region;
use crate::tables::growth::growth;

/// Whether the step ends its frame, or should have and lacks the gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    let here = matches!(step.halt, None | Some(Halt::OutOfGas));
    here && matches!(step.opcode, STOP | RETURN | REVERT)
}

/// A row for each step that ends its frame, and each that should have and lacks the gas.
///
/// # Errors
/// [`Error::Events`] when a step does not lack gas that should, or the other way round.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(FinishColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if !has_row(step) {
            continue;
        }
        fill(trace.push(), step).ok_or_else(|| {
            let (clock, opcode) = (step.clock, step.opcode);
            Error::Events(format!(
                "step {clock} of the chunk does not end its frame as opcode {opcode:#x} can"
            ))
        })?;
    }
    Ok(trace)
}

/// Fills a row; `None` if the step is another.
fn fill(row: &mut FinishColumns<Felt>, step: &PerformedStep) -> Option<()> {
    let before = &step.before;
    row.at = Delegated::of(step);
    row.next_words = row.at.words;
    let mut cost = 0;
    match step.opcode {
        STOP => row.stops = Felt::ONE,
        RETURN => row.returns = Felt::ONE,
        REVERT => row.reverts = Felt::ONE,
        _ => return None,
    }
    if step.opcode != STOP {
        let [offset, length] = step.popped.as_slice() else {
            return None;
        };
        row.region = Region::new(offset, length);
        if row.region.far == Felt::ONE {
            step.halt?;
            return row.region.show_far(before.gas);
        }
        if row.region.near == Felt::ONE {
            let [start, bytes] =
                [row.region.start, row.region.bytes()].map(|cell| cell.to_canonical_u64());
            let next_words;
            (next_words, cost) = growth(before.words, start, bytes)?;
            row.next_words = Felt::from_noncanonical_u64(next_words);
            row.growth = Felt::from_noncanonical_u64(cost);
        }
    }
    row.rest = match step.halt {
        None => {
            row.done = Felt::ONE;
            gas_limbs(before.gas.checked_sub(cost)?, TOP)
        }
        Some(_) => {
            row.lacks = Felt::ONE;
            little_limbs(cost.checked_sub(before.gas)?.checked_sub(1)?)
        }
    };
    Some(())
}
