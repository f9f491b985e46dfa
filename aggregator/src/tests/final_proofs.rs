//! Final proofs: one key for any number of chunks, whole blocks only, files.

use super::*;

/// The final proofs of several runs, all under the same key.
#[test]
fn any_number_of_chunks_gives_one_key() {
    let fold = &setup().fold;
    for chunks in [1, 2, 3, 5] {
        let start = Instant::now();
        let root = fold_of(chunks);
        let folded = start.elapsed();
        let proof = fold.finish(&root).unwrap();
        let finished = start.elapsed();
        let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
        println!(
            "{chunks} chunks: folded in {folded:?}, finished in {finished:?}, verified in {:?}, {} bytes",
            start.elapsed() - finished,
            proof.proof.len(),
        );
        let end = sealed(if chunks == 1 { 8 } else { 9 });
        assert_eq!(public.version, 2);
        assert_eq!(public.chain_id, 1234);
        assert_eq!(public.rules, RULES);
        assert_eq!(
            (public.first_block, public.last_block),
            (8, end.block.number)
        );
        assert_eq!(public.prev_block_hash, sealed(7).block_hash);
        assert_eq!(public.block_hash, end.block_hash);
        let root_bytes =
            |root: [u64; 4]| -> Vec<u8> { root.iter().flat_map(|x| x.to_be_bytes()).collect() };
        assert_eq!(
            public.prev_state_root.to_vec(),
            root_bytes(sealed(7).state_root)
        );
        assert_eq!(public.state_root.to_vec(), root_bytes(end.state_root));
        assert!(public.message_root.is_zero() && public.deposit_chain.is_zero());
    }
}

#[test]
fn open_blocks_are_not_final() {
    let fold = &setup().fold;
    let refused = |start: Checkpoint, end: Checkpoint| {
        let root = fold.alone(&leaf(0, start, end, 1)).unwrap();
        assert!(matches!(fold.finish(&root), Err(Error::NotWholeBlocks)));
        assert!(unprovable(fold.finish_unchecked(&root)));
    };
    refused(sealed(7), open(8, 3));
    refused(open(8, 3), sealed(8));
    let mut end = sealed(8);
    end.log_chain = [1, 0, 0, 0];
    refused(sealed(7), end);
    // No block at all, and backwards.
    refused(sealed(8), sealed(8));
    refused(sealed(9), sealed(8));
    refused(sealed(1 << 32), sealed(u64::from(u32::MAX)));
    // There is no block after the last number.
    refused(sealed(u64::MAX), sealed(0));
}

/// Every number of rules comes through as it is, and no other element of the field does: not even one that a table would have let through.
#[test]
fn rules_are_one_of_three() {
    let fold = &setup().fold;
    for rules in Rules::ALL {
        let statement = ChunkStatement::new(&sealed(7), &sealed(8), 1, rules);
        let root = fold.alone(&leaf_of(0, &statement)).unwrap();
        let proof = fold.finish(&root).unwrap();
        let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
        assert_eq!(public.rules, rules);
    }
    let mut statement = ChunkStatement::new(&sealed(7), &sealed(8), 1, RULES);
    for rules in [
        F::from_canonical_u8(3),
        -F::ONE,
        F::from_canonical_u64(1 << 32),
    ] {
        statement.rules = rules;
        let root = fold.alone(&leaf_of(0, &statement)).unwrap();
        assert!(unprovable(fold.finish_unchecked(&root)), "{rules}");
    }
}

#[test]
fn a_cut_transaction_is_not_final() {
    let fold = &setup().fold;
    let honest = ChunkStatement::new(&sealed(7), &sealed(8), 1, RULES);
    let (mut start, mut end) = (honest, honest);
    start.start.suspended[0] = F::ONE;
    end.end.suspended[3] = F::ONE;
    for statement in [start, end] {
        let root = fold.alone(&leaf_of(0, &statement)).unwrap();
        assert!(matches!(fold.finish(&root), Err(Error::NotWholeBlocks)));
        assert!(unprovable(fold.finish_unchecked(&root)));
    }
}

