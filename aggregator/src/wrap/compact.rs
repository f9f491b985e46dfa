//! The circuits between the root and the wrap.

use braid_prover::recursion::{Builder, Built, Circuit, Common, Key};
use braid_verifier::STATEMENT_VERSION;
use braid_verifier::config::{C, D, F};
use braid_verifier::wrap::{bound_limbs, constant_limbs};
use plonky2::field::types::Field;
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use plonky2::util::serialization::DefaultGateSerializer;

use super::parameters::{first_config, second_config};
use crate::common::placeholder_key;

/// What a [`CompactCircuit`] verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// The root circuit, which exposes all 88 limbs of the statement.
    Root,
    /// Another compact circuit, which exposes those that are not constant.
    Compact,
}

/// Verifies one proof under a constant key and exposes the statement's limbs that are not constant; the others must have
/// their values. Its proofs are cheaper to verify in circuit: the code rate is lower, so fewer queries do.
#[derive(Clone, Debug)]
pub struct CompactCircuit {
    /// What is verified.
    pub below: Below,
    /// The key of the circuit below.
    pub inner_key: Key,
    /// The form of the proof below.
    pub inner_common: Common,
    /// This circuit's parameters.
    pub config: CircuitConfig,
}

/// Inputs of [`CompactCircuit`].
pub struct CompactInputs {
    pub(crate) proof: ProofWithPublicInputsTarget<D>,
}

impl CompactCircuit {
    /// The circuit over proofs of another one.
    pub fn new(below: Below, inner_key: Key, inner_common: Common) -> Self {
        Self {
            below,
            inner_key,
            inner_common,
            config: match below {
                Below::Root => first_config(),
                Below::Compact => second_config(),
            },
        }
    }
}

/// The forms of the circuits between the root and the wrap, by name, in order: without the cost of building them. They do not depend on the
/// keys.
pub fn compact_forms(root: &Common) -> Vec<(String, Common)> {
    let mut forms: Vec<(String, Common)> = Vec::new();
    for below in [Below::Root, Below::Compact] {
        let inner = forms.last().map_or(root, |(_, common)| common).clone();
        let circuit = CompactCircuit::new(below, placeholder_key(0), inner);
        forms.push((circuit.name(), Built::common_of(&circuit)));
    }
    forms
}

impl Circuit for CompactCircuit {
    type Inputs = CompactInputs;

    fn name(&self) -> String {
        match self.below {
            Below::Root => "compact-root",
            Below::Compact => "compact",
        }
        .to_owned()
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let common = self.inner_common.to_bytes(&DefaultGateSerializer);
        vec![
            self.inner_key.to_bytes().unwrap_or_default(),
            common.unwrap_or_default(),
        ]
    }

    fn config(&self) -> CircuitConfig {
        self.config.clone()
    }

    fn inputs(&self, builder: &mut Builder) -> CompactInputs {
        CompactInputs {
            proof: builder.add_virtual_proof_with_pis(&self.inner_common),
        }
    }

    fn constrain(&self, builder: &mut Builder, inputs: &CompactInputs) {
        let key = builder.constant_verifier_data(&self.inner_key);
        builder.verify_proof::<C>(&inputs.proof, &key, &self.inner_common);
        let limbs = &inputs.proof.public_inputs;
        match self.below {
            Below::Compact => builder.register_public_inputs(limbs),
            Below::Root => {
                for (limb, value) in constant_limbs(STATEMENT_VERSION) {
                    let value = builder.constant(F::from_canonical_u32(value));
                    builder.connect(limbs[limb], value);
                }
                for limb in bound_limbs() {
                    builder.register_public_input(limbs[limb]);
                }
            }
        }
    }
}
