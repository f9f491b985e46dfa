//! What chunks need to know of `moves`.

use braid_stark::Trace;

use super::{Moves, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Moves {
    fn claim(&self) -> &'static str {
        "copies to memory, KECCAK256, CALLDATALOAD and RETURNDATASIZE do what they should, or halt as they must"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(32)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let codes = &filling.events.codes;
        generate(filling.execution()?, codes)
    }
}
