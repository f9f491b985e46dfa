//! Filling `frame`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::FrameColumns;
use crate::event::trace::FrameResult;
use crate::execution::{Execution, FrameOpening, PerformedFrame};
use crate::word::{address, word};

/// A row for each frame.
pub fn generate(execution: &Execution) -> Trace {
    let mut successes = vec![0u64; execution.frames.len()];
    for frame in execution
        .frames
        .iter()
        .filter(|frame| frame.result.is_success())
    {
        let parent = frame.parent.checked_sub(1);
        if let Some(count) = parent.and_then(|parent| successes.get_mut(parent as usize)) {
            *count += 1;
        }
    }
    let mut trace = Trace::new(FrameColumns::<Felt>::WIDTH);
    for (frame, successes) in execution.frames.iter().zip(successes) {
        let row: &mut FrameColumns<Felt> = trace.push();
        fill(row, frame);
        row.successes = Felt::from_noncanonical_u64(successes);
    }
    trace
}

fn fill(row: &mut FrameColumns<Felt>, frame: &PerformedFrame) {
    let felt = Felt::from_noncanonical_u64;
    row.code = felt(frame.code);
    match frame.opening() {
        FrameOpening::Empty => row.is_empty = Felt::ONE,
        FrameOpening::Code => row.runs = Felt::ONE,
        FrameOpening::Refused => row.is_refused = Felt::ONE,
        FrameOpening::Precompile => {
            row.is_precompile = Felt::ONE;
            row.code = felt(frame.precompile.unwrap_or_default());
        }
    }
    match frame.result {
        FrameResult::Success if frame.parent == 0 => row.succeeds_first = Felt::ONE,
        FrameResult::Success => row.succeeds_within = Felt::ONE,
        FrameResult::Revert | FrameResult::Refused(_) => row.reverts = Felt::ONE,
        FrameResult::Halt(_) => row.halts = Felt::ONE,
    }
    row.frame = felt(frame.number);
    row.transaction = felt(frame.transaction);
    row.parent = felt(frame.parent);
    row.depth = felt(frame.depth);
    row.is_static = Felt::from_bool(frame.is_static);
    row.address = address(frame.address);
    row.caller = address(frame.caller);
    row.value = word(frame.value);
    row.input_frame = felt(frame.input.frame);
    row.input_offset = felt(frame.input.offset);
    row.input_length = felt(frame.input.length);
    row.gas = felt(frame.gas);
    row.opened = felt(frame.opened);
    row.writes = felt(frame.writes);
    row.first_writes = felt(frame.first_writes);
    row.ended = felt(frame.ended);
    row.gas_left = felt(frame.gas_left);
    row.end_writes = felt(frame.end_writes);
    row.offset = felt(frame.returned.offset);
    row.length = felt(frame.returned.length);
    if !frame.result.is_success() {
        row.undone = row.end_writes - row.writes;
    }
    row.closed = felt(frame.closed);
    row.undone_at = felt(frame.undone_at);
}
