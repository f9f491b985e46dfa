//! What chunks need to know of `code_identity`.

use braid_stark::{Tag, Trace};

use super::{CodeIdentityTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for CodeIdentityTable {
    fn claim(&self) -> &'static str {
        "bytecodes of accounts have these hashes and sizes"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(1)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::CodeIdentity)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::CodeIdentity]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::CodeIdentity]), filling.events)
    }
}
