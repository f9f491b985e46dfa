//! What chunks need to know of `refund`.

use braid_stark::Trace;

use super::{Refund, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Refund {
    fn claim(&self) -> &'static str {
        "the refund counter of a transaction is the sum of what was not undone"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.storage.refunds.len());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&filling.execution()?.storage.refunds))
    }
}
