//! What chunks need to know of `u16`.

use braid_stark::Trace;

use super::{Range16, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Range16 {
    fn claim(&self) -> &'static str {
        "numbers are below 2^16; a byte pair has this exclusive or"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Its entries, whatever the shape.
        Some(0)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate())
    }
}
