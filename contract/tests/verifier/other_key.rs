//! A circuit of the same form that verifies something else, and a proof of it: made by the test of `aggregator/src/wrap` over its stand-in for the
//! proof below.

use alloy_primitives::{Bytes, b256};
use braid_contract::abi::{BraidVerifier, VerifierError};
use braid_verifier::wrap::{WrapKey, WrappedProof, verify_wrapped};

use crate::support::{Verifiers, sample};

fn other() -> (WrapKey, WrappedProof) {
    let read = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    };
    let hash = b256!("943e4e028aac19488b2bc53a12033761b27af5e3a611b0984266dda2a20c953e");
    let key = WrapKey::from_bytes(&read("other_key.vk"), hash).unwrap();
    let proof = WrappedProof::from_json(&read("other_key.wrapped.json")).unwrap();
    (key, proof)
}

/// A proof that claims to be under another key, so that nothing but the proof itself speaks against it.
fn renamed(proof: &WrappedProof, key: &WrapKey) -> WrappedProof {
    WrappedProof {
        verifying_key_hash: key.hash(),
        ..proof.clone()
    }
}

/// What depends on the key, and not on the circuit's form.
fn constants(key: &WrapKey) -> Vec<[u8; 32]> {
    let verifier = &key.data().verifier_only;
    let caps = verifier.constants_sigmas_cap.0.iter();
    [key.hash().0, verifier.circuit_digest.0]
        .into_iter()
        .chain(caps.map(|digest| digest.0))
        .collect()
}

/// The contract with another key's constants in place of its own.
fn with_constants_of(key: &WrapKey) -> Bytes {
    let mut code = BraidVerifier::BYTECODE.to_vec();
    let pinned = WrapKey::pinned().unwrap();
    for (own, other) in constants(&pinned).iter().zip(constants(key)) {
        let places: Vec<usize> = (0..code.len() - 31)
            .filter(|place| code[*place..].starts_with(own))
            .collect();
        let [place] = places[..] else {
            panic!("a constant of the key is at {places:?}");
        };
        code[place..][..32].copy_from_slice(&other);
    }
    code.into()
}

#[test]
fn its_proof_is_refused() {
    let (key, proof) = other();
    assert_eq!(verify_wrapped(&key, &proof).unwrap(), proof.public_values);
    let pinned = WrapKey::pinned().unwrap();
    assert!(verify_wrapped(&pinned, &proof).unwrap_err().is_wrong_key());
    let mut verifiers = Verifiers::new();
    let error = verifiers.both(&renamed(&proof, &pinned)).unwrap_err();
    assert!(
        matches!(error, VerifierError::WrongStatement(_)),
        "{error:?}"
    );
    // Nor is the pinned key's proof one of the other key.
    assert!(verify_wrapped(&key, &sample()).unwrap_err().is_wrong_key());
    let error = verify_wrapped(&key, &renamed(&sample(), &key)).unwrap_err();
    assert!(error.is_invalid_proof(), "{error}");
}

#[test]
fn its_contract_accepts_it_and_nothing_else() {
    let (key, proof) = other();
    let stranger = renamed(&sample(), &key);
    let mut verifiers = Verifiers::of(with_constants_of(&key), key);
    assert_eq!(verifiers.both(&proof), Ok(()));
    let error = verifiers.both(&stranger).unwrap_err();
    assert!(
        matches!(error, VerifierError::WrongStatement(_)),
        "{error:?}"
    );
}
