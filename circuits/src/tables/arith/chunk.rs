//! What chunks need to know of `arith`.

use braid_stark::{Felt, Message, Tag, Trace};

use super::{Arith, Operation, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::word::{WORD_LIMBS, number_of};

/// A plain transfer takes 29: claims of `transaction` and `ecdsa`.
const ROWS_PER_TRANSFER: usize = 32;

/// The kinds of claim that the table proves.
const CLAIMS: &[Tag] = &[tag::Add, tag::Mul, tag::MulMod];

impl ChunkTable for Arith {
    fn claim(&self) -> &'static str {
        "sums, products and products modulo a number of 256-bit words are these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_transfer(ROWS_PER_TRANSFER)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        let counts = CLAIMS.iter().map(|claim| claims.of(*claim));
        counts.fold(0, usize::saturating_add)
    }

    fn filled_from(&self) -> &'static [Tag] {
        CLAIMS
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let claims = filling.claims.of(CLAIMS);
        generate(&claims.map(operation).collect::<Vec<_>>())
    }
}

/// What a claim asks for; its result is computed anew.
fn operation(claim: &Message<Felt>) -> Operation {
    let word = |index| number_of(&claim.payload[WORD_LIMBS * index..WORD_LIMBS * (index + 1)]);
    let (a, b) = (word(0), word(1));
    match claim.tag {
        tag::Add => Operation::Add { a, b },
        tag::Mul => Operation::Mul { a, b },
        _ => Operation::MulMod { a, b, m: word(2) },
    }
}
