//! The wrap circuit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use braid_prover::recursion::{Builder, Common, Key, Proof};
use braid_verifier::PublicValues;
use braid_verifier::config::{C, D, F};
use braid_verifier::wrap::gates::statement::{LIMB, StatementGate};
use braid_verifier::wrap::gates::two_rows::InWrap;
use braid_verifier::wrap::hasher::EvmConfig;
use braid_verifier::wrap::{DIGEST_WORDS, bound_limbs, statement_digest, wrap_config};
use plonky2::field::types::Field;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::plonk::proof::{ProofWithPublicInputs, ProofWithPublicInputsTarget};
use plonky2::plonk::prover::prove_with_partition_witness;
use plonky2::util::timing::TimingTree;

/// Verifies one compact proof under a constant key, and puts the statement where the EVM reads it.
///
/// * The proof's public inputs, which are the statement's limbs that are not constant, stand in the last column, in the
///   first rows.
/// * The public inputs are four elements of the prover's choice. The verifier demands that they are the statement's
///   digest: so every challenge depends on the statement.
#[derive(Clone, Debug)]
pub struct WrapCircuit {
    /// The key of the circuit below.
    pub inner_key: Key,
    /// The form of the proof below.
    pub inner_common: Common,
    /// This circuit's parameters: [`wrap_config`], or others to compare them with.
    pub config: CircuitConfig,
}

/// Inputs of [`WrapCircuit`].
pub struct WrapInputs {
    proof: ProofWithPublicInputsTarget<D>,
    digest: [Target; DIGEST_WORDS],
}

impl WrapCircuit {
    /// The wrap circuit over proofs of this circuit.
    pub fn new(inner_key: Key, inner_common: Common) -> Self {
        Self {
            inner_key,
            inner_common,
            config: wrap_config(),
        }
    }

    /// States the circuit.
    pub fn describe(&self) -> (Builder, WrapInputs) {
        let mut builder = Builder::new(self.config.clone());
        let proof = builder.add_virtual_proof_with_pis(&self.inner_common);
        let digest = builder.add_virtual_public_input_arr();
        // Before all other gates, so that the statement is in the first rows.
        let column = self.statement_column();
        for limb in &proof.public_inputs {
            let row = builder.add_gate(StatementGate { column }, vec![]);
            builder.connect(Target::wire(row, LIMB), *limb);
        }
        let key = builder.constant_verifier_data::<C>(&self.inner_key);
        builder.verify_proof::<InWrap>(&proof, &key, &self.inner_common);
        (builder, WrapInputs { proof, digest })
    }

    fn statement_column(&self) -> usize {
        self.config.num_wires - 1
    }

    /// Builds the circuit.
    pub(crate) fn build(self) -> BuiltWrap {
        let (builder, inputs) = self.describe();
        let gates = builder.num_gates();
        let data = builder.build::<EvmConfig>();
        tracing::info!(
            gates,
            degree_bits = data.common.degree_bits(),
            "wrap circuit is built"
        );
        BuiltWrap {
            column: self.statement_column(),
            inputs,
            data,
        }
    }
}

/// The wrap circuit, ready to prove.
pub(crate) struct BuiltWrap {
    column: usize,
    inputs: WrapInputs,
    pub(crate) data: CircuitData<F, EvmConfig, D>,
}

impl BuiltWrap {
    /// Wraps a proof of the circuit below. Two proofs of the same differ: plonky2 fills unused wires of one row with random
    /// values.
    ///
    /// # Errors
    /// [`braid_prover::Error::Unprovable`] if it does not hold.
    pub(crate) fn prove(
        &self,
        inner: &Proof,
        values: &PublicValues,
    ) -> Result<ProofWithPublicInputs<F, EvmConfig, D>, braid_prover::Error> {
        // plonky2 panics on some witnesses that contradict the circuit.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.attempt(inner, values)));
        let reason = match outcome {
            Ok(Ok(proof)) => return Ok(proof),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the inputs contradict the circuit".to_owned(),
        };
        Err(braid_prover::Error::Unprovable {
            circuit: "wrap".to_owned(),
            reason,
        })
    }

    fn attempt(
        &self,
        inner: &Proof,
        values: &PublicValues,
    ) -> anyhow::Result<ProofWithPublicInputs<F, EvmConfig, D>> {
        let mut inputs = PartialWitness::new();
        inputs.set_proof_with_pis_target(&self.inputs.proof, inner)?;
        inputs.set_target_arr(&self.inputs.digest, &statement_digest(values))?;
        let (prover, common) = (&self.data.prover_only, &self.data.common);
        let mut witness = generate_partial_witness(inputs, prover, common)?;
        // Among the wires that plonky2 fills with random values is one of the statement's column, which the verifier takes to
        // be zero below the statement. No gate reads them and none is routed.
        let wires = common.config.num_wires;
        for row in bound_limbs().count()..common.degree() {
            let position = witness.representative_map.get(row * wires + self.column);
            if let Some(value) = position.and_then(|position| witness.values.get_mut(*position)) {
                *value = Some(F::ZERO);
            }
        }
        prove_with_partition_witness(prover, common, witness, &mut TimingTree::default())
    }
}
