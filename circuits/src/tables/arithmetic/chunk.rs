//! What chunks need to know of `arithmetic`.

use braid_stark::Trace;

use super::generation::has_row;
use super::{Arithmetic, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::EXP;

impl ChunkTable for Arithmetic {
    fn claim(&self) -> &'static str {
        "ADDMOD, MULMOD and EXP do what they should, or lack the gas for it"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in execution.steps.iter().filter(|step| has_row(step)) {
                asked.rows(1);
                if step.opcode == EXP {
                    asked.claims(tag::ExponentBytes, 1);
                } else if step.halt.is_none() {
                    asked.claims(tag::Compute3, 1);
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
