//! Filling `memory`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::MemoryColumns;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{MLOAD, MSTORE, MSTORE8, gas_of};
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep, accessed_bytes, accesses_memory};
use crate::limbs::low_limbs;
use crate::region::Distance;
use crate::tables::growth::growth;
use crate::word::word;

/// Whether this table does the step, or shows that it lacks gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    let here = matches!(step.halt, None | Some(Halt::OutOfGas));
    here && accesses_memory(step.opcode)
}

/// A row for each step that this table does, or shows to lack gas.
///
/// # Errors
/// [`Error::Events`] when a step leaves other registers than it can, or does not lack gas.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(MemoryColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if has_row(step) {
            fill(trace.push(), step).ok_or_else(|| step.refused())?;
        }
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// Fills a row; `None` if the step is another.
fn fill(row: &mut MemoryColumns<Felt>, step: &PerformedStep) -> Option<()> {
    let before = &step.before;
    match step.opcode {
        MLOAD => row.loads = Felt::ONE,
        MSTORE => row.stores = Felt::ONE,
        MSTORE8 => row.stores_byte = Felt::ONE,
        _ => return None,
    }
    row.step = Delegated::of(step);
    row.next_words = row.step.words;
    let offset = step.popped.first()?;
    row.offset = word(offset.value);
    row.offset_pushed = felt(offset.pushed);
    if let Some(value) = step.popped.get(1) {
        row.value = word(value.value);
        row.value_pushed = felt(value.pushed);
    }
    let cost = gas_of(step.opcode);
    let near = u32::try_from(offset.value).ok().map(u64::from);
    let Some(near) = near else {
        step.halt?;
        row.far = Felt::ONE;
        (row.beyond, row.inverse) = Distance::of(&row.offset).shown(before.gas)?;
        return Some(());
    };
    let (next_words, growth) = growth(before.words, near, accessed_bytes(step.opcode))?;
    row.next_words = felt(next_words);
    row.growth = felt(growth);
    if step.halt.is_some() {
        row.lacks = Felt::ONE;
        let missing = (cost + growth).checked_sub(before.gas + 1)?;
        row.excess = low_limbs(missing);
        return Some(());
    }
    let after = step.after?;
    if after.words != next_words || after.gas + cost + growth != before.gas {
        return None;
    }
    if next_words == before.words {
        row.fits = Felt::ONE;
        row.excess = low_limbs(32 * before.words - near - accessed_bytes(step.opcode));
    } else {
        row.grows = Felt::ONE;
    }
    access(row, step)
}

/// Fills what is read or written.
fn access(row: &mut MemoryColumns<Felt>, step: &PerformedStep) -> Option<()> {
    let access = step.memory.as_ref()?;
    if step.opcode == MLOAD {
        row.value = word(access.value);
    }
    if step.opcode == MSTORE8 {
        return Some(());
    }
    match access.words.as_slice() {
        [touched] => {
            row.aligned = Felt::ONE;
            row.before = word(touched.before.value);
            row.accessed = felt(touched.before.timestamp);
        }
        _ => row.shifted = Felt::ONE,
    }
    Some(())
}
