//! What chunks need to know of `register`.

use braid_stark::Trace;

use super::{Register, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Register {
    fn claim(&self) -> &'static str {
        "GAS and MSIZE push what the frame has, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
