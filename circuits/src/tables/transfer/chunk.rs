//! What chunks need to know of `transfer`.

use braid_stark::Trace;

use super::{TransferTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for TransferTable {
    fn claim(&self) -> &'static str {
        "value moves when frames open, and accounts have so much or have it not"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
