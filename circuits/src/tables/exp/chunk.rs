//! What chunks need to know of `exp`.

use braid_stark::{Tag, Trace};

use super::{Exp, generate, rows_of};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::EXP;
use crate::execution::powers;

impl ChunkTable for Exp {
    fn claim(&self) -> &'static str {
        "EXP gives these words"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // No shape runs code yet.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(powers(execution).map(rows_of).sum());
        }
    }

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
