//! What chunks need to know of `window`.

use braid_stark::Trace;

use super::{Window, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Window {
    fn claim(&self) -> &'static str {
        "32 bytes of memory from any byte are this word, or become it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
