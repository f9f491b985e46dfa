//! Proofs and keys.

use plonky2::fri::proof::FriProof;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::plonk::config::PoseidonGoldilocksConfig;
use serde::{Deserialize, Serialize};

use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::layout::TableOpenings;

/// The hasher of Merkle trees and of the transcript.
pub type Hasher = PoseidonHash;

/// plonky2's bundle of field and hasher.
pub type Config = PoseidonGoldilocksConfig;

/// A Merkle tree's cap.
pub type Cap = MerkleCap<Felt, Hasher>;

/// Four field elements.
pub type Digest = HashOut<Felt>;

/// The low-degree test's part of a proof.
pub type LowDegreeProof = FriProof<Felt, Hasher, CHALLENGE_DEGREE>;

/// That traces of all tables exist that satisfy all constraints, and whose messages balance with those of the public values.
///
/// Its size follows from the shape; [`crate::verify()`] rejects every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Commits to the main columns.
    pub main_cap: Cap,
    /// Commits to the bus's helper columns and running sums.
    pub auxiliary_cap: Cap,
    /// What each table that speaks puts on the bus in sum, in the system's order.
    pub bus_sums: Vec<Challenge>,
    /// Commits to the quotients.
    pub quotient_cap: Cap,
    /// The values of all columns at `zeta`, and of some at the next row's point, per table.
    pub openings: Vec<TableOpenings<Challenge>>,
    /// That the commitments have those values.
    pub fri: LowDegreeProof,
}

/// What a verifier must know of a system and shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// [`crate::protocol::digest`] of the system and shape.
    pub digest: Digest,
    /// Commits to the fixed columns.
    pub fixed_cap: Cap,
}
