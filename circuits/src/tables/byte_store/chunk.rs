//! What chunks need to know of `byte_store`.

use braid_stark::Trace;

use super::{ByteStore, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for ByteStore {
    fn claim(&self) -> &'static str {
        "a byte of memory becomes this one"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
