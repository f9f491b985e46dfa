//! What the pinned keys' proofs are worth, and the bits of one plonky2 circuit, round by round.
//!
//! What "proven" and "conjectured" mean stands in [`braid_security`]. A verifier holds a key, which is that of the last circuit only. What a proof
//! is worth depends on all layers below as well; of the pinned keys these are known, and their figures stand here. A test of the
//! `braid` crate computes them anew from all layers.

use std::borrow::Cow;
use std::fmt;

use braid_security::{Layer, Level, Queries, Round, combined, error_bits, folds};
use plonky2::fri::FriConfig;
use plonky2::plonk::circuit_data::{CircuitConfig, CommonCircuitData};
use serde::Serialize;

use crate::config::{D, F};

/// log2 of the base field's order.
const FIELD_BITS: f64 = 64.0;

/// log2 of the order of the extension that openings and FRI's challenges are in.
const EXTENSION_BITS: f64 = D as f64 * FIELD_BITS;

/// Collisions of digests of 256 bits, of Poseidon and Keccak-256 alike.
const HASH_BITS: f64 = 128.0;

/// What final proofs under the pinned key are worth.
pub const PINNED: Level = Level {
    proven_bits: 40,
    least_proven: Cow::Borrowed("STARK of shape tiny"),
    conjectured_bits: 98,
    least_conjectured: Cow::Borrowed("STARK of shape standard-steps"),
};

/// What wrapped proofs under the pinned wrap key are worth.
pub const PINNED_WRAP: Level = Level {
    proven_bits: 31,
    least_proven: Cow::Borrowed("compact circuit"),
    conjectured_bits: 98,
    least_conjectured: Cow::Borrowed("STARK of shape standard-steps"),
};

/// How much of a proof a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covers {
    /// All layers.
    WholeProof,
    /// The last circuit alone: the key is not a pinned one, so nothing is known of the layers below. The whole proof is worth no more.
    LastCircuit,
}

/// What a proof under some key is worth: the least of its layers' bits, rounded down. The one form in which programs and people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofSecurity {
    /// Bits that are proven.
    pub proven_bits: u32,
    /// Bits by the conjectures that [`braid_security`] names.
    pub conjectured_bits: u32,
    /// The layer with the fewest conjectured bits.
    pub weakest_layer: Cow<'static, str>,
    /// The layer with the fewest proven bits.
    pub weakest_layer_proven: Cow<'static, str>,
    /// What the figures are about.
    pub covers: Covers,
}

impl ProofSecurity {
    /// The figures of all layers together.
    pub fn whole(level: Level) -> Self {
        Self::new(level, Covers::WholeProof)
    }

    /// The figures of the last circuit where no more is known.
    pub(crate) fn last_circuit(layer: &Layer) -> Self {
        let name: Cow<'static, str> = Cow::Owned(layer.name.clone());
        let level = Level {
            proven_bits: braid_security::whole(layer.proven()),
            least_proven: name.clone(),
            conjectured_bits: braid_security::whole(layer.conjectured()),
            least_conjectured: name,
        };
        Self::new(level, Covers::LastCircuit)
    }

    fn new(level: Level, covers: Covers) -> Self {
        Self {
            proven_bits: level.proven_bits,
            conjectured_bits: level.conjectured_bits,
            weakest_layer: level.least_conjectured,
            weakest_layer_proven: level.least_proven,
            covers,
        }
    }
}

impl fmt::Display for ProofSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            proven_bits: proven,
            conjectured_bits: conjectured,
            weakest_layer,
            weakest_layer_proven,
            covers,
        } = self;
        match covers {
            Covers::WholeProof => write!(
                f,
                "{proven} bits proven (weakest layer: {weakest_layer_proven}), \
                 {conjectured} bits conjectured (weakest layer: {weakest_layer})"
            ),
            Covers::LastCircuit => write!(
                f,
                "at most {proven} bits proven, {conjectured} bits conjectured: those of the {weakest_layer} alone, \
                 since the key is not the one built in and the layers below it are unknown"
            ),
        }
    }
}

/// The queries of plonky2's low-degree test.
pub fn queries(config: &FriConfig) -> Queries {
    Queries {
        rate_bits: config.rate_bits,
        count: config.num_query_rounds,
        work_bits: config.proof_of_work_bits,
    }
}

