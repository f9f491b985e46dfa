//! Filling `log`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::LogColumns;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::trace::Halt;
use crate::execution::{
    EmittedLog, Execution, LOG_BYTE_GAS, LOG_GAS, PerformedFrame, PerformedStep, topics_of,
};
use crate::limbs::low_limbs;
use crate::region::Region;
use crate::tables::growth::growth;
use crate::word::{address, word};

/// How many topics a step has that this table does, or shows to halt.
pub(super) fn topics_here(step: &PerformedStep) -> Option<u8> {
    let other = matches!(step.halt, Some(Halt::StackUnderflow | Halt::StackOverflow));
    topics_of(step.opcode).filter(|_| !other)
}

/// A row for each step of these opcodes, but for those with too few words on the stack.
///
/// # Errors
/// [`Error::Events`] when a step leaves other registers than it can, or halts without reason.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(LogColumns::<Felt>::WIDTH);
    let mut logs = execution.logs.iter().peekable();
    for step in &execution.steps {
        let Some(topics) = topics_here(step) else {
            continue;
        };
        let log = logs.next_if(|log| log.clock == step.clock);
        let frame = (step.frame as usize).checked_sub(1);
        let frame = frame.and_then(|index| execution.frames.get(index));
        let row = trace.push();
        frame
            .and_then(|frame| fill(row, step, topics, frame, log))
            .ok_or_else(|| {
                let clock = step.clock;
                Error::Events(format!("step {clock} of the chunk cannot log so"))
            })?;
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// Fills a row; `None` if the step is another.
fn fill(
    row: &mut LogColumns<Felt>,
    step: &PerformedStep,
    topics: u8,
    frame: &PerformedFrame,
    log: Option<&EmittedLog>,
) -> Option<()> {
    *row.opcodes.get_mut(usize::from(topics))? = Felt::ONE;
    row.at = Delegated::of(step);
    row.transaction = felt(frame.transaction);
    row.depth = felt(frame.depth);
    row.is_static = Felt::from_bool(frame.is_static);
    row.address = address(frame.address);
    row.undone_at = felt(frame.undone_at);
    row.next_words = row.at.words;
    let mut cost = LOG_GAS * (1 + u64::from(topics));
    if step.halt == Some(Halt::StaticViolation) {
        row.violates = Felt::from_bool(frame.is_static);
        row.cost = felt(cost);
        return frame.is_static.then_some(());
    }
    let [offset, length, topics @ ..] = step.popped.as_slice() else {
        return None;
    };
    row.region = Region::new(offset, length);
    for (cell, topic) in row.topics.iter_mut().zip(topics) {
        (cell.value, cell.pushed) = (word(topic.value), felt(topic.pushed));
    }
    if row.region.near == Felt::ONE {
        let start = row.region.start.to_canonical_u64();
        let bytes = row.region.bytes().to_canonical_u64();
        let (next_words, gas) = growth(step.before.words, start, bytes)?;
        (row.next_words, row.growth) = (felt(next_words), felt(gas));
        cost += LOG_BYTE_GAS * bytes + gas;
    }
    row.cost = felt(cost);
    let gas = step.before.gas;
    match (step.halt, log) {
        (Some(Halt::OutOfGas), None) if row.region.far == Felt::ONE => row.region.show_far(gas)?,
        (Some(Halt::OutOfGas), None) => {
            row.lacks = Felt::ONE;
            row.excess = low_limbs(cost.checked_sub(gas.checked_add(1)?)?);
        }
        (None, Some(log)) => {
            let after = step.after?;
            let paid = after.gas.checked_add(cost) == Some(gas);
            let grown = felt(after.words) == row.next_words;
            if !paid || !grown || row.region.far == Felt::ONE {
                return None;
            }
            row.digest = log.digest.map(Felt::from_canonical_u64);
            row.undone_inverse = row.undone_at.try_inverse().unwrap_or_default();
            if let Some((number, accessed)) = log.survives {
                row.survives = Felt::ONE;
                (row.number, row.accessed) = (felt(number), felt(accessed));
            }
        }
        _ => return None,
    }
    Some(())
}
