//! The final proof of a real block, wrapped under the pinned keys.

use std::path::Path;

use braid_aggregator::Error;
use braid_aggregator::wrap::{Wrapper, compact_layers};
use braid_prover::cache::Cache;
use braid_verifier::wrap::{WrapKey, verify_wrapped};
use braid_verifier::{Proof, VerifyingKey};

/// One test, since building and proving take minutes.
#[test]
fn a_final_proof_is_wrapped_under_the_pinned_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/proofs");
    let file = std::fs::read(path.join("three_blocks.proof.bin")).unwrap();
    let proof = Proof::from_bin(&file).unwrap();
    let wrapper = Wrapper::build(&VerifyingKey::pinned().unwrap(), &Cache::none()).unwrap();
    // The known answer: whoever changes a circuit must change the pinned key as well, on purpose.
    assert_eq!(wrapper.verifying_key(), &WrapKey::pinned().unwrap());

    // What is said of the layers' security is said of these circuits.
    for ((name, _, rows), (built, info)) in compact_layers().into_iter().zip(wrapper.infos()) {
        assert_eq!((name, rows), (built.as_str(), info.degree_bits));
    }

    let (wrapped, times) = wrapper.wrap_timed(&proof).unwrap();
    println!("{times:?}, {} bytes", wrapped.proof.len());
    let values = verify_wrapped(&WrapKey::pinned().unwrap(), &wrapped).unwrap();
    assert_eq!(values, proof.public_values);

    // A statement that the proof does not prove, and a proof under another key.
    let refused = |forged: &Proof| match wrapper.wrap(forged) {
        Err(Error::Verifier(error)) => error,
        other => panic!("{other:?}"),
    };
    let mut forged = proof.clone();
    forged.public_values.last_block += 1;
    assert!(refused(&forged).is_invalid_proof());
    let mut stranger = proof;
    stranger.verifying_key_hash.0[0] ^= 1;
    assert!(refused(&stranger).is_wrong_key());
}
