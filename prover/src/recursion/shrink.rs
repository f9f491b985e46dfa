//! The shrink circuit: re-proves a chunk proof so that chunks of all shapes look alike.

use braid_circuits::statement::STATEMENT_WIDTH;
use braid_verifier::config::{C, D};
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use plonky2::util::serialization::DefaultGateSerializer;

use super::{Builder, Built, Circuit, Common, Key, Proof, key_elements, key_width};
use crate::error::Error;

/// Verifies one proof of the chunk circuit of one shape, whose key and common data are constants of this circuit.
///
/// Public inputs: the chunk's statement, then the key of the node circuit. The latter is passed along
/// without any claim: the fold only ever compares it with its own, so that chunk proofs and node proofs have one form.
#[derive(Clone, Debug)]
pub struct ShrinkCircuit {
    /// The shape's name.
    pub shape: String,
    /// The chunk circuit's key.
    pub chunk_key: Key,
    /// The chunk circuit's common data. plonky2's digest of a circuit does not cover its gates, so this is fixed too.
    pub chunk_common: Common,
    /// The form that all inputs of the fold have.
    pub fold_common: Common,
}

/// Inputs of [`ShrinkCircuit`].
pub struct ShrinkInputs {
    /// The chunk proof.
    pub chunk: ProofWithPublicInputsTarget<D>,
    /// The node circuit's key.
    pub node_key: Vec<Target>,
}

impl Circuit for ShrinkCircuit {
    type Inputs = ShrinkInputs;

    fn name(&self) -> String {
        format!("shrink-{}", self.shape)
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let common = |common: &Common| common.to_bytes(&DefaultGateSerializer).unwrap_or_default();
        vec![
            self.chunk_key.to_bytes().unwrap_or_default(),
            common(&self.chunk_common),
            common(&self.fold_common),
        ]
    }

    fn inputs(&self, builder: &mut Builder) -> ShrinkInputs {
        ShrinkInputs {
            chunk: builder.add_virtual_proof_with_pis(&self.chunk_common),
            node_key: builder.add_virtual_targets(key_width()),
        }
    }

    fn constrain(&self, builder: &mut Builder, inputs: &ShrinkInputs) {
        assert_eq!(
            self.chunk_common.num_public_inputs, STATEMENT_WIDTH,
            "a chunk circuit exposes a statement"
        );
        let key = builder.constant_verifier_data(&self.chunk_key);
        builder.verify_proof::<C>(&inputs.chunk, &key, &self.chunk_common);
        builder.register_public_inputs(&inputs.chunk.public_inputs);
        builder.register_public_inputs(&inputs.node_key);
    }

    fn goal(&self) -> Option<&Common> {
        Some(&self.fold_common)
    }
}

impl Built<ShrinkCircuit> {
    /// Shrinks a chunk proof for a fold whose node circuit has the key `node_key`.
    ///
    /// # Errors
    /// [`Error::Unprovable`] if it is no proof of the shape's chunk circuit.
    pub fn shrink(&self, chunk: &Proof, node_key: &Key) -> Result<Proof, Error> {
        self.prove(|inputs, witness: &mut PartialWitness<_>| {
            witness.set_proof_with_pis_target(&inputs.chunk, chunk)?;
            witness.set_target_arr(&inputs.node_key, &key_elements(node_key))
        })
    }
}
