//! What chunks need to know of `code_words`.

use braid_stark::{Tag, Trace};

use super::{CodeWords, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::word::WORD_LIMBS;

/// Takes down that this word of a bytecode is asked for.
pub(crate) fn ask(asked: &mut Asked<'_>, code: u64, index: u64) {
    asked.distinct(tag::SourceWord, [code, index, 0, 0, 0], WORD_LIMBS);
}

impl ChunkTable for CodeWords {
    fn claim(&self) -> &'static str {
        "32 bytes of a bytecode are this word"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.rows_of_distinct(tag::SourceWord)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::SourceWord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.of(&[tag::SourceWord]), &filling.events.codes)
    }
}
