//! What chunks need to know of `signed`.

use braid_stark::{Tag, Trace};

use super::{Signed, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{SDIV, SMOD};

impl ChunkTable for Signed {
    fn claim(&self) -> &'static str {
        "SDIV and SMOD give these words"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    // A row for each claim of its opcodes, and as many of DIV and MOD: that needs claims counted by opcode, which are counted by kind today.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn passes_on(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[SDIV, SMOD]))
    }
}
