//! What chunks need to know of `cells`.

use braid_stark::Trace;

use super::{Cells, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Cells {
    fn claim(&self) -> &'static str {
        "each word of memory has one first version, zero, and one last"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.cells.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&filling.execution()?.cells))
    }
}
