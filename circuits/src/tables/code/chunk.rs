//! What chunks need to know of `code`.

use braid_stark::Trace;

use super::padded_size;
use super::{Code, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Code {
    fn claim(&self) -> &'static str {
        "bytecodes have these bytes, and instructions start at these"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Code(code) = part {
            // An unused row before all codes and one after are counted for each.
            asked.rows(padded_size(code.bytes.len()) + 2);
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&filling.events.codes)
    }
}
