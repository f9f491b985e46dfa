//! What chunks need to know of `modular`.

use braid_stark::{Tag, Trace};

use super::{Modular, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{ADDMOD, MULMOD};

impl ChunkTable for Modular {
    fn claim(&self) -> &'static str {
        "ADDMOD and MULMOD give these words"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        // No other opcode takes three words.
        claims.of(tag::Compute3)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute3]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[ADDMOD, MULMOD]))
    }
}
