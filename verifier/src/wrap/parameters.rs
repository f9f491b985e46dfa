//! The wrap circuit's parameters. Why they are these: `docs/on-chain.md`.

use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::plonk::circuit_data::CircuitConfig;

use super::gates::poseidon::POSEIDON_WIRES;
use crate::config::circuit_config;

/// log2 of the wrap circuit's rows.
pub const WRAP_DEGREE_BITS: usize = 12;

/// plonky2's parameters of the wrap circuit: as few columns as fit 2^12 rows, and a rate so low that ten queries do.
pub fn wrap_config() -> CircuitConfig {
    CircuitConfig {
        // The last one is the statement's.
        num_wires: POSEIDON_WIRES + 1,
        num_routed_wires: 40,
        num_constants: 3,
        fri_config: FriConfig {
            rate_bits: 8,
            cap_height: 4,
            proof_of_work_bits: 22,
            reduction_strategy: FriReductionStrategy::Fixed(vec![4]),
            num_query_rounds: 10,
        },
        ..circuit_config()
    }
}
