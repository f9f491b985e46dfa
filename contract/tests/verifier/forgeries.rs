//! Forged proofs, each refused by the contract with the error that it must give, and by `verify_wrapped`.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use braid_contract::abi::verifier::IBraidVerifier::verifyCall;
use braid_contract::abi::{BraidVerifier, VerifierError};
use braid_contract::call;
use braid_verifier::wrap::{WrapKey, WrappedProof};
use braid_verifier::{PublicValues, Rules};

use crate::support::{ORDER, Part, Verifiers, part, sample, words};

fn with(proof: &WrappedProof, change: impl FnOnce(&mut Vec<u8>)) -> WrappedProof {
    let mut bytes = proof.proof.to_vec();
    change(&mut bytes);
    WrappedProof {
        proof: bytes.into(),
        ..proof.clone()
    }
}

/// Whether the error is one that another field element in a part of the proof may lead to.
fn fits(part: Part, error: &VerifierError) -> bool {
    use VerifierError::{ConstraintsFail, NoProofOfWork, NotInTree, WrongFold, WrongStatement};
    match part {
        // All challenges from `zeta` on are others.
        Part::Caps => matches!(error, WrongStatement(_)),
        // The statement's column is an opening too.
        Part::Openings => matches!(error, ConstraintsFail(_) | WrongStatement(_)),
        // One in four million finds work again.
        Part::FoldCap | Part::FinalPolynomial | Part::Work => {
            matches!(error, NoProofOfWork(_) | NotInTree(_))
        }
        Part::Leaves { query } | Part::Paths { query } => {
            matches!(error, NotInTree(at) if at.query == U256::from(query) && at.tree < U256::from(4))
        }
        Part::Values { query } => {
            matches!(error, NotInTree(at) if at.query == U256::from(query) && at.tree == U256::from(4))
                || matches!(error, WrongFold(at) if at.query == U256::from(query))
        }
        Part::ValuesPath { query } => {
            matches!(error, NotInTree(at) if at.query == U256::from(query) && at.tree == U256::from(4))
        }
    }
}

/// Changes words to another element, to p, to the same element p higher if that is 64 bits, and to 2^64 - 1.
fn change_words(positions: impl Iterator<Item = usize>) {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    for position in positions {
        let part = part(8 * position);
        let number = words(&proof.proof)[position];
        let other = if number == 0 { 1 } else { number - 1 };
        let mut changes = vec![ORDER, u64::MAX];
        changes.extend(number.checked_add(ORDER));
        if !part.is_path() {
            for change in changes {
                let forged = with(&proof, |bytes| {
                    bytes[8 * position..][..8].copy_from_slice(&change.to_be_bytes());
                });
                let error = verifiers.both(&forged).unwrap_err();
                assert!(
                    matches!(error, VerifierError::NotCanonical(_)),
                    "word {position}: {error:?}"
                );
            }
        }
        let forged = with(&proof, |bytes| {
            bytes[8 * position..][..8].copy_from_slice(&other.to_be_bytes());
        });
        let error = verifiers.both(&forged).unwrap_err();
        assert!(fits(part, &error), "word {position} in {part:?}: {error:?}");
    }
}

#[test]
fn words_of_all_parts() {
    // A prime, so that all places within parts and queries are met in turn.
    change_words((0..words(&sample().proof).len()).step_by(41));
}

#[test]
#[ignore = "all 6,127 words: a quarter of a minute"]
fn every_word() {
    change_words(0..words(&sample().proof).len());
}

#[test]
fn lengths() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    let length = proof.proof.len();
    for shorter in [
        0,
        1,
        31,
        32,
        512,
        8_856,
        length - 4_016,
        length - 32,
        length - 8,
        length - 1,
    ] {
        let error = verifiers.both(&with(&proof, |bytes| bytes.truncate(shorter)));
        assert!(
            matches!(error, Err(VerifierError::WrongLength(_))),
            "{shorter}: {error:?}"
        );
    }
    for more in [1, 8, 32, 4_016] {
        let error = verifiers.both(&with(&proof, |bytes| bytes.extend(vec![0; more])));
        assert!(
            matches!(error, Err(VerifierError::WrongLength(_))),
            "{more}: {error:?}"
        );
    }
}

