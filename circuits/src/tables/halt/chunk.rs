//! What chunks need to know of `halt`.

use braid_stark::Trace;

use super::generation::is_shown_here;
use super::{HaltTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for HaltTable {
    fn claim(&self) -> &'static str {
        "steps that halt their frame cannot be carried out"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let rows = execution.steps.iter().filter(|step| is_shown_here(step));
            asked.rows(rows.count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let codes = &filling.events.codes;
        generate(filling.execution()?, codes)
    }
}
