//! What chunks need to know of `poseidon`.

use braid_stark::{Felt, Tag, Trace};

use super::{Poseidon, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::state_hash::WIDTH;

/// A plain transfer takes about 100: two accounts at 20 levels.
const ROWS_PER_TRANSFER: usize = 100;
/// A swap takes 220 for 1,024 steps, most of them for accounts and slots.
const ROWS_PER_STEPS: usize = 256;

impl ChunkTable for Poseidon {
    fn claim(&self) -> &'static str {
        "the Poseidon permutation leads from these inputs to those outputs"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        let steps = size.per_steps(ROWS_PER_STEPS);
        size.per_transfer(ROWS_PER_TRANSFER).max(steps)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::Poseidon)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Poseidon]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(inputs(&filling.claims)))
    }
}

/// What is claimed to be hashed.
pub(crate) fn inputs(claims: &Claims) -> Vec<[Felt; WIDTH]> {
    let messages = claims.of(&[tag::Poseidon]);
    messages
        .filter_map(|message| message.payload.first_chunk().copied())
        .collect()
}
