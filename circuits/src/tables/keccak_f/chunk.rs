//! What chunks need to know of `keccak_f`.

use braid_stark::{Felt, Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::{KeccakF, ROUNDS, State, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::keccak_sponge;

impl ChunkTable for KeccakF {
    fn claim(&self) -> &'static str {
        "the permutation Keccak-f[1600] leads from these lanes to those"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        keccak_sponge::log_height(size)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        keccak_sponge::permutations(claims).saturating_mul(ROUNDS)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::KeccakInput]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&inputs(&filling.claims)?))
    }
}

/// What is permuted.
///
/// # Errors
/// [`Error::Events`] when the permutations are not numbered in order.
pub(crate) fn inputs(claims: &Claims) -> Result<Vec<State>, Error> {
    let inputs = claims.of(&[tag::KeccakInput]).enumerate();
    let inputs = inputs.map(|(place, message)| {
        // The id of a permutation is its place in the table.
        let expected = Some(place as u64);
        let id = message.payload.first().map(Felt::to_canonical_u64);
        if id != expected {
            return Err(Error::Events(format!(
                "permutation {place} is called {id:?}"
            )));
        }
        Ok(state(&message.payload[1..]))
    });
    inputs.collect()
}

/// The lanes from their halves, low half first.
fn state(halves: &[Felt]) -> State {
    let mut state = [0; 25];
    for (lane, halves) in state.iter_mut().zip(halves.chunks_exact(2)) {
        *lane = halves[0].to_canonical_u64() | halves[1].to_canonical_u64() << 32;
    }
    state
}
