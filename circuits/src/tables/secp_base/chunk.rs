//! What chunks need to know of `secp_base`.

use braid_stark::Trace;

use super::{SecpBase, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for SecpBase {
    fn claim(&self) -> &'static str {
        "fixed points of secp256k1 are these"
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
