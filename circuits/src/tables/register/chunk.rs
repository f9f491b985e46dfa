//! What chunks need to know of `register`.

use braid_stark::Trace;

use super::generation::has_row;
use super::{Register, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Register {
    fn claim(&self) -> &'static str {
        "GAS and MSIZE push what the frame has, or lack the gas for it"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let rows = execution.steps.iter().filter(|step| has_row(step));
            asked.rows(rows.count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
