//! The wrap circuit over a stand-in for the proof below, which exposes any limbs.

use alloy_primitives::B256;
use braid_prover::recursion::Proof;
use braid_verifier::wrap::{WrapKey, WrappedProof, bound_limbs, verify_wrapped};
use braid_verifier::{PublicValues, Rules, STATEMENT_VERSION};
use plonky2::gates::noop::NoopGate;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};

use super::circuit::BuiltWrap;
use super::*;

type Inner = plonky2::plonk::circuit_data::CircuitData<
    braid_verifier::config::F,
    braid_verifier::config::C,
    { braid_verifier::config::D },
>;

fn values() -> PublicValues {
    PublicValues {
        version: STATEMENT_VERSION,
        chain_id: 0x0102_0304_0506_0708,
        rules: Rules::Prague,
        prev_block_hash: B256::repeat_byte(0x11),
        block_hash: B256::repeat_byte(0x22),
        prev_state_root: B256::repeat_byte(0x33),
        state_root: B256::repeat_byte(0x44),
        first_block: 7,
        last_block: u64::MAX,
        message_root: B256::ZERO,
        deposit_chain: B256::ZERO,
    }
}

/// Exposes the statement's limbs that are not constant and claims nothing about them.
fn inner_circuit(rows: usize) -> Inner {
    let mut builder = braid_prover::recursion::Builder::new(parameters::second_config());
    for _ in bound_limbs() {
        builder.add_virtual_public_input();
    }
    while builder.num_gates() < rows {
        builder.add_gate(NoopGate, vec![]);
    }
    builder.build::<braid_verifier::config::C>()
}

fn inner_proof(circuit: &Inner, values: &PublicValues) -> Proof {
    let limbs = values.to_limbs();
    let bound: Vec<_> = bound_limbs().map(|limb| limbs[limb]).collect();
    let mut witness = PartialWitness::new();
    let targets = &circuit.prover_only.public_inputs;
    witness.set_target_arr(targets, &bound).unwrap();
    circuit.prove(witness).unwrap()
}

fn built(inner: &Inner) -> (BuiltWrap, WrapKey) {
    let circuit = WrapCircuit::new(inner.verifier_only.clone(), inner.common.clone());
    let wrap = circuit.build();
    let key = WrapKey::new(wrap.data.verifier_data()).unwrap();
    (wrap, key)
}

/// One test, since building and proving take their time.
#[test]
fn a_wrapped_proof_says_what_the_proof_below_says() {
    let inner = inner_circuit(600);
    let (wrap, key) = built(&inner);
    let honest = values();
    let proof = inner_proof(&inner, &honest);
    let wrapped = wrap.prove(&proof, &honest).unwrap();
    let good = WrappedProof::new(&key, "test", honest, &wrapped.proof).unwrap();
    assert_eq!(verify_wrapped(&key, &good).unwrap(), honest);
    // The tests of the contract take both as what another key proves.
    if std::env::var_os("BRAID_UPDATE").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contract/tests/vectors");
        let folder = std::path::Path::new(folder);
        std::fs::write(folder.join("other_key.vk"), key.to_bytes()).unwrap();
        let json = good.to_json().unwrap();
        std::fs::write(folder.join("other_key.wrapped.json"), json).unwrap();
    }

    // A prover who puts the digest of another statement in place of the proof's own satisfies the circuit, and is found
    // out by the column alone.
    let mut other = honest;
    other.state_root.0[31] ^= 1;
    let forged = wrap.prove(&proof, &other).unwrap();
    wrap.data.verify(forged.clone()).unwrap();
    let forged = WrappedProof::new(&key, "test", other, &forged.proof).unwrap();
    let error = verify_wrapped(&key, &forged).unwrap_err();
    assert!(error.is_invalid_proof());
    assert!(error.to_string().contains("statement"), "{error}");
    // Nor does it prove what the column says: the challenges are those of the other digest.
    let mut swapped = forged;
    swapped.public_values = honest;
    assert!(
        verify_wrapped(&key, &swapped)
            .unwrap_err()
            .is_invalid_proof()
    );

    // A proof below of another circuit.
    let stranger = inner_circuit(700);
    assert!(matches!(
        wrap.prove(&inner_proof(&stranger, &honest), &honest),
        Err(braid_prover::Error::Unprovable { .. })
    ));
    // A wrapped proof is worth nothing under the pinned key, and the other way round.
    let pinned = WrapKey::pinned().unwrap();
    assert_ne!(pinned.hash(), key.hash());
    let error = verify_wrapped(&pinned, &good).unwrap_err();
    assert!(error.is_wrong_key(), "{error}");
    let mut renamed = good;
    renamed.verifying_key_hash = pinned.hash();
    let error = verify_wrapped(&pinned, &renamed).unwrap_err();
    assert!(error.is_invalid_proof(), "{error}");
}
