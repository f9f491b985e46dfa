//! What chunks need to know of `stack_end`.

use braid_stark::Trace;

use super::{StackEnd, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for StackEnd {
    fn claim(&self) -> &'static str {
        "nothing: it takes words that frames leave on their stacks"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers have no stacks.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.left.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&filling.execution()?.left))
    }
}
