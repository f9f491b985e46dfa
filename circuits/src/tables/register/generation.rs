//! Filling `register`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::RegisterColumns;
use super::does;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{GAS, gas_of};
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep, WORD_BYTES};
use crate::gas::{TOP, gas_limbs, little_limbs};

/// Whether this table does the step, or shows that it lacks gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    does(step.opcode) && matches!(step.halt, None | Some(Halt::OutOfGas))
}

/// A row for each step that this table does, or shows to lack gas.
///
/// # Errors
/// [`Error::Events`] when a step does what its opcode cannot do.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(RegisterColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if has_row(step) {
            fill(trace.push(), step).ok_or_else(|| step.refused())?;
        }
    }
    Ok(trace)
}

/// Fills a row; `None` if the step is another.
fn fill(row: &mut RegisterColumns<Felt>, step: &PerformedStep) -> Option<()> {
    let reads_gas = step.opcode == GAS;
    row.gas = Felt::from_bool(reads_gas);
    row.size = Felt::from_bool(!reads_gas);
    row.step = Delegated::of(step);
    let (before, cost) = (&step.before, gas_of(step.opcode));
    if step.halt.is_some() {
        row.limbs = little_limbs(cost.checked_sub(before.gas + 1)?);
        return Some(());
    }
    row.done = Felt::ONE;
    let left = before.gas.checked_sub(cost)?;
    let value = match reads_gas {
        true => left,
        false => WORD_BYTES * before.words,
    };
    if reads_gas {
        row.limbs = gas_limbs(left, TOP);
    }
    (step.pushed? == U256::from(value) && step.after?.gas == left).then_some(())
}
