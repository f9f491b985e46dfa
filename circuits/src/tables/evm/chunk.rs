//! What chunks need to know of `evm`.

use braid_stark::Trace;

use super::{Evm, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Evm {
    fn claim(&self) -> &'static str {
        "frames run their code step by step"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.steps.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
