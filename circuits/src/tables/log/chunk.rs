//! What chunks need to know of `log`.

use braid_stark::Trace;

use super::{Log, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Log {
    fn claim(&self) -> &'static str {
        "LOG0 to LOG4 cost what they should, and those that are not undone are logs, in order"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
