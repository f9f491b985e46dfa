//! The native verifier.
//!
//! Everything that it uses of a proof is first compared in length with what the shape demands; heights, numbers of queries and
//! folding steps come from the shape. No proof makes it panic.

use plonky2::batch_fri::verifier::verify_batch_fri_proof;
use plonky2::field::types::Field;

use crate::error::Error;
use crate::evaluate::{PointInputs, defect, selectors_at};
use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::layout::ORACLES;
use crate::proof::{Cap, Config, Proof, VerifyingKey};
use crate::protocol::{Protocol, basis};
use crate::shape::Shape;
use crate::system::System;
use crate::transcript::{Challenges, Transcript, native};

/// Why a proof is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The verifying key belongs to another system or shape.
    #[error("the verifying key is for another system or shape")]
    Key,
    /// Something has the wrong length.
    #[error("number of {what}: expected {expected}, got {got}")]
    Length {
        /// What is counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A challenge took one of the few values with which nothing can be checked (probability about 2^-64, or far less).
    #[error("the {0} challenge is degenerate")]
    Challenge(&'static str),
    /// Messages are not received as often as they are sent.
    #[error("the bus does not balance")]
    Bus,
    /// The constraints of a table do not hold.
    #[error("the constraints of table {table} do not hold")]
    Constraints {
        /// The table's name.
        table: &'static str,
    },
    /// The opened values are not those of the committed polynomials.
    #[error("the low-degree test fails: {0}")]
    LowDegree(String),
}

/// Verifies `proof` for `system` at `shape` with the public values `public`.
///
/// Works `shape` out first, which takes some milliseconds; see [`verify_prepared`] to verify many proofs.
///
/// # Errors
/// When the proof is wrong, or key, shape and system do not fit each other.
pub fn verify(
    system: &System,
    key: &VerifyingKey,
    shape: &Shape,
    proof: &Proof,
    public: &[Felt],
) -> Result<(), Error> {
    let protocol = Protocol::new(system, shape)?;
    Ok(verify_prepared(system, &protocol, key, proof, public)?)
}

/// [`verify`] with the shape worked out. `protocol` must be of this `system`.
///
/// # Errors
/// When the proof is wrong, or the key is another shape's.
pub fn verify_prepared(
    system: &System,
    protocol: &Protocol,
    key: &VerifyingKey,
    proof: &Proof,
    public: &[Felt],
) -> Result<(), VerifyError> {
    if key.digest != protocol.digest {
        return Err(VerifyError::Key);
    }
    length("tables", protocol.layout.tables.len(), system.tables.len())?;
    check_lengths(protocol, key, proof, public)?;

    let mut challenger = native();
    challenger.start(&protocol.statement(), &key.fixed_cap, public);
    let (beta, gamma) = challenger.main(&proof.main_cap);
    let alpha = challenger.auxiliary(&proof.auxiliary_cap, &proof.bus_sums);
    let zeta = challenger.quotient(&proof.quotient_cap);
    challenger.openings(&protocol.layout, &proof.openings);
    let challenges = Challenges {
        beta,
        gamma,
        alpha,
        zeta,
    };
    check_point(zeta)?;
    check_bus(system, protocol, proof, public, &challenges)?;
    check_constraints(system, protocol, proof, &challenges)?;

    let fri_challenges = challenger.fri_challenges::<Config, CHALLENGE_DEGREE>(
        &proof.fri.commit_phase_merkle_caps,
        &proof.fri.final_poly,
        proof.fri.pow_witness,
        protocol.fri_params.degree_bits,
        &protocol.fri_params.config,
        None,
        None,
    );
    let caps = [
        key.fixed_cap.clone(),
        proof.main_cap.clone(),
        proof.auxiliary_cap.clone(),
        proof.quotient_cap.clone(),
    ];
    verify_batch_fri_proof::<Felt, Config, CHALLENGE_DEGREE>(
        &protocol.layout.degree_bits(),
        &protocol.instances(zeta),
        &protocol.fri_openings(&proof.openings),
        &fri_challenges,
        &caps,
        &proof.fri,
        &protocol.fri_params,
    )
    .map_err(|error| VerifyError::LowDegree(error.to_string()))
}

fn length(what: &'static str, expected: usize, got: usize) -> Result<(), VerifyError> {
    if expected == got {
        Ok(())
    } else {
        Err(VerifyError::Length {
            what,
            expected,
            got,
        })
    }
}

/// Compares the length of everything in the proof with the shape's.
fn check_lengths(
    protocol: &Protocol,
    key: &VerifyingKey,
    proof: &Proof,
    public: &[Felt],
) -> Result<(), VerifyError> {
    let layout = &protocol.layout;
    let fri = &protocol.fri_params;
    let arities = &fri.reduction_arity_bits;
    let cap = |cap: &Cap| length("cap hashes", 1 << fri.config.cap_height, cap.0.len());
    length("public values", protocol.public_count, public.len())?;
    cap(&key.fixed_cap)?;
    cap(&proof.main_cap)?;
    cap(&proof.auxiliary_cap)?;
    cap(&proof.quotient_cap)?;
    length("bus sums", layout.bus_sums, proof.bus_sums.len())?;
    length("openings", layout.tables.len(), proof.openings.len())?;
    for (table, openings) in layout.tables.iter().zip(&proof.openings) {
        for (what, expected, values) in openings.lengths(table) {
            length(what, expected, values.len())?;
        }
    }
    let caps = &proof.fri.commit_phase_merkle_caps;
    length("folding caps", arities.len(), caps.len())?;
    caps.iter().try_for_each(cap)?;
    let final_length = 1 << (fri.degree_bits - fri.total_arities());
    length(
        "final coefficients",
        final_length,
        proof.fri.final_poly.coeffs.len(),
    )?;
    let rounds = &proof.fri.query_round_proofs;
    length("queries", fri.config.num_query_rounds, rounds.len())?;
    for round in rounds {
        let trees = &round.initial_trees_proof.evals_proofs;
        length("opened leaves", ORACLES, trees.len())?;
        let mut height = fri.lde_bits() - fri.config.cap_height;
        for (oracle, (leaf, path)) in trees.iter().enumerate() {
            length("leaf elements", layout.leaf_length(oracle), leaf.len())?;
            length("path hashes", height, path.siblings.len())?;
        }
        length("folding steps", arities.len(), round.steps.len())?;
        for (&arity, step) in arities.iter().zip(&round.steps) {
            height -= arity;
            length("folded values", 1 << arity, step.evals.len())?;
            length("path hashes", height, step.merkle_proof.siblings.len())?;
        }
    }
    Ok(())
}

/// All evaluation domains lie in the base field, so a point outside of it never divides by zero: neither in the selectors nor
/// in the low-degree test.
pub(crate) fn check_point(zeta: Challenge) -> Result<(), VerifyError> {
    if zeta.0[1] == Felt::ZERO {
        return Err(VerifyError::Challenge("point"));
    }
    Ok(())
}

/// All bus sums and the public values' messages together are zero.
fn check_bus(
    system: &System,
    protocol: &Protocol,
    proof: &Proof,
    public: &[Felt],
    challenges: &Challenges<Challenge>,
) -> Result<(), VerifyError> {
    let bus = protocol.bus_challenges(challenges.beta, challenges.gamma);
    let public: Vec<Challenge> = public.iter().map(|&value| value.into()).collect();
    let mut sum: Challenge = proof.bus_sums.iter().copied().sum();
    let interactions = system.public.interactions_challenge(&public);
    for position in 0..interactions.len() {
        let (numerator, denominator) = bus.fraction(&interactions, (position, None));
        let inverse = denominator.try_inverse();
        sum += numerator * inverse.ok_or(VerifyError::Challenge("bus"))?;
    }
    if sum == Challenge::ZERO {
        Ok(())
    } else {
        Err(VerifyError::Bus)
    }
}

/// Each table's equation holds at `zeta`.
fn check_constraints(
    system: &System,
    protocol: &Protocol,
    proof: &Proof,
    challenges: &Challenges<Challenge>,
) -> Result<(), VerifyError> {
    let bus = protocol.bus_challenges(challenges.beta, challenges.gamma);
    for (index, table) in system.tables.iter().enumerate() {
        let layout = &protocol.layout.tables[index];
        let log_height = protocol.shape.log_height(index);
        let height = Felt::from_canonical_u64(1 << log_height);
        let zeta_power = challenges.zeta.exp_power_of_2(log_height);
        let bus_sum = layout.bus_sum.map(|sum| proof.bus_sums[sum]);
        let inputs = PointInputs {
            openings: proof.openings[index].clone(),
            selectors: selectors_at(log_height, challenges.zeta, zeta_power),
            basis: basis(),
            alpha: challenges.alpha,
            bus: bus.clone(),
            share: bus_sum.map_or(Challenge::ZERO, |sum| sum * height.inverse().into()),
            zeta_power,
        };
        if defect(table.as_ref(), layout, &protocol.plans[index], &inputs) != Challenge::ZERO {
            let table = table.name();
            return Err(VerifyError::Constraints { table });
        }
    }
    Ok(())
}
