//! What chunks need to know of `exponent_bytes`.

use braid_stark::{Tag, Trace};

use super::{ExponentBytes, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::word::{WORD_LIMBS, number_of};

impl ChunkTable for ExponentBytes {
    fn claim(&self) -> &'static str {
        "exponents have these lengths in bytes"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::ExponentBytes)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::ExponentBytes]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let claims = filling.claims.of(&[tag::ExponentBytes]);
        let exponents = claims.map(|claim| number_of(&claim.payload[..WORD_LIMBS]));
        Ok(generate(exponents))
    }
}
