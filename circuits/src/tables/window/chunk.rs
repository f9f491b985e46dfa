//! What chunks need to know of `window`.

use braid_stark::Trace;

use super::generation::access_of;
use super::{Window, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Bytes of a limb.
const LIMB_BYTES: u64 = 4;

impl ChunkTable for Window {
    fn claim(&self) -> &'static str {
        "32 bytes of memory from any byte are this word, or become it"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for access in execution.steps.iter().filter_map(access_of) {
                asked.rows(1);
                let splits = !access.offset.is_multiple_of(LIMB_BYTES);
                asked.claims(tag::ByteShift, splits.into());
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
