//! The node circuit: joins two adjacent proofs.

use braid_circuits::statement::STATEMENT_WIDTH;
use braid_prover::recursion::{
    Builder, Built, Circuit, Common, Key, Proof, key_elements, key_width,
};
use braid_verifier::config::{C, D};
use plonky2::hash::hash_types::{HashOutTarget, MerkleCapTarget};
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::VerifierCircuitTarget;
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use plonky2::util::serialization::DefaultGateSerializer;

use crate::fold::{Folded, Source};
use crate::statement::{fold_width, split};

/// Verifies two proofs and joins their statements.
///
/// Public inputs: the joined statement, then the node circuit's own key, which a circuit cannot know
/// while it is being built. That the carried key is the real one is checked once, by the root circuit; here
/// * both children carry the same key as this proof, and
/// * each child is verified under that carried key (it is a node) or under one of the constants `allowed` (it is a shrunk
///   chunk): the key is a combination of these with boolean flags that sum to one.
///
/// So by induction every proof below a root with the real key is a genuine node or a genuine chunk.
///
/// The statements are joined as `A -> B`, `B -> C` to `A -> C` on one chain, by the same rules. With the flag `single` the left statement
/// stands alone and the right proof, which may be any valid one, counts for nothing: a prover who sets it without need
/// only proves less.
#[derive(Clone, Debug)]
pub struct NodeCircuit {
    /// The keys of the shrink circuits whose proofs are taken.
    pub allowed: Vec<Key>,
    /// The form of both children and of this circuit itself: see [`crate::fold_common`].
    pub fold_common: Common,
}

/// Inputs for one child.
pub struct ChildInputs {
    pub(crate) proof: ProofWithPublicInputsTarget<D>,
    /// One flag for each allowed key, then one for "is a node".
    pub(crate) source: Vec<BoolTarget>,
}

/// Inputs of [`NodeCircuit`].
pub struct NodeInputs {
    pub(crate) children: [ChildInputs; 2],
    pub(crate) single: BoolTarget,
    pub(crate) own_key: Vec<Target>,
}

/// Reads a key from its elements: digest, then cap.
fn key_target(elements: &[Target]) -> VerifierCircuitTarget {
    let hash = |part: &[Target]| HashOutTarget {
        elements: core::array::from_fn(|i| part[i]),
    };
    let (digest, cap) = elements.split_at(4);
    VerifierCircuitTarget {
        circuit_digest: hash(digest),
        constants_sigmas_cap: MerkleCapTarget(cap.chunks_exact(4).map(hash).collect()),
    }
}

impl NodeCircuit {
    /// Constrains a child's flags and returns the key that they choose.
    fn chosen_key(
        &self,
        builder: &mut Builder,
        source: &[BoolTarget],
        own_key: &[Target],
    ) -> VerifierCircuitTarget {
        for flag in source {
            builder.assert_bool(*flag);
        }
        let sum = builder.add_many(source.iter().map(|flag| flag.target));
        builder.assert_one(sum);
        let zero = builder.zero();
        let mut chosen = vec![zero; own_key.len()];
        let constants = self.allowed.iter().map(key_elements);
        let mut candidates: Vec<Vec<Target>> =
            constants.map(|key| builder.constants(&key)).collect();
        candidates.push(own_key.to_vec());
        for (flag, candidate) in source.iter().zip(candidates) {
            for (sum, element) in chosen.iter_mut().zip(candidate) {
                *sum = builder.mul_add(flag.target, element, *sum);
            }
        }
        key_target(&chosen)
    }
}

impl Circuit for NodeCircuit {
    type Inputs = NodeInputs;

    fn name(&self) -> String {
        "node".to_owned()
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let common = self.fold_common.to_bytes(&DefaultGateSerializer);
        let keys = self
            .allowed
            .iter()
            .map(|key| key.to_bytes().unwrap_or_default());
        std::iter::once(common.unwrap_or_default())
            .chain(keys)
            .collect()
    }

    fn inputs(&self, builder: &mut Builder) -> NodeInputs {
        let children = core::array::from_fn(|_| ChildInputs {
            proof: builder.add_virtual_proof_with_pis(&self.fold_common),
            source: (0..=self.allowed.len())
                .map(|_| builder.add_virtual_bool_target_unsafe())
                .collect(),
        });
        NodeInputs {
            children,
            single: builder.add_virtual_bool_target_unsafe(),
            own_key: builder.add_virtual_targets(key_width()),
        }
    }

    fn constrain(&self, builder: &mut Builder, inputs: &NodeInputs) {
        assert_eq!(self.fold_common.num_public_inputs, fold_width());
        for child in &inputs.children {
            let key = self.chosen_key(builder, &child.source, &inputs.own_key);
            builder.verify_proof::<C>(&child.proof, &key, &self.fold_common);
        }
        let [left, right] = &inputs.children;
        let (Some((left, left_key)), Some((right, right_key))) = (
            split(&left.proof.public_inputs),
            split(&right.proof.public_inputs),
        ) else {
            unreachable!("the number of public inputs was compared")
        };
        for carried in [left_key, right_key] {
            for (element, own) in carried.iter().zip(&inputs.own_key) {
                builder.connect(*element, *own);
            }
        }
        builder.assert_bool(inputs.single);
        let joined = builder.not(inputs.single);
        let ends = left.end.as_slice().iter();
        for (end, start) in ends.clone().zip(right.start.as_slice()) {
            builder.conditional_assert_eq(joined.target, *end, *start);
        }
        builder.connect_array(left.chain_id, right.chain_id);
        builder.connect(left.rules, right.rules);
        let before = builder.num_public_inputs();
        builder.register_public_inputs(left.start.as_slice());
        for (left_end, right_end) in ends.zip(right.end.as_slice()) {
            let end = builder.select(inputs.single, *left_end, *right_end);
            builder.register_public_input(end);
        }
        builder.register_public_inputs(&left.chain_id);
        builder.register_public_input(left.rules);
        assert_eq!(builder.num_public_inputs() - before, STATEMENT_WIDTH);
        builder.register_public_inputs(&inputs.own_key);
    }

    fn goal(&self) -> Option<&Common> {
        Some(&self.fold_common)
    }
}

/// Proves a node over `left` and `right`, or over `left` alone.
///
/// # Errors
/// [`braid_prover::Error::Unprovable`] if the two do not fit together.
pub(crate) fn prove_node(
    node: &Built<NodeCircuit>,
    left: &Folded,
    right: Option<&Folded>,
) -> Result<Proof, braid_prover::Error> {
    node.prove(|inputs, witness: &mut PartialWitness<_>| {
        let shapes = node.circuit.allowed.len();
        let children = [left, right.unwrap_or(left)];
        for (child, targets) in children.into_iter().zip(&inputs.children) {
            witness.set_proof_with_pis_target(&targets.proof, &child.proof)?;
            let chosen = match child.source {
                Source::Chunk { shape } => shape,
                Source::Node => shapes,
            };
            for (position, flag) in targets.source.iter().enumerate() {
                witness.set_bool_target(*flag, position == chosen)?;
            }
        }
        witness.set_bool_target(inputs.single, right.is_none())?;
        witness.set_target_arr(&inputs.own_key, &key_elements(node.key()))
    })
}