#[test]
fn public_values_one_by_one() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    type Change = fn(&mut PublicValues);
    // With whether a constant part is changed.
    let changes: [(Change, bool); 15] = [
        (|values| values.version = 0, true),
        (|values| values.version = 1, true),
        (|values| values.chain_id += 1, false),
        (|values| values.chain_id ^= 1 << 63, false),
        (
            |values| {
                values.rules = match values.rules {
                    Rules::Osaka => Rules::Prague,
                    _ => Rules::Osaka,
                }
            },
            false,
        ),
        (|values| values.prev_block_hash.0[0] ^= 0x80, false),
        (|values| values.block_hash.0[31] ^= 1, false),
        (|values| values.prev_state_root.0[8] ^= 1, false),
        (|values| values.state_root.0[31] ^= 1, false),
        (
            |values| core::mem::swap(&mut values.state_root, &mut values.prev_state_root),
            false,
        ),
        (|values| values.first_block += 1, false),
        (|values| values.last_block += 1, false),
        (|values| values.last_block ^= 1 << 32, false),
        (|values| values.message_root = B256::with_last_byte(1), true),
        (|values| values.deposit_chain.0[0] = 0x80, true),
    ];
    for (number, (change, constant)) in changes.into_iter().enumerate() {
        let mut forged = proof.clone();
        change(&mut forged.public_values);
        let error = verifiers.both(&forged).unwrap_err();
        let right = match error {
            VerifierError::NoStatement(_) => constant,
            VerifierError::WrongStatement(_) => !constant,
            _ => false,
        };
        assert!(right, "change {number}: {error:?}");
    }
}

/// Numbers that no `PublicValues` in Rust can hold.
#[test]
fn numbers_that_are_too_large() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    let calldata = call::verify(&proof.public_values, &proof.proof);
    let call = verifyCall::abi_decode(&calldata).unwrap();
    for bit in [64, 65, 128, 255] {
        let high = U256::from(1) << bit;
        for word in 0..5 {
            let mut call = call.clone();
            let values = &mut call.values;
            match word {
                0 => values.version |= high,
                1 => values.chainId |= high,
                4 => values.rules |= high,
                2 => values.firstBlock |= high,
                _ => values.lastBlock |= high,
            }
            let error = verifiers
                .chain
                .call(verifiers.address, call.abi_encode().into());
            let error = error.unwrap_err().verifier_error();
            assert!(
                matches!(error, Some(VerifierError::NoStatement(_))),
                "{word}, bit {bit}: {error:?}"
            );
        }
    }
}

/// Rules have 32 bits: above them no statement has the form, below them no proof is of rules that there are not.
#[test]
fn rules_that_there_are_not() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    let calldata = call::verify(&proof.public_values, &proof.proof);
    let call = verifyCall::abi_decode(&calldata).unwrap();
    for (rules, malformed) in [
        (3, false),
        (u64::from(u32::MAX), false),
        (1 << 32, true),
        (u64::MAX, true),
    ] {
        let mut call = call.clone();
        call.values.rules = U256::from(rules);
        let error = verifiers
            .chain
            .call(verifiers.address, call.abi_encode().into());
        let error = error.unwrap_err().verifier_error();
        let right = match error {
            Some(VerifierError::NoStatement(_)) => malformed,
            Some(VerifierError::WrongStatement(_)) => !malformed,
            _ => false,
        };
        assert!(right, "{rules}: {error:?}");
    }
}

/// What surrounds the arguments does not matter, and what is said of their lengths does.
#[test]
fn calldata_that_is_not_abi() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    let calldata = call::verify(&proof.public_values, &proof.proof).to_vec();
    for length in [0, 3, 4, 332, 356, 388, calldata.len() - 32] {
        let cut = calldata[..length].to_vec().into();
        assert!(
            verifiers.chain.call(verifiers.address, cut).is_err(),
            "{length}"
        );
    }
    // The offset of the proof is at byte 356, and its length where that points to.
    for (position, value) in [
        (356, U256::MAX),
        (356, U256::from(1) << 64),
        (388, U256::MAX),
    ] {
        let mut forged = calldata.clone();
        forged[position..][..32].copy_from_slice(&value.to_be_bytes::<32>());
        assert!(
            verifiers
                .chain
                .call(verifiers.address, forged.into())
                .is_err()
        );
    }
    // Elsewhere in calldata it is the same proof.
    let mut moved = calldata[..356].to_vec();
    moved.extend(U256::from(384 + 21).to_be_bytes::<32>());
    moved.extend([0xee; 21]);
    moved.extend(&calldata[388..]);
    verifiers
        .chain
        .call(verifiers.address, moved.into())
        .unwrap();
}

#[test]
fn the_contract_is_of_the_pinned_key() {
    let mut verifiers = Verifiers::new();
    let calldata = BraidVerifier::VERIFYING_KEYCall {}.abi_encode();
    let receipt = verifiers
        .chain
        .call(verifiers.address, calldata.into())
        .unwrap();
    assert_eq!(
        receipt.output.as_ref(),
        WrapKey::pinned().unwrap().hash().as_slice()
    );
}
