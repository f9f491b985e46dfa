//! What chunks need to know of `code_hash`.

use braid_stark::Trace;

use super::{CodeHash, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for CodeHash {
    fn claim(&self) -> &'static str {
        "bytecodes have these sizes and these digests of an account's code part"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        None
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&filling.events.codes)
    }
}
