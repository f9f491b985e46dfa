//! The final proof of a real block, wrapped under the pinned keys.

use std::path::Path;

use braid_aggregator::Error;
use braid_aggregator::wrap::{Wrapper, compact_forms};
use braid_prover::cache::Cache;
use braid_prover::progress::{Silent, Stage, Step, Timings};
use braid_prover::recursion::CircuitInfo;
use braid_verifier::wrap::{WrapKey, verify_wrapped};
use braid_verifier::{Proof, VerifyingKey};

/// One test, since building and proving take minutes.
#[test]
fn a_final_proof_is_wrapped_under_the_pinned_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/proofs");
    let file = std::fs::read(path.join("three_blocks.proof.bin")).unwrap();
    let proof = Proof::from_bin(&file).unwrap();
    let key = VerifyingKey::pinned().unwrap();
    let wrapper = Wrapper::build(&key, &Cache::none(), &Silent).unwrap();
    // The known answer: whoever changes a circuit must change the pinned key as well, on purpose.
    assert_eq!(wrapper.verifying_key(), &WrapKey::pinned().unwrap());

    // What is said of the layers' security is said of these circuits.
    let forms = compact_forms(&key.data().common);
    assert_eq!(forms.len(), 2);
    for ((name, form), built) in forms.iter().zip(wrapper.infos()) {
        assert_eq!((name.clone(), CircuitInfo::of(form)), built);
    }

    let timings = Timings::default();
    let wrapped = wrapper.wrap(&proof, &timings).unwrap();
    let seconds = timings.seconds();
    println!("{seconds:?}, {} bytes", wrapped.proof.len());
    let steps: Vec<_> = seconds.steps.keys().copied().collect();
    assert_eq!(steps, [Step::CompactRoot, Step::Compact, Step::Wrap]);
    // The stage is its caller's.
    assert_eq!(seconds.stages.get(&Stage::Wrap), None);
    let values = verify_wrapped(&WrapKey::pinned().unwrap(), &wrapped).unwrap();
    assert_eq!(values, proof.public_values);

    // A statement that the proof does not prove, and a proof under another key.
    let refused = |forged: &Proof| match wrapper.wrap(forged, &Silent) {
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
