//! What chunks need to know of `call`.

use braid_stark::Trace;

use super::{Call, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Call {
    fn claim(&self) -> &'static str {
        "calls open the frames that they should, pay for them, and take their results"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let codes = &filling.events.codes;
        generate(filling.execution()?, codes)
    }
}
