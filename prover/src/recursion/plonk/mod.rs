//! Proofs of plonky2's circuits, made faster than plonky2 makes them.
//!
//! The protocol is plonky2's, message by message, and plonky2 verifies the proofs. What differs is how they are computed: Merkle
//! trees and the permutation argument with as many elements at a time as vectors have lanes ([`braid_stark::prove`]), the witness in
//! parallel. Circuits with lookup tables or blinding are none of ours and are refused.

mod openings;
mod permutation;
mod quotient;
mod selectors;
#[cfg(test)]
mod tests;

use anyhow::ensure;
use braid_stark::prove::{Committed, commit_to_columns, commit_to_polynomials, open_commitments};
use braid_verifier::config::{C, D, F};
use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::challenger::Challenger;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::wire::Wire;
use plonky2::iop::witness::{PartialWitness, PartitionWitness, Witness};
use plonky2::plonk::circuit_data::CircuitData;
use plonky2::plonk::config::Hasher;
use plonky2::plonk::proof::{OpeningSet, Proof as CircuitProof};
use rayon::prelude::*;

use super::{Common, Proof};

type Challenge = <F as Extendable<D>>::Extension;
type Transcript = Challenger<F, PoseidonHash>;

/// The verifier's challenges for the permutation argument: as many of each as the circuit has.
struct PermutationChallenges {
    /// Coefficients of a wire's place.
    betas: Vec<F>,
    /// What is added to each wire.
    gammas: Vec<F>,
}

/// What a proof has committed to, in the order of plonky2's oracles.
struct Oracles<'a> {
    constants_sigmas: &'a Committed,
    wires: Committed,
    products: Committed,
}

/// Proves that the circuit has a witness with these inputs.
///
/// As with plonky2's prover, not all constraints are looked at: the proof of a witness that breaks one is made, and does not verify.
///
/// # Errors
/// If generators contradict each other or leave inputs open.
pub fn prove(data: &CircuitData<F, C, D>, inputs: PartialWitness<F>) -> anyhow::Result<Proof> {
    let witness = generate_partial_witness(inputs, &data.prover_only, &data.common)?;
    prove_witness(data, witness)
}

/// Proves that a witness is one of the circuit; if it is none, the proof does not verify.
fn prove_witness(
    data: &CircuitData<F, C, D>,
    witness: PartitionWitness<'_, F>,
) -> anyhow::Result<Proof> {
    let (keys, common) = (&data.prover_only, &data.common);
    let config = &common.config;
    ensure!(common.luts.is_empty(), "the circuit has lookup tables");
    ensure!(!config.zero_knowledge, "the circuit hides its witness");
    let fri = &config.fri_config;

    let public_inputs = witness.get_targets(&keys.public_inputs);
    let public_inputs_hash = PoseidonHash::hash_no_pad(&public_inputs);
    let columns = columns(&witness, common);
    drop(witness);

    let mut transcript = Transcript::new();
    common.fri_params.observe(&mut transcript);
    transcript.observe_hash::<PoseidonHash>(keys.circuit_digest);
    transcript.observe_hash::<PoseidonHash>(public_inputs_hash);
    let commit = |columns| commit_to_columns(columns, fri.rate_bits, fri.cap_height);

    let challenges;
    let (wires, products) = {
        let routed = columns[..config.num_routed_wires].to_vec();
        let wires = commit(columns);
        transcript.observe_cap::<PoseidonHash>(&wires.merkle_tree.cap);
        challenges = PermutationChallenges {
            betas: transcript.get_n_challenges(config.num_challenges),
            gammas: transcript.get_n_challenges(config.num_challenges),
        };
        let products = permutation::products(&routed, &challenges, data);
        (wires, commit(products))
    };
    transcript.observe_cap::<PoseidonHash>(&products.merkle_tree.cap);
    let oracles = Oracles {
        constants_sigmas: &keys.constants_sigmas_commitment,
        wires,
        products,
    };

    let alphas = transcript.get_n_challenges(config.num_challenges);
    let parts = quotient::parts(common, &oracles, &public_inputs_hash, &challenges, &alphas)?;
    let quotients = commit_to_polynomials(parts, fri.rate_bits, fri.cap_height);
    transcript.observe_cap::<PoseidonHash>(&quotients.merkle_tree.cap);
    open(common, oracles, quotients, public_inputs, &mut transcript)
}

/// Opens all polynomials at a point of the verifier's choice, and those of the permutation argument at the next one too.
fn open(
    common: &Common,
    oracles: Oracles<'_>,
    quotients: Committed,
    public_inputs: Vec<F>,
    transcript: &mut Transcript,
) -> anyhow::Result<Proof> {
    let point: Challenge = transcript.get_extension_challenge::<D>();
    let generator = Challenge::primitive_root_of_unity(common.degree_bits());
    ensure!(
        point.exp_power_of_2(common.degree_bits()) != Challenge::ONE,
        "the opening point is one of the rows"
    );
    let Oracles {
        constants_sigmas,
        wires,
        products,
    } = oracles;
    let openings = OpeningSet::new(
        point,
        generator,
        constants_sigmas,
        &wires,
        &products,
        &quotients,
        common,
    );
    transcript.observe_openings(&openings::values(&openings));
    let opening_proof = open_commitments(
        &openings::instance(common, point, generator),
        &[constants_sigmas, &wires, &products, &quotients],
        transcript,
        &common.fri_params,
    );
    Ok(Proof {
        proof: CircuitProof {
            wires_cap: wires.merkle_tree.cap,
            plonk_zs_partial_products_cap: products.merkle_tree.cap,
            quotient_polys_cap: quotients.merkle_tree.cap,
            openings,
            opening_proof,
        },
        public_inputs,
    })
}

/// The values of every wire, from the first row. A wire that no generator sets is zero.
fn columns(witness: &PartitionWitness<'_, F>, common: &Common) -> Vec<Vec<F>> {
    let wire = |row, column| {
        let target = Target::Wire(Wire { row, column });
        witness.try_get_target(target).unwrap_or(F::ZERO)
    };
    (0..common.config.num_wires)
        .into_par_iter()
        .map(|column| (0..common.degree()).map(|row| wire(row, column)).collect())
        .collect()
}
