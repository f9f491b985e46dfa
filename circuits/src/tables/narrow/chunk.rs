//! What chunks need to know of `narrow`.

use braid_stark::{Tag, Trace};

use super::{Narrow, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::compute::{Prover, claimed, performed_by};

impl ChunkTable for Narrow {
    fn claim(&self) -> &'static str {
        "sums, differences, comparisons, masks and moves of whole limbs are these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(256)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        match part {
            Part::Run(execution) => asked.rows(performed_by(execution, Prover::Narrow)),
            // The last word of calldata is moved, here or in the other of both tables.
            Part::Transaction(event) if event.runs_code && !event.data.is_empty() => asked.rows(1),
            _ => {}
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&claimed(&filling.claims, Prover::Narrow))
    }
}
