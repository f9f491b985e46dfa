//! What chunks need to know of `u8`.

use braid_stark::Trace;

use super::{Range8, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Range8 {
    fn claim(&self) -> &'static str {
        "numbers are below 2^8"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        // Its entries, or as high as others are: a height of its own would cost more.
        size.few()
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate())
    }
}
