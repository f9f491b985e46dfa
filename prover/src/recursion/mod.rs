//! The circuits between a chunk's STARK and the fold tree.
//!
//! Every circuit of the recursion takes its inputs as virtual targets that are allocated first, in a fixed order
//! ([`Circuit::inputs`]). A circuit that comes from the cache therefore finds its inputs again without being rebuilt.

mod build;
mod chunk;
mod plonk;
mod shrink;

pub use build::{Builder, Built, Circuit, CircuitInfo};
pub use chunk::{ChunkCircuit, ChunkInputs};
pub use shrink::{ShrinkCircuit, ShrinkInputs};

use braid_verifier::config::{C, D, F};
use plonky2::plonk::circuit_data::{
    CommonCircuitData, VerifierCircuitData, VerifierOnlyCircuitData,
};
use plonky2::plonk::proof::ProofWithPublicInputs;

/// A circuit's proof with its public inputs.
pub type Proof = ProofWithPublicInputs<F, C, D>;
/// What distinguishes two circuits with the same [`Common`]: their constants and wiring.
pub type Key = VerifierOnlyCircuitData<C, D>;
/// A circuit's key and common data.
pub type Verifier = VerifierCircuitData<F, C, D>;
/// A circuit's gates, degree and parameters.
pub type Common = CommonCircuitData<F, D>;

/// Field elements of a [`Key`] under the configuration of [`braid_verifier::config`].
pub fn key_width() -> usize {
    4 + 4 * braid_verifier::config::circuit_config()
        .fri_config
        .num_cap_elements()
}

/// A key as field elements: digest, then cap.
pub fn key_elements(key: &Key) -> Vec<F> {
    let cap = key.constants_sigmas_cap.0.iter();
    key.circuit_digest
        .elements
        .into_iter()
        .chain(cap.flat_map(|hash| hash.elements))
        .collect()
}
