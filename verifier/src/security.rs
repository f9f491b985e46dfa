//! Bits of security of one plonky2 or STARK layer.

use plonky2::fri::FriConfig;
use plonky2::plonk::circuit_data::{CircuitConfig, CommonCircuitData};

use crate::config::{D, F};

/// log2 of the base field's order.
const FIELD_BITS: f64 = 64.0;

/// Estimates for one layer, in bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecurityBits {
    /// FRI, conjectured up to capacity: `queries * rate + pow`. Known to be optimistic; printed for comparison only.
    pub capacity: f64,
    /// FRI, by the random-words estimate: `-queries * log2(rho + eta) + pow` with `eta = rho * log2(e / rho) / 128`.
    pub random_words: f64,
    /// FRI, proven (unique decoding): `-queries * log2(1 - (1 - rho) / 2) + pow`.
    pub proven: f64,
    /// The permutation argument and the combination of constraints, over base-field challenges.
    pub permutation: f64,
    /// Combining all opened polynomials with powers of one challenge, proven (unique decoding): [`batching_bits`]. No
    /// attack that comes near this bound is known.
    pub batching: f64,
}

impl SecurityBits {
    /// What the layer is credited with: the weakest part, FRI by the random-words estimate.
    pub fn credited(&self) -> u32 {
        let least = self.random_words.min(self.permutation).min(self.batching);
        // Between 0 and a few hundred, so the cast is exact.
        least.max(0.0) as u32
    }
}

/// FRI's bits `(capacity, random words, proven)`.
pub fn fri_bits(config: &FriConfig) -> (f64, f64, f64) {
    let queries = config.num_query_rounds as f64;
    let grinding = f64::from(config.proof_of_work_bits);
    let rho = (-(config.rate_bits as f64)).exp2();
    let eta = rho * (core::f64::consts::E / rho).log2() / 128.0;
    (
        queries * config.rate_bits as f64 + grinding,
        -queries * (rho + eta).log2() + grinding,
        -queries * (1.0 - (1.0 - rho) / 2.0).log2() + grinding,
    )
}

/// The permutation argument's bits: each of the challenges is cheated with probability
/// `routed wires * rows / |F|`.
pub fn permutation_bits(config: &CircuitConfig, degree_bits: usize) -> f64 {
    let factors = (config.num_routed_wires as f64).log2() + degree_bits as f64;
    config.num_challenges as f64 * (FIELD_BITS - factors)
}

/// The bits of combining the `polynomials` opened values of a circuit with powers of one challenge of F_p^2:
/// `polynomials * domain / |F_p^2|` is the probability that this errs.
pub fn batching_bits(config: &CircuitConfig, polynomials: usize, degree_bits: usize) -> f64 {
    let domain_bits = (degree_bits + config.fri_config.rate_bits) as f64;
    D as f64 * FIELD_BITS - (polynomials as f64).log2() - domain_bits
}

/// How many values a proof of the circuit opens: constants, sigmas, wires, running products (at two points) and their parts,
/// quotients.
fn opened(common: &CommonCircuitData<F, D>) -> usize {
    let config = &common.config;
    let of_a_challenge = 2 + common.num_partial_products + common.quotient_degree_factor;
    common.num_constants
        + config.num_routed_wires
        + config.num_wires
        + config.num_challenges * of_a_challenge
}

/// The bits of a circuit.
pub fn circuit_bits(common: &CommonCircuitData<F, D>) -> SecurityBits {
    let (capacity, random_words, proven) = fri_bits(&common.config.fri_config);
    SecurityBits {
        capacity,
        random_words,
        proven,
        permutation: permutation_bits(&common.config, common.degree_bits()),
        batching: batching_bits(&common.config, opened(common), common.degree_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::circuit_config;

    #[test]
    fn the_configuration_reaches_100_bits() {
        let config = circuit_config();
        let (capacity, random_words, proven) = fri_bits(&config.fri_config);
        assert_eq!(capacity, 103.0);
        assert!((101.0..102.0).contains(&random_words), "{random_words}");
        assert!(proven > 39.0 && proven < random_words, "{proven}");
        assert!(permutation_bits(&config, 17) > 100.0);
        // A final circuit has 2^13 rows and opens about 280 values.
        assert!(batching_bits(&config, 280, 13) > 100.0);
        // One query or one challenge less would not do.
        let mut fewer = config.clone();
        fewer.fri_config.num_query_rounds -= 1;
        assert!(fri_bits(&fewer.fri_config).1 < 100.0);
        fewer.num_challenges = 2;
        assert!(permutation_bits(&fewer, 13) < 100.0);
    }
}
