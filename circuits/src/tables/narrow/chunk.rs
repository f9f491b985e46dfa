//! What chunks need to know of `narrow`.

use braid_stark::{Tag, Trace};

use super::{Narrow, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::compute::{Prover, claimed};

impl ChunkTable for Narrow {
    fn claim(&self) -> &'static str {
        "sums, differences, comparisons, masks and moves of whole limbs are these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(256)
    }

    // Claims of one kind are proved by several tables: rows follow once claims are counted by opcode.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&claimed(&filling.claims, Prover::Narrow))
    }
}