/// The permutation argument's bits: for each of its challenges, which are elements of the base field, it errs with probability
/// `routed wires * rows / |F_p|`.
pub fn permutation_bits(config: &CircuitConfig, degree_bits: usize) -> f64 {
    let factors = combined([(config.num_routed_wires, degree_bits)]);
    config.num_challenges as f64 * error_bits(FIELD_BITS, factors)
}

/// The bits of combining the `polynomials` opened values of a circuit with powers of one challenge of F_p^2.
pub fn batching_bits(config: &CircuitConfig, polynomials: usize, degree_bits: usize) -> f64 {
    let domain_bits = degree_bits + config.fri_config.rate_bits;
    error_bits(EXTENSION_BITS, combined([(polynomials, domain_bits)]))
}

/// How many values a proof of the circuit opens: constants, sigmas, wires, running products (at two points) and their parts,
/// quotients.
pub(crate) fn opened(common: &CommonCircuitData<F, D>) -> usize {
    let config = &common.config;
    let of_a_challenge = 2 + common.num_partial_products + common.quotient_degree_factor;
    common.num_constants
        + config.num_routed_wires
        + config.num_wires
        + config.num_challenges * of_a_challenge
}

/// The rounds of a circuit, in the order of plonky2's transcript.
pub fn circuit_layer(name: impl Into<String>, common: &CommonCircuitData<F, D>) -> Layer {
    let config = &common.config;
    let degree_bits = common.degree_bits();
    // Of each challenge: the running product's start, its steps, and the gates' constraints, combined with powers of a base-field challenge.
    let steps = config.num_challenges * (2 + common.num_partial_products);
    let constraints = error_bits(FIELD_BITS, (steps + common.num_gate_constraints) as f64);
    // Both sides of the equation have a degree below that of the quotient and the vanishing polynomial together.
    let degree = combined([(common.quotient_degree_factor + 1, degree_bits)]);
    let mut rounds = vec![
        Round::of("permutation", permutation_bits(config, degree_bits)),
        Round::of("constraints", config.num_challenges as f64 * constraints),
        Round::of("point", error_bits(EXTENSION_BITS, degree)),
        Round::of(
            "batching",
            batching_bits(config, opened(common), degree_bits),
        ),
    ];
    rounds.extend(folds(
        EXTENSION_BITS,
        &common.fri_params.reduction_arity_bits,
        common.fri_params.lde_bits(),
    ));
    rounds.push(queries(&config.fri_config).round());
    rounds.push(Round::of("hash", HASH_BITS));
    Layer {
        name: name.into(),
        rounds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::circuit_config;

    #[test]
    fn the_configuration_reaches_100_conjectured_bits() {
        let config = circuit_config();
        let queries = queries(&config.fri_config);
        let random_words = queries.random_words();
        assert!((101.0..102.0).contains(&random_words), "{random_words}");
        let proven = queries.unique_decoding();
        assert!((40.0..41.0).contains(&proven), "{proven}");
        assert!(permutation_bits(&config, 17) > 100.0);
        // A final circuit has 2^13 rows and opens about 280 values.
        assert!(batching_bits(&config, 280, 13) > 100.0);
        // One query or one challenge less would not do.
        let fewer = Queries {
            count: queries.count - 1,
            ..queries
        };
        assert!(fewer.random_words() < 100.0);
        let mut fewer = config.clone();
        fewer.num_challenges = 2;
        assert!(permutation_bits(&fewer, 13) < 100.0);
    }

    #[test]
    fn figures_are_told_in_one_form() {
        let whole = ProofSecurity::whole(PINNED);
        assert_eq!(
            whole.to_string(),
            format!(
                "{} bits proven (weakest layer: {}), {} bits conjectured (weakest layer: {})",
                PINNED.proven_bits,
                PINNED.least_proven,
                PINNED.conjectured_bits,
                PINNED.least_conjectured
            )
        );
        assert_eq!(
            serde_json::to_value(&whole).unwrap(),
            serde_json::json!({
                "provenBits": PINNED.proven_bits,
                "conjecturedBits": PINNED.conjectured_bits,
                "weakestLayer": PINNED.least_conjectured,
                "weakestLayerProven": PINNED.least_proven,
                "covers": "whole-proof",
            })
        );
        let layer = Layer {
            name: "root circuit".to_owned(),
            rounds: vec![Round::of("round", 40.9)],
        };
        let alone = ProofSecurity::last_circuit(&layer);
        assert_eq!((alone.proven_bits, alone.conjectured_bits), (40, 40));
        assert_eq!(alone.covers, Covers::LastCircuit);
        assert!(alone.to_string().contains("root circuit alone"), "{alone}");
    }
}
