//! What chunks need to know of `account`.

use braid_stark::Trace;

use super::generation::touches_here;
use super::{AccountTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for AccountTable {
    fn claim(&self) -> &'static str {
        "steps find accounts as they are, warm or cold, and leave them warm"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(touches_here(execution).count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
