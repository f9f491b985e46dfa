//! What chunks need to know of `calldata`.

use braid_stark::{Tag, Trace};

use super::{Calldata, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::WORD_BYTES;

impl ChunkTable for Calldata {
    fn claim(&self) -> &'static str {
        "32 bytes of a transaction's calldata are this word"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(64)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(event) = part
            && event.runs_code
        {
            let words = event.data.len().div_ceil(WORD_BYTES as usize);
            asked.rows(words);
            asked.claims(tag::Compute, words.min(1));
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::SourceWord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let claims = filling.claims.of(&[tag::SourceWord]);
        generate(&filling.events.transactions, claims)
    }
}
