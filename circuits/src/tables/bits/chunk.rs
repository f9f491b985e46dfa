//! What chunks need to know of `bits`.

use braid_stark::{Tag, Trace};

use super::{Bits, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::compute::{Prover, claimed, performed_by};

impl ChunkTable for Bits {
    fn claim(&self) -> &'static str {
        "bitwise ands, ors and exclusive ors of words are these"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(performed_by(execution, Prover::Bits));
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&claimed(&filling.claims, Prover::Bits))
    }
}
