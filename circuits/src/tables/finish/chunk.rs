//! What chunks need to know of `finish`.

use braid_stark::Trace;

use super::{Finish, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Finish {
    fn claim(&self) -> &'static str {
        "STOP, RETURN and REVERT end their frame, or lack the gas for what they hand back"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
