//! What chunks need to know of `exp`.

use braid_stark::{Tag, Trace};

use super::{Exp, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::EXP;

impl ChunkTable for Exp {
    fn claim(&self) -> &'static str {
        "EXP gives these words"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    // A row for each bit of the exponents, and up to two claims of MUL: that needs the steps' operands, not only counts of claims by kind.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn passes_on(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[EXP]))
    }
}
