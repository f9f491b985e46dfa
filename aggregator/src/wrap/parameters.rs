//! The parameters of the circuits between the root and the wrap. Why they are these: `docs/on-chain.md`.

use braid_verifier::config::circuit_config;
use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::plonk::circuit_data::CircuitConfig;

/// The first layer verifies the root's 29 queries, so it is large; it leaves 14 to the second.
pub fn first_config() -> CircuitConfig {
    CircuitConfig {
        fri_config: FriConfig {
            rate_bits: 6,
            cap_height: 4,
            proof_of_work_bits: 20,
            reduction_strategy: FriReductionStrategy::Fixed(vec![4, 4]),
            num_query_rounds: 14,
        },
        ..circuit_config()
    }
}

/// The second layer leaves ten queries to the wrap. It has few routed wires, since each is a column that the wrap circuit must hash, and
/// too few for plonky2's gate of the Poseidon matrix, which the wrap circuit would have to evaluate.
pub fn second_config() -> CircuitConfig {
    CircuitConfig {
        num_routed_wires: 40,
        fri_config: FriConfig {
            rate_bits: 8,
            cap_height: 4,
            proof_of_work_bits: 22,
            reduction_strategy: FriReductionStrategy::Fixed(vec![4, 4]),
            num_query_rounds: 10,
        },
        ..circuit_config()
    }
}
