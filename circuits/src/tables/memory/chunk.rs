//! What chunks need to know of `memory`.

use alloy_primitives::U256;
use braid_stark::Trace;

use super::generation::has_row;
use super::{Memory, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::accessed_bytes;
use crate::region::near_bytes;
use crate::tables::growth;

impl ChunkTable for Memory {
    fn claim(&self) -> &'static str {
        "MLOAD, MSTORE and MSTORE8 do what they should, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(64)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in execution.steps.iter().filter(|step| has_row(step)) {
                asked.rows(1);
                let grows = step
                    .after
                    .is_none_or(|after| after.words != step.before.words);
                let offset = step.popped.first().map_or(U256::MAX, |word| word.value);
                let length = U256::from(accessed_bytes(step.opcode));
                if let Some(bytes) = near_bytes(offset, length).filter(|_| grows) {
                    growth::ask(asked, step, step.before.words, bytes);
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
