//! What chunks need to know of `growth`.

use braid_stark::{Tag, Trace};

use super::{Growth, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::PerformedStep;

/// Takes down that a step asks a memory of `words` words to hold these bytes: the first, and how many.
pub(crate) fn ask(
    asked: &mut Asked<'_>,
    step: &PerformedStep,
    words: u64,
    [offset, length]: [u64; 2],
) {
    let unpaid = u64::from(step.halt.is_some());
    let name = [words, offset, length, unpaid, 0];
    asked.distinct(tag::MemoryGrowth, name, 1);
}

impl ChunkTable for Growth {
    fn claim(&self) -> &'static str {
        "memory grows to so many words at this cost"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.rows_of_distinct(tag::MemoryGrowth)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::MemoryGrowth]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::MemoryGrowth]))
    }
}
