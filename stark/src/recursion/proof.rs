//! A proof in a circuit.

use plonky2::fri::proof::FriProofTarget;
use plonky2::fri::witness_util::set_fri_proof_target;
use plonky2::hash::hash_types::MerkleCapTarget;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};

use super::{Builder, ChallengeTarget};
use crate::field::{CHALLENGE_DEGREE, Felt};
use crate::layout::{ORACLES, TableOpenings};
use crate::proof::Proof;
use crate::protocol::Protocol;

/// [`Proof`] as targets.
#[derive(Clone, Debug)]
pub struct ProofTarget {
    /// [`Proof::main_cap`].
    pub main_cap: MerkleCapTarget,
    /// [`Proof::auxiliary_cap`].
    pub auxiliary_cap: MerkleCapTarget,
    /// [`Proof::bus_sums`].
    pub bus_sums: Vec<ChallengeTarget>,
    /// [`Proof::quotient_cap`].
    pub quotient_cap: MerkleCapTarget,
    /// [`Proof::openings`].
    pub openings: Vec<TableOpenings<ChallengeTarget>>,
    /// [`Proof::fri`].
    pub fri: FriProofTarget<CHALLENGE_DEGREE>,
}

impl ProofTarget {
    /// Allocates virtual targets, nothing else, in an order that depends on `protocol` only.
    pub fn new(builder: &mut Builder, protocol: &Protocol) -> Self {
        let layout = &protocol.layout;
        let cap_height = protocol.fri_params.config.cap_height;
        let leaves: Vec<usize> = (0..ORACLES)
            .map(|oracle| layout.leaf_length(oracle))
            .collect();
        Self {
            main_cap: builder.add_virtual_cap(cap_height),
            auxiliary_cap: builder.add_virtual_cap(cap_height),
            bus_sums: builder.add_virtual_extension_targets(layout.bus_sums),
            quotient_cap: builder.add_virtual_cap(cap_height),
            openings: layout
                .tables
                .iter()
                .map(|table| TableOpenings::make(table, || builder.add_virtual_extension_target()))
                .collect(),
            fri: builder.add_virtual_fri_proof(&leaves, &protocol.fri_params),
        }
    }

    /// Fills the targets in. Lengths must be the shape's, as in a proof that [`crate::verify()`] accepts.
    ///
    /// # Errors
    /// When lengths differ, or a target has another value already.
    pub fn set(&self, witness: &mut PartialWitness<Felt>, proof: &Proof) -> anyhow::Result<()> {
        witness.set_cap_target(&self.main_cap, &proof.main_cap)?;
        witness.set_cap_target(&self.auxiliary_cap, &proof.auxiliary_cap)?;
        witness.set_cap_target(&self.quotient_cap, &proof.quotient_cap)?;
        set_challenges(witness, &self.bus_sums, &proof.bus_sums)?;
        same_length(self.openings.len(), proof.openings.len())?;
        for (targets, values) in self.openings.iter().zip(&proof.openings) {
            for (targets, values) in [
                (&targets.fixed, &values.fixed),
                (&targets.main, &values.main),
                (&targets.auxiliary, &values.auxiliary),
                (&targets.quotient, &values.quotient),
                (&targets.main_next, &values.main_next),
                (&targets.phi_next, &values.phi_next),
            ] {
                set_challenges(witness, targets, values)?;
            }
        }
        set_fri_proof_target(witness, &self.fri, &proof.fri)
    }
}

fn same_length(expected: usize, got: usize) -> anyhow::Result<()> {
    anyhow::ensure!(
        expected == got,
        "number of values: expected {expected}, got {got}"
    );
    Ok(())
}

fn set_challenges(
    witness: &mut PartialWitness<Felt>,
    targets: &[ChallengeTarget],
    values: &[crate::field::Challenge],
) -> anyhow::Result<()> {
    same_length(targets.len(), values.len())?;
    witness.set_extension_targets(targets, values)
}
