//! What chunks need to know of `block_value`.

use braid_stark::{Tag, Trace};

use super::{BlockValueTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for BlockValueTable {
    fn claim(&self) -> &'static str {
        "opcodes that ask for a value of the block get it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(1)
    }

    // Claims of one kind are proved by several tables: rows follow once claims are counted by opcode.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(filling.claims.of(&[tag::Compute])))
    }
}
