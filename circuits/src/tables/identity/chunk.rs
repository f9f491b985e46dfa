//! What chunks need to know of `identity`.

use braid_stark::Trace;

use super::{Identity, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::{IDENTITY, precompile_calls};

impl ChunkTable for Identity {
    fn claim(&self) -> &'static str {
        "calls of the precompile at address 4 hand their input back, or lack the gas for it"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(1)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(precompile_calls(execution, IDENTITY).count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
