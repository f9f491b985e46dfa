//! What chunks need to know of `halt`.

use braid_stark::Trace;

use super::{HaltTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for HaltTable {
    fn claim(&self) -> &'static str {
        "steps that halt their frame cannot be carried out"
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
