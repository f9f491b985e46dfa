//! What chunks need to know of `copy`.

use braid_stark::Trace;

use super::{Copy, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Copy {
    fn claim(&self) -> &'static str {
        "bytes of memory, calldata or code are now in memory or in a string"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(64)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&filling.execution()?.copies))
    }
}
