//! What chunks need to know of `merge`.

use braid_stark::{Tag, Trace};

use super::{Merge, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Merge {
    fn claim(&self) -> &'static str {
        "a word has the first bytes of one and the others of another"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::Merge)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Merge]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::Merge]))
    }
}