#[test]
fn numbers_carry() {
    let fold = &setup().fold;
    let last_low = u64::from(u32::MAX);
    for (start, end) in [(last_low, last_low + 1), (last_low - 1, last_low + 5)] {
        let root = fold
            .alone(&leaf(0, sealed(start), sealed(end), u64::MAX))
            .unwrap();
        let proof = fold.finish(&root).unwrap();
        let public = braid_verifier::verify(fold.verifying_key(), &proof).unwrap();
        assert_eq!((public.first_block, public.last_block), (start + 1, end));
        assert_eq!(public.chain_id, u64::MAX);
    }
}

#[test]
fn proof_files_survive_and_damage_is_told_apart() {
    let fold = &setup().fold;
    let key = fold.verifying_key();
    let proof = fold.finish(&fold_of(2)).unwrap();
    let json = proof.to_json().unwrap();
    let bin = proof.to_bin().unwrap();
    println!(
        "proof.json {} bytes, proof.bin {} bytes",
        json.len(),
        bin.len()
    );
    use braid_verifier::{Proof, verify};
    assert_eq!(Proof::from_json(json.as_bytes()).unwrap(), proof);
    assert_eq!(Proof::from_bin(&bin).unwrap(), proof);

    // The key survives its file, and only under its own hash.
    let again = VerifyingKey::from_bytes(key.to_bytes(), key.hash()).unwrap();
    assert_eq!(&again, key);
    assert_eq!(verify(&again, &proof).unwrap(), proof.public_values);
    let mut bytes = key.to_bytes().to_vec();
    bytes[10] ^= 1;
    assert!(
        VerifyingKey::from_bytes(&bytes, key.hash())
            .unwrap_err()
            .is_wrong_key()
    );

    // Cut anywhere, or with bytes to spare: malformed.
    for length in [0, 1, 40, 100, bin.len() / 2, bin.len() - 1] {
        assert!(Proof::from_bin(&bin[..length]).unwrap_err().is_malformed());
        assert!(
            Proof::from_json(&json.as_bytes()[..length])
                .unwrap_err()
                .is_malformed()
        );
    }
    let longer = [&bin[..], &[0]].concat();
    assert!(Proof::from_bin(&longer).unwrap_err().is_malformed());
    assert!(
        Proof::from_bin(&vec![0xff; 5 << 20])
            .unwrap_err()
            .is_malformed()
    );

    // Every public value matters.
    let changes: [fn(&mut braid_verifier::PublicValues); 11] = [
        |p| p.chain_id += 1,
        |p| p.rules = Rules::Cancun,
        |p| p.rules = Rules::Osaka,
        |p| p.prev_block_hash.0[31] ^= 1,
        |p| p.block_hash.0[0] ^= 1,
        |p| p.prev_state_root.0[15] ^= 1,
        |p| p.state_root.0[16] ^= 1,
        |p| p.first_block -= 1,
        |p| p.last_block += 1,
        |p| p.message_root.0[31] = 1,
        |p| p.deposit_chain.0[0] = 1,
    ];
    for change in changes {
        let mut bad = proof.clone();
        change(&mut bad.public_values);
        assert!(verify(key, &bad).unwrap_err().is_invalid_proof());
    }
    let mut bad = proof.clone();
    bad.public_values.version += 1;
    assert!(verify(key, &bad).unwrap_err().is_malformed());
    bad = proof.clone();
    bad.verifying_key_hash.0[0] ^= 1;
    assert!(verify(key, &bad).unwrap_err().is_wrong_key());
    bad = proof.clone();
    bad.schema_version += 1;
    assert!(verify(key, &bad).unwrap_err().is_malformed());
    assert!(Proof::from_json(bad.to_json().unwrap().as_bytes()).is_err());

    // Bits flipped all over the proof: refused, without a panic reaching us.
    let length = proof.proof.len();
    for i in 0..40 {
        let mut bytes = proof.proof.to_vec();
        bytes[i * length / 40 + i] ^= 1 << (i % 8);
        let bad = Proof {
            proof: bytes.into(),
            ..proof.clone()
        };
        let error = verify(key, &bad).unwrap_err();
        assert!(error.is_invalid_proof() || error.is_malformed(), "{error}");
    }
    for bytes in [
        vec![],
        vec![0; length],
        vec![0xff; length],
        proof.proof[..length - 1].to_vec(),
    ] {
        let bad = Proof {
            proof: bytes.into(),
            ..proof.clone()
        };
        assert!(verify(key, &bad).is_err());
    }
}
