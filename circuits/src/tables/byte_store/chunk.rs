//! What chunks need to know of `byte_store`.

use braid_stark::Trace;

use super::generation::access_of;
use super::{ByteStore, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for ByteStore {
    fn claim(&self) -> &'static str {
        "a byte of memory becomes this one"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            asked.rows(execution.steps.iter().filter_map(access_of).count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
