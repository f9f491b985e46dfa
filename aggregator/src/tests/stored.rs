//! Folded proofs and circuits that come back from the disk, or are refused.

use braid_circuits::statement::CHECKPOINT_WIDTH;

use super::*;

#[test]
fn tampered_proofs_are_refused() {
    let fold = &setup().fold;
    let good = leaf(0, sealed(7), sealed(8), 1);
    let bytes = fold.write(&good).unwrap();
    let again = fold.read(&bytes).unwrap();
    assert_eq!((again.source, &again.proof), (good.source, &good.proof));
    for damaged in [
        vec![],
        bytes[..3].to_vec(),
        bytes[..bytes.len() / 2].to_vec(),
        [&bytes[..], &[0]].concat(),
        // Said to be of the other shape, of none, a node.
        [&[1], &bytes[1..]].concat(),
        [&[9], &bytes[1..]].concat(),
        [&[0xff; 4], &bytes[4..]].concat(),
        [&bytes[..5000], &[bytes[5000] ^ 1], &bytes[5001..]].concat(),
    ] {
        assert!(fold.read(&damaged).is_err());
    }
    let last = good.proof.public_inputs.len() - 1;
    // The first of start, end, chain id, rules and key, and the last of all.
    for element in [
        0,
        CHECKPOINT_WIDTH,
        2 * CHECKPOINT_WIDTH,
        STATEMENT_WIDTH - 1,
        STATEMENT_WIDTH,
        last,
    ] {
        let mut bad = good.clone();
        bad.proof.public_inputs[element] += F::ONE;
        assert!(fold.verify(&bad).is_err());
        assert!(unprovable(fold.alone(&bad)), "element {element}");
    }
    let mut bad = good.clone();
    bad.proof.proof.openings.wires[0] += F::ONE.into();
    assert!(unprovable(fold.alone(&bad)));
    let mut bad = good.clone();
    bad.proof.public_inputs.pop();
    assert!(fold.alone(&bad).is_err());
    assert!(bad.statement().is_err());
}

#[test]
fn the_fold_comes_back_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let setup = setup();
    let circuits = || -> Vec<ChunkKey> {
        let named = setup.chunks.iter().zip(["small", "large"]);
        named
            .map(|(data, shape)| ChunkKey {
                shape: shape.to_owned(),
                key: data.verifier_only.clone(),
                common: data.common.clone(),
            })
            .collect()
    };
    let first = Fold::build(circuits(), &cache).unwrap();
    assert_eq!(first.verifying_key(), setup.fold.verifying_key());
    let start = Instant::now();
    let second = Fold::build(circuits(), &cache).unwrap();
    println!("fold from the cache in {:?}", start.elapsed());
    assert_eq!(second.verifying_key(), setup.fold.verifying_key());
    let root = second.alone(&leaf(0, sealed(7), sealed(8), 1)).unwrap();
    let proof = second.finish(&root).unwrap();
    braid_verifier::verify(setup.fold.verifying_key(), &proof).unwrap();
}

#[test]
fn stored_proofs_come_back_or_are_refused() {
    let fold = &setup().fold;
    let chunk = leaf(1, sealed(7), sealed(8), 1);
    let node = fold.alone(&chunk).unwrap();
    for folded in [&chunk, &node] {
        let bytes = fold.write(folded).unwrap();
        let read = fold.read(&bytes).unwrap();
        assert_eq!(read.proof, folded.proof);
        assert_eq!(read.source, folded.source);
        for length in [0, 3, 4, 5, 1000, bytes.len() / 2, bytes.len() - 1] {
            assert!(fold.read(&bytes[..length]).is_err(), "{length} bytes");
        }
        for position in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
            let mut bent = bytes.clone();
            bent[position] ^= 1;
            assert!(fold.read(&bent).is_err(), "byte {position}");
        }
    }
}
