//! What chunks need to know of `memory`.

use braid_stark::Trace;

use super::{Memory, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Memory {
    fn claim(&self) -> &'static str {
        "MLOAD, MSTORE and MSTORE8 do what they should, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(64)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
