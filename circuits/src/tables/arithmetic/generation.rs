//! Filling `arithmetic`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::ArithmeticColumns;
use super::{EXPONENT_BYTE_GAS, does};
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{ADDMOD, EXP, MULMOD, gas_of};
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep};
use crate::word::word;

/// Whether this table does the step, or shows that it lacks gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    does(step.opcode) && matches!(step.halt, None | Some(Halt::OutOfGas))
}

/// A row for each step that this table does, or shows to lack gas.
///
/// # Errors
/// [`Error::Events`] when a step does what its opcode cannot do.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(ArithmeticColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if has_row(step) {
            fill(trace.push(), step).ok_or_else(|| step.refused())?;
        }
    }
    Ok(trace)
}

/// Fills a row; `None` if the step is another.
fn fill(row: &mut ArithmeticColumns<Felt>, step: &PerformedStep) -> Option<()> {
    match step.opcode {
        ADDMOD => row.adds = Felt::ONE,
        MULMOD => row.multiplies = Felt::ONE,
        EXP => row.raises = Felt::ONE,
        _ => return None,
    }
    row.step = Delegated::of(step);
    let mut popped = step.popped.iter();
    let words = [
        (&mut row.a, &mut row.a_pushed),
        (&mut row.b, &mut row.b_pushed),
        (&mut row.m, &mut row.m_pushed),
    ];
    let count = if step.opcode == EXP { 2 } else { 3 };
    for (value, pushed) in words.into_iter().take(count) {
        let taken = popped.next()?;
        *value = word(taken.value);
        *pushed = Felt::from_noncanonical_u64(taken.pushed);
    }
    let bytes = match step.opcode {
        EXP => step.popped.get(1)?.value.byte_len() as u64,
        _ => 0,
    };
    row.bytes = Felt::from_canonical_u64(bytes);
    let cost = gas_of(step.opcode) + EXPONENT_BYTE_GAS * bytes;
    if step.halt.is_some() {
        let missing = cost.checked_sub(step.before.gas + 1)?;
        row.missing = Felt::from_noncanonical_u64(missing);
        return Some(());
    }
    row.done = Felt::ONE;
    row.c = word(step.pushed?);
    (step.after?.gas + cost == step.before.gas).then_some(())
}
