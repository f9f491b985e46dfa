//! What chunks need to know of `byte_shift`.

use braid_stark::{Tag, Trace};

use super::{ByteShift, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for ByteShift {
    fn claim(&self) -> &'static str {
        "the bytes of a word are moved over limbs by one, two or three"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::ByteShift)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::ByteShift]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::ByteShift]))
    }
}
