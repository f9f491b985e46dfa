//! The one form of all proofs in the fold.

use braid_prover::recursion::{Builder, Built, Common, Key, key_width};
use braid_verifier::config::{C, F, circuit_config};
use plonky2::field::types::Field;
use plonky2::gates::noop::NoopGate;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;

use crate::error::Error;
use crate::node::NodeCircuit;
use crate::statement::fold_width;

/// The search settles in two or three rounds; more mean that it does not settle.
const MOST_ROUNDS: usize = 8;

/// The common data of a node circuit that verifies two proofs of just this common data, for `shapes` allowed keys. It
/// does not depend on the keys themselves.
///
/// # Errors
/// [`Error::Malformed`] if there is none, which is a fault of the configuration.
pub fn fold_common(shapes: usize) -> Result<Common, Error> {
    let mut common = seed();
    for _ in 0..MOST_ROUNDS {
        let node = NodeCircuit {
            allowed: (0..shapes).map(placeholder_key).collect(),
            fold_common: common.clone(),
        };
        let next = Built::common_of(&node);
        if next == common {
            return Ok(common);
        }
        common = next;
    }
    Err(Error::Malformed(
        "the fold's form does not settle".to_owned(),
    ))
}

/// Any circuit with the right number of public inputs, to start from.
fn seed() -> Common {
    let mut builder = Builder::new(circuit_config());
    for _ in 0..fold_width() {
        builder.add_virtual_public_input();
    }
    while builder.num_gates() < 1 << 11 {
        builder.add_gate(NoopGate, vec![]);
    }
    builder.mock_build::<C>().common
}

/// A key that costs as many constants as a real one: all its elements differ.
pub(crate) fn placeholder_key(shape: usize) -> Key {
    let width = key_width();
    let hash = |position: usize| HashOut {
        elements: core::array::from_fn(|i| {
            F::from_canonical_usize(1_000_000 + shape * width + 4 * position + i)
        }),
    };
    Key {
        circuit_digest: hash(0),
        constants_sigmas_cap: MerkleCap((1..width / 4).map(hash).collect()),
    }
}
