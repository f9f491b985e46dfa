//! What chunks need to know of `finish`.

use braid_stark::Trace;

use super::generation::has_row;
use super::{Finish, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::region::near_bytes;
use crate::tables::growth;

impl ChunkTable for Finish {
    fn claim(&self) -> &'static str {
        "STOP, RETURN and REVERT end their frame, or lack the gas for what they hand back"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in execution.steps.iter().filter(|step| has_row(step)) {
                asked.rows(1);
                if let [offset, length] = step.popped.as_slice()
                    && let Some(bytes) = near_bytes(offset.value, length.value)
                {
                    growth::ask(asked, step, step.before.words, bytes);
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
