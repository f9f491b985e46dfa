//! The plonky2 configuration that every recursion circuit uses.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::fri::FriConfig;
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::PoseidonGoldilocksConfig;

/// The base field.
pub type F = GoldilocksField;
/// Hashes: Poseidon throughout, so that proofs can be verified in circuit.
pub type C = PoseidonGoldilocksConfig;
/// Degree of the extension that openings and FRI challenges live in.
pub const D: usize = 2;

/// plonky2's standard recursion configuration, raised to 100 conjectured bits ([`crate::security`]; 40 are proven):
/// 29 queries instead of 28, and three challenges for the permutation argument, whose challenges are base-field elements.
pub fn circuit_config() -> CircuitConfig {
    let standard = CircuitConfig::standard_recursion_config();
    CircuitConfig {
        num_challenges: 3,
        fri_config: FriConfig {
            num_query_rounds: 29,
            ..standard.fri_config
        },
        ..standard
    }
}
