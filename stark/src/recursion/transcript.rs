//! The transcript in a circuit.

use plonky2::hash::hash_types::MerkleCapTarget;
use plonky2::iop::challenger::RecursiveChallenger;
use plonky2::iop::target::Target;

use super::{Builder, ChallengeTarget};
use crate::field::{CHALLENGE_DEGREE, Felt};
use crate::proof::Hasher;
use crate::transcript::Transcript;

/// plonky2's in-circuit sponge together with the circuit that it adds gates to.
pub(super) struct CircuitTranscript<'a> {
    pub(super) builder: &'a mut Builder,
    pub(super) challenger: RecursiveChallenger<Felt, Hasher, CHALLENGE_DEGREE>,
}

impl Transcript for CircuitTranscript<'_> {
    type Element = Target;
    type Challenge = ChallengeTarget;
    type Cap = MerkleCapTarget;

    fn observe(&mut self, elements: &[Target]) {
        self.challenger.observe_elements(elements);
    }
    fn observe_cap(&mut self, cap: &MerkleCapTarget) {
        self.challenger.observe_cap(cap);
    }
    fn observe_challenges(&mut self, challenges: &[ChallengeTarget]) {
        self.challenger.observe_extension_elements(challenges);
    }
    fn draw(&mut self) -> ChallengeTarget {
        self.challenger.get_extension_challenge(self.builder)
    }
}
