//! What chunks need to know of `log_data`.

use braid_stark::Trace;

use super::{LogData, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for LogData {
    fn claim(&self) -> &'static str {
        "the data of logs has these digests"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(32)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(filling.execution()?))
    }
}
