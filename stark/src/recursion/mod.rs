//! The verifier as a plonky2 circuit.
//!
//! It computes what [`crate::verify()`] computes, from the same definitions: the transcript's rounds are those of
//! [`crate::transcript::Transcript`], each table's equation is the graph of [`crate::evaluate::defect`], the layout is
//! [`crate::layout::Layout`]. Digest of the shape and cap of the fixed columns are constants of the circuit, and all lengths
//! come from the shape.

mod graph;
mod proof;
mod transcript;
mod verify;

pub use proof::ProofTarget;
pub use verify::verify_in_circuit;

use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::plonk::circuit_builder::CircuitBuilder;

use crate::field::{CHALLENGE_DEGREE, Felt};

/// plonky2's circuit builder over our field.
pub type Builder = CircuitBuilder<Felt, CHALLENGE_DEGREE>;

/// An element of F_p^2 in a circuit.
pub type ChallengeTarget = ExtensionTarget<CHALLENGE_DEGREE>;
