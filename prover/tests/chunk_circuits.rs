//! Sizes of the chunk circuits of all shapes.

use std::sync::Arc;

use braid_circuits::{registry, shapes};
use braid_prover::recursion::{Built, ChunkCircuit};
use braid_stark::{Felt, Protocol, VerifyingKey};
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;

/// The largest circuit that a machine with 16 GiB builds and proves.
const MOST_GATES: usize = 1 << 17;

/// Constants and public inputs take fewer gates than this when a circuit is built.
const GATES_OF_BUILDING: usize = 2_000;

#[test]
fn chunk_circuits_stay_within_2_to_17_rows() {
    for shape in shapes::all(&registry::tables()) {
        let system = Arc::new(registry::system_of_shape(&shape));
        let protocol = Protocol::new(&system, &shape).unwrap();
        // The size does not depend on what the fixed columns are, so nothing is committed to.
        let hash = |i: usize| HashOut {
            elements: core::array::from_fn(|j| Felt::from_canonical_usize(1_000_000 + 4 * i + j)),
        };
        let key = VerifyingKey {
            digest: protocol.digest,
            fixed_cap: MerkleCap((0..1 << shape.fri.cap_height).map(hash).collect()),
        };
        let circuit = ChunkCircuit::new(system.clone(), &shape, key).unwrap();
        let gates = Built::gates_of(&circuit);
        let log_rows = |gates: usize| gates.next_power_of_two().ilog2() as usize;
        // Near a power of two, building alone says how many there are.
        let rows = match (log_rows(gates), log_rows(gates + GATES_OF_BUILDING)) {
            (rows, most) if rows == most => rows,
            _ => Built::common_of(&circuit).degree_bits(),
        };
        println!("{}: {gates} gates, 2^{rows} rows", shape.name);
        assert!(gates < MOST_GATES, "{} has {gates} gates", shape.name);
        assert_eq!(shapes::log_circuit_rows(&shape), rows, "{}", shape.name);
    }
}
