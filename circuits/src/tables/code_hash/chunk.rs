//! What chunks need to know of `code_hash`.

use braid_stark::Trace;

use super::{CodeHash, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// A row takes in 28 bytes: room for what `code` has in the smallest shape.
const LEAST_LOG_ROWS: usize = 9;

impl ChunkTable for CodeHash {
    fn claim(&self) -> &'static str {
        "bytecodes have these sizes and these digests of an account's code part"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        Some(size.per_steps(64)?.max(LEAST_LOG_ROWS))
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&filling.events.codes)
    }
}
