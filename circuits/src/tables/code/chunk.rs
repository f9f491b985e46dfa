//! What chunks need to know of `code`.

use braid_stark::Trace;

use super::padded_size;
use super::{Code, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Room for 8 KiB of bytecode in the smallest shape.
const LEAST_LOG_BYTES: usize = 13;

impl ChunkTable for Code {
    fn claim(&self) -> &'static str {
        "bytecodes have these bytes, and instructions start at these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        // Bytecodes are as long as they are, however few steps run.
        Some(size.per_steps(1024)?.max(LEAST_LOG_BYTES))
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
