//! What chunks need to know of `growth`.

use braid_stark::{Tag, Trace};

use super::{Growth, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Growth {
    fn claim(&self) -> &'static str {
        "memory grows to so many words at this cost"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::MemoryGrowth)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::MemoryGrowth]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::MemoryGrowth]))
    }
}
