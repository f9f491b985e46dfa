//! What chunks need to know of `frame`.

use braid_stark::Trace;

use super::{FrameTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for FrameTable {
    fn claim(&self) -> &'static str {
        "frames open, run and end, and what failing ones did is undone before their callers go on"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.frames.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(filling.execution()?))
    }
}
