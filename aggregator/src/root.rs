//! The root circuit: the last of the fold, whose key is the one that verifiers pin.

use braid_circuits::statement::CheckpointLimbs;
use braid_prover::recursion::{Builder, Built, Circuit, Common, Key, Proof, key_elements};
use braid_verifier::config::{C, D, F};
use braid_verifier::{Rules, STATEMENT_LIMBS, STATEMENT_VERSION};
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use plonky2::util::serialization::DefaultGateSerializer;

use crate::statement::split;

/// Verifies one node proof under the node circuit's key, a constant, and requires that the proof carries that very key:
/// this closes the induction of [`crate::NodeCircuit`].
///
/// It also requires that the statement starts and ends between blocks (everything about an open block is zero) and
/// spans at least one block, and exposes it in the ABI form of [`braid_verifier::PublicValues`], 88 limbs of 32 bits: each
/// word's eight limbs, most significant first. Limbs taken from checkpoints are range-checked here once more, and the rules
/// are compared with those that there are, so the form does not rest on what the tables check.
#[derive(Clone, Debug)]
pub struct RootCircuit {
    /// The node circuit's key.
    pub node_key: Key,
    /// The form of node proofs.
    pub fold_common: Common,
}

/// Inputs of [`RootCircuit`].
pub struct RootInputs {
    proof: ProofWithPublicInputsTarget<D>,
}

/// A 64-bit number as two limbs of 32 bits, low one first, both range-checked.
type U64Target = [Target; 2];

/// An ABI word: eight limbs of 32 bits, most significant first.
type AbiWord = [Target; 8];

fn number_word(builder: &mut Builder, [low, high]: U64Target) -> AbiWord {
    let zero = builder.zero();
    [zero, zero, zero, zero, zero, zero, high, low]
}

fn hash_word(mut limbs: [Target; 8]) -> AbiWord {
    limbs.reverse();
    limbs
}

/// The canonical big-endian bytes of four field elements, as limbs.
fn root_word(builder: &mut Builder, root: [Target; 4]) -> AbiWord {
    let halves = root.map(|element| canonical_halves(builder, element));
    core::array::from_fn(|i| {
        let (high, low) = halves[i / 2];
        if i % 2 == 0 { high } else { low }
    })
}

/// Splits an element into 32-bit halves `(high, low)` with `high * 2^32 + low` below the field's order.
///
/// Both halves are range-checked to 32 bits, so the only second solution of `element = high * 2^32 + low` is the one that
/// is larger by the order `p = (2^32 - 1) * 2^32 + 1`. It has `high = 2^32 - 1` and `low > 0`, which is ruled out.
fn canonical_halves(builder: &mut Builder, element: Target) -> (Target, Target) {
    let (low, high) = builder.split_low_high(element, 32, 64);
    let most = builder.constant(F::from_canonical_u64(0xffff_ffff));
    let high_is_most = builder.is_equal(high, most);
    let product = builder.mul(high_is_most.target, low);
    builder.assert_zero(product);
    (high, low)
}

/// `number + 1`, which must stay below 2^64.
fn increment(builder: &mut Builder, [low, high]: U64Target) -> U64Target {
    let one = builder.one();
    let low = builder.add(low, one);
    // At most 2^32, so it has 33 bits and the carry is one bit.
    let (low, carry) = builder.split_low_high(low, 32, 33);
    let high = builder.add(high, carry);
    builder.range_check(high, 32);
    [low, high]
}

/// Requires `larger >= smaller`.
fn assert_not_less(builder: &mut Builder, larger: U64Target, smaller: U64Target) {
    let [low, high] = core::array::from_fn(|i| builder.sub(larger[i], smaller[i]));
    // From 1 to 2^33 - 1: bit 32 is set exactly when the low limbs need no borrow.
    let shifted = builder.add_const(low, F::from_canonical_u64(1 << 32));
    let (_, no_borrow) = builder.split_low_high(shifted, 32, 33);
    let one = builder.one();
    let high = builder.add(high, no_borrow);
    let high = builder.sub(high, one);
    // Between -2^32 and 2^32 - 1; a negative number is far above 2^32 in the field.
    builder.range_check(high, 32);
}

fn range_check_all(builder: &mut Builder, limbs: &[Target]) {
    for limb in limbs {
        builder.range_check(*limb, 32);
    }
}

impl Circuit for RootCircuit {
    type Inputs = RootInputs;

    fn name(&self) -> String {
        "root".to_owned()
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let common = self.fold_common.to_bytes(&DefaultGateSerializer);
        vec![
            self.node_key.to_bytes().unwrap_or_default(),
            common.unwrap_or_default(),
        ]
    }

    fn inputs(&self, builder: &mut Builder) -> RootInputs {
        RootInputs {
            proof: builder.add_virtual_proof_with_pis(&self.fold_common),
        }
    }

    fn constrain(&self, builder: &mut Builder, inputs: &RootInputs) {
        let key = builder.constant_verifier_data(&self.node_key);
        builder.verify_proof::<C>(&inputs.proof, &key, &self.fold_common);
        let Some((statement, carried)) = split(&inputs.proof.public_inputs) else {
            unreachable!("the fold's form has the fold's public inputs")
        };
        let own = builder.constants(&key_elements(&self.node_key));
        for (carried, own) in carried.iter().zip(own) {
            builder.connect(*carried, own);
        }

        let zero = builder.zero();
        for checkpoint in [&statement.start, &statement.end] {
            for element in checkpoint.open_block() {
                builder.connect(*element, zero);
            }
            exposed_limbs_are_limbs(builder, checkpoint);
        }
        range_check_all(builder, &statement.chain_id);
        assert_are_rules(builder, statement.rules);
        let first = increment(builder, statement.start.number);
        let last = statement.end.number;
        assert_not_less(builder, last, first);

        let version = builder.constant(F::from_canonical_u32(STATEMENT_VERSION));
        let words = [
            number_word(builder, [version, zero]),
            number_word(builder, statement.chain_id),
            number_word(builder, [statement.rules, zero]),
            hash_word(statement.start.block_hash),
            hash_word(statement.end.block_hash),
            root_word(builder, statement.start.state_root),
            root_word(builder, statement.end.state_root),
            number_word(builder, first),
            number_word(builder, last),
            // The message root and the deposit chain, reserved.
            [zero; 8],
            [zero; 8],
        ];
        for word in words {
            builder.register_public_inputs(&word);
        }
        assert_eq!(builder.num_public_inputs(), STATEMENT_LIMBS);
    }
}

/// Requires that there are rules with this number: the product of its distances to their numbers is zero.
fn assert_are_rules(builder: &mut Builder, number: Target) {
    let distances = Rules::ALL.map(|rules| {
        let known = builder.constant(F::from_canonical_u8(rules.number()));
        builder.sub(number, known)
    });
    let product = builder.mul_many(distances);
    builder.assert_zero(product);
}

fn exposed_limbs_are_limbs(builder: &mut Builder, checkpoint: &CheckpointLimbs<Target>) {
    range_check_all(builder, &checkpoint.block_hash);
    range_check_all(builder, &checkpoint.number);
}

/// Proves the root over a node proof.
///
/// # Errors
/// [`braid_prover::Error::Unprovable`] if it is none, or its statement is not one of whole blocks.
pub(crate) fn prove_root(
    root: &Built<RootCircuit>,
    node: &Proof,
) -> Result<Proof, braid_prover::Error> {
    root.prove(|inputs, witness: &mut PartialWitness<_>| {
        witness.set_proof_with_pis_target(&inputs.proof, node)
    })
}
