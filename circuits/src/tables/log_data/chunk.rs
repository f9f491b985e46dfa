//! What chunks need to know of `log_data`.

use braid_stark::Trace;

use super::generation::copies;
use super::{LogData, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::WORD_BYTES;

impl ChunkTable for LogData {
    fn claim(&self) -> &'static str {
        "the data of logs has these digests"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(32)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for copy in copies(execution) {
                let length = copy.order.length;
                let words = length.div_ceil(WORD_BYTES) as usize;
                asked.rows(words);
                asked.claims(tag::Poseidon, words);
                let cuts = !length.is_multiple_of(WORD_BYTES);
                asked.claims(tag::Merge, usize::from(cuts));
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(filling.execution()?))
    }
}
