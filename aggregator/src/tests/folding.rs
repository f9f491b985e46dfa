//! What folds, and what no node takes: gaps, unlisted keys, flags that are none.

use super::*;

#[test]
fn nothing_folds_to_nothing() {
    assert!(matches!(
        setup().fold.fold_all(Vec::new(), |_, _| {}),
        Err(Error::Empty)
    ));
    assert!(matches!(
        Fold::build(Vec::new(), &Cache::none()),
        Err(Error::Empty)
    ));
}

/// Both the friendly check and the circuit itself refuse.
fn refused(left: &Folded, right: &Folded) {
    let fold = &setup().fold;
    assert!(matches!(fold.join(left, right), Err(Error::NotAdjacent)));
    assert!(matches!(
        fold.node_over(left, Some(right)),
        Err(Error::Prover(braid_prover::Error::Unprovable { .. }))
    ));
}

#[test]
fn what_does_not_follow_is_not_joined() {
    let a = leaf(0, sealed(7), sealed(8), 1);
    let b = leaf(1, sealed(8), sealed(9), 1);
    let c = leaf(0, sealed(9), sealed(10), 1);
    // Wrong order, a gap, the same one twice.
    refused(&b, &a);
    refused(&a, &c);
    refused(&a, &a);
    // Another chain.
    refused(&a, &leaf(1, sealed(8), sealed(9), 2));
    // Other rules.
    for rules in [Rules::Cancun, Rules::Osaka] {
        let other = ChunkStatement::new(&sealed(8), &sealed(9), 1, rules);
        refused(&a, &leaf_of(1, &other));
    }
    // A start that differs in one element only, each kind of field once.
    let mut other = sealed(8);
    other.state_root[3] ^= 1;
    refused(&a, &leaf(1, other, sealed(9), 1));
    let mut other = sealed(8);
    other.block.blob_base_fee = U256::from(1);
    refused(&a, &leaf(1, other, sealed(9), 1));
    let mut other = ChunkStatement::new(&sealed(8), &sealed(9), 1, RULES);
    other.start.suspended[3] = F::ONE;
    refused(&a, &leaf_of(1, &other));
    let mut other = sealed(8);
    other.log_chain = [1, 0, 0, 0];
    refused(&a, &leaf(1, other, sealed(9), 1));
}

#[test]
fn strange_keys_are_refused() {
    let setup = setup();
    let fold = &setup.fold;
    let statement = ChunkStatement::new(&sealed(7), &sealed(8), 1, RULES);
    // A chunk proof of an unlisted circuit, and one under another shape's name.
    assert!(unprovable(
        fold.shrink(0, &chunk_proof(&setup.stranger, &statement))
    ));
    assert!(unprovable(
        fold.shrink(0, &chunk_proof(&setup.chunks[1], &statement))
    ));
    assert!(matches!(
        fold.shrink(2, &chunk_proof(&setup.chunks[0], &statement)),
        Err(Error::UnknownShape { index: 2, count: 2 })
    ));
    // A circuit of the fold's form that nobody listed: it proves what it likes, and no node takes it.
    let forger = Built::build(ShrinkCircuit {
        shape: "forged".to_owned(),
        chunk_key: setup.stranger.verifier_only.clone(),
        chunk_common: setup.stranger.common.clone(),
        fold_common: fold.node.common().clone(),
    })
    .unwrap();
    let forged = forger
        .shrink(&chunk_proof(&setup.stranger, &statement), fold.node_key())
        .unwrap();
    for source in [
        Source::Chunk { shape: 0 },
        Source::Chunk { shape: 1 },
        Source::Node,
    ] {
        let forged = Folded {
            proof: forged.clone(),
            source,
        };
        assert!(fold.verify(&forged).is_err());
        assert!(unprovable(fold.alone(&forged)));
    }
    // Carrying the forger's key as if it were the node's: a node over it must carry that key as well, under which it is
    // not itself proved.
    let forged = Folded {
        proof: forger
            .shrink(&chunk_proof(&setup.stranger, &statement), forger.key())
            .unwrap(),
        source: Source::Node,
    };
    assert!(unprovable(fold.alone(&forged)));
    // A node circuit whose own key is said to be the forger's accepts the forgery as a node below it; the root, which
    // knows the real key, does not.
    let proof = fold
        .node
        .prove(|inputs, witness| {
            for child in &inputs.children {
                witness.set_proof_with_pis_target(&child.proof, &forged.proof)?;
                for (position, flag) in child.source.iter().enumerate() {
                    witness.set_bool_target(*flag, position == 2)?;
                }
            }
            witness.set_bool_target(inputs.single, true)?;
            witness.set_target_arr(&inputs.own_key, &key_elements(forger.key()))
        })
        .unwrap();
    let root = Folded {
        proof,
        source: Source::Node,
    };
    assert!(fold.verify(&root).is_err());
    assert!(unprovable(fold.finish(&root)));
    // A shrunk chunk is no root.
    let honest = leaf(0, sealed(7), sealed(8), 1);
    assert!(unprovable(fold.finish(&honest)));
}

/// A prover that sets flags to other field elements than 0 and 1, or none, or several.
#[test]
fn flags_are_flags() {
    let fold = &setup().fold;
    let (left, right) = (
        leaf(0, sealed(7), sealed(8), 1),
        leaf(0, sealed(8), sealed(9), 1),
    );
    let attempt = |source: [F; 3], single: F| {
        fold.node.prove(|inputs, witness| {
            for (child, folded) in inputs.children.iter().zip([&left, &right]) {
                witness.set_proof_with_pis_target(&child.proof, &folded.proof)?;
                for (flag, value) in child.source.iter().zip(source) {
                    witness.set_target(flag.target, value)?;
                }
            }
            witness.set_target(inputs.single.target, single)?;
            witness.set_target_arr(&inputs.own_key, &key_elements(fold.node_key()))
        })
    };
    let (zero, one, two) = (F::ZERO, F::ONE, F::TWO);
    assert!(attempt([one, zero, zero], zero).is_ok());
    // The end would be twice the left one less the right one: a state that nobody reached.
    assert!(attempt([one, zero, zero], two).is_err());
    assert!(attempt([zero, zero, zero], zero).is_err());
    assert!(attempt([one, one, zero], zero).is_err());
    assert!(attempt([one, one, -one], zero).is_err());
    assert!(attempt([two, zero, -one], zero).is_err());
    let half = two.inverse();
    assert!(attempt([half, half, zero], zero).is_err());
}
