//! Blocks that may not be, and what cannot be proved: each is named.

use super::*;
use braid_witness::Rules;

/// What a block says whose second transaction is this one.
fn refusal(second: Bytes) -> Error {
    let first = draft().sign(&key()).unwrap();
    execute(&file(vec![first, second])).map(|_| ()).unwrap_err()
}

fn fault(second: Bytes) -> TransactionFault {
    let hash = keccak256(&second);
    match refusal(second) {
        Error::InvalidTransaction { place, reason } => {
            assert_eq!((place.block, place.index, place.hash), (101, 1, hash));
            *reason
        }
        other => panic!("{other}"),
    }
}

#[test]
fn invalid_transactions_are_named() {
    let second = Draft {
        nonce: 1,
        ..draft()
    };
    let signed = |draft: Draft| draft.sign(&key()).unwrap();
    assert!(execute(&file(vec![signed(draft()), signed(second.clone())])).is_ok());

    let f = fault(signed(Draft {
        nonce: 0,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::NonceTooLow {
            found: 0,
            expected: 1
        }
    );
    let f = fault(signed(Draft {
        nonce: 2,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::NonceTooHigh {
            found: 2,
            expected: 1
        }
    );
    let f = fault(signed(Draft {
        nonce: u64::MAX,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::NonceOverflow(_)));
    let f = fault(signed(Draft {
        chain_id: 5,
        ..second.clone()
    }));
    assert!(matches!(
        f,
        TransactionFault::ChainId {
            expected: SAMPLE_CHAIN_ID,
            ..
        }
    ));
    let legacy = TransactionKind::Legacy { protected: true };
    let f = fault(signed(Draft {
        chain_id: 5,
        kind: legacy,
        ..second.clone()
    }));
    assert!(matches!(
        f,
        TransactionFault::ChainId {
            expected: SAMPLE_CHAIN_ID,
            ..
        }
    ));
    let f = fault(signed(Draft {
        gas_limit: 20_999,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::IntrinsicGas {
            gas_limit: 20_999,
            intrinsic: 21_000
        }
    );
    let f = fault(signed(Draft {
        gas_limit: 29_979_001,
        ..second.clone()
    }));
    assert_eq!(
        f,
        TransactionFault::BlockGas {
            gas_limit: 29_979_001,
            available: 29_979_000
        }
    );
    let low = U256::from(999_999_999u64);
    let f = fault(signed(Draft {
        max_fee: low,
        max_priority_fee: low,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::FeeBelowBaseFee { .. }));
    let f = fault(signed(Draft {
        max_priority_fee: U256::from(2_000_000_001u64),
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::PriorityAboveCap { .. }));
    let f = fault(signed(Draft {
        value: U256::MAX >> 1,
        ..second.clone()
    }));
    assert!(matches!(f, TransactionFault::Balance { .. }));
    let f = fault(signed(Draft {
        value: U256::MAX,
        ..second.clone()
    }));
    // Gas limit times fee cap and the value: 42 * 10^12 wei more than 2^256 - 1, which nobody has.
    let needed = U512::from(U256::MAX) + U512::from(42_000_000_000_000u64);
    assert!(matches!(f, TransactionFault::Balance { needed: found, .. } if *found == needed));
    let f = fault(signed(Draft {
        to: None,
        data: vec![0; 49_153].into(),
        gas_limit: 20_000_000,
        ..second.clone()
    }));
    assert_eq!(f, TransactionFault::InitCodeSize(49_153));

    // Signatures.
    let one = U256::from(1);
    assert_eq!(
        fault(second.with_signature(false, U256::ZERO, one)),
        TransactionFault::SignatureR
    );
    assert_eq!(
        fault(second.with_signature(false, CURVE_ORDER, one)),
        TransactionFault::SignatureR
    );
    assert_eq!(
        fault(second.with_signature(false, one, U256::ZERO)),
        TransactionFault::SignatureS
    );
    assert_eq!(
        fault(second.with_signature(false, one, CURVE_ORDER)),
        TransactionFault::SignatureS
    );
    let f = fault(second.with_signature(false, one, CURVE_ORDER - one));
    assert_eq!(f, TransactionFault::HighS);
    // x = 5 is on no point of the curve.
    assert_eq!(
        fault(second.with_signature(false, U256::from(5), one)),
        TransactionFault::Unrecoverable
    );
    // A wrong but well-formed signature recovers to someone without money.
    assert!(matches!(
        fault(second.with_signature(false, one, one)),
        TransactionFault::NonceTooHigh { .. }
    ));
    assert_eq!(
        fault(vec![4, 0xc0].into()),
        TransactionFault::LaterType {
            kind: 4,
            since: braid_witness::Rules::Prague,
        }
    );

    // EIP-3607.
    let mut with_code = file(vec![signed(draft())]);
    with_code.alloc.get_mut(&key().address()).unwrap().code = Bytes::from_static(&[0xef, 1, 0]);
    let error = execute(&with_code).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("EIP-3607"), "{error}");
    assert_eq!(error.kind(), ErrorKind::InvalidBlock);
}

#[test]
fn malformed_transactions_are_refused() {
    let mut taken = 0;
    for kind in [
        TransactionKind::Legacy { protected: false },
        TransactionKind::Legacy { protected: true },
        TransactionKind::AccessList,
        TransactionKind::DynamicFee,
    ] {
        let draft = Draft {
            kind,
            nonce: 1,
            data: vec![1, 2, 3].into(),
            ..draft()
        };
        let good = draft.sign(&key()).unwrap();
        for length in 0..good.len() {
            let error = refusal(good.slice(..length));
            assert_eq!(error.kind(), ErrorKind::Malformed, "{length}: {error}");
        }
        let longer: Bytes = [good.as_ref(), &[0]].concat().into();
        assert_eq!(refusal(longer).kind(), ErrorKind::Malformed);
        // Any bit flipped is refused: it is another transaction by someone else, or none.
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.to_vec();
                bytes[position] ^= 1 << bit;
                let bytes = Bytes::from(bytes);
                if let Ok(ours) = SignedTransaction::decode(bytes.clone(), SAMPLE_CHAIN_ID) {
                    let mut buffer = bytes.as_ref();
                    let theirs = TxEnvelope::decode_2718(&mut buffer).unwrap();
                    assert!(buffer.is_empty());
                    assert_eq!(theirs.recover_signer().unwrap(), ours.sender);
                    assert_eq!(theirs.encoded_2718(), bytes);
                    taken += 1;
                }
                refusal(bytes);
            }
        }
    }
    assert!(taken > 100);
    let blob = refusal(vec![3, 0xc0].into());
    assert_eq!(blob.kind(), ErrorKind::NotProvable, "{blob}");
}

#[test]
fn blocks_must_follow_their_parent() {
    let fault = |change: fn(&mut Block)| {
        let mut file = file(vec![]);
        change(&mut file.blocks[0]);
        match execute(&file).map(|_| ()).unwrap_err() {
            Error::InvalidBlock { reason, .. } => reason,
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        fault(|b| b.environment.number = 100),
        BlockFault::Number { expected: 101 }
    );
    assert_eq!(
        fault(|b| b.environment.gas_limit = 0),
        BlockFault::ZeroGasLimit
    );
    let parent = 1_700_000_000;
    assert_eq!(
        fault(|b| b.environment.timestamp = 1),
        BlockFault::Timestamp {
            timestamp: 1,
            parent
        }
    );
    let mut last = file(vec![]);
    last.parent.number = u64::MAX;
    assert!(execute(&last).is_err());
    // The same second is allowed.
    let mut same = file(vec![]);
    same.blocks[0].environment.timestamp = parent;
    assert!(execute(&same).is_ok());
}

/// A transaction whose value and fees pass 2^256 is one: it is refused for want of money, after the rules that come before that one.
#[test]
fn costs_of_2_256_and_above_are_want_of_money() {
    let rich = U256::MAX - U256::from(10).pow(U256::from(30));
    // The largest fee of 2^15 gas.
    let dear = Draft {
        max_fee: U256::MAX >> 15,
        max_priority_fee: U256::ZERO,
        gas_limit: 1 << 15,
        ..draft()
    };
    let most = Draft {
        value: U256::MAX,
        ..dear.clone()
    };
    for draft in [
        Draft {
            value: U256::MAX,
            ..draft()
        },
        Draft {
            value: U256::from(1) << 15,
            ..dear.clone()
        },
        most.clone(),
    ] {
        let raw = draft.sign(&key()).unwrap();
        let decoded = SignedTransaction::decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
        assert_eq!(decoded.sender, key().address());
        assert_eq!(decoded.check_static(Rules::Cancun), Ok(()));
        let cost =
            U512::from(draft.max_fee) * U512::from(draft.gas_limit) + U512::from(draft.value);
        let mut file = file(vec![raw]);
        file.alloc.retain(|address, _| *address == key().address());
        file.alloc.get_mut(&key().address()).unwrap().balance = rich;
        let both = [
            execute(&file).map(|_| ()).unwrap_err(),
            execute_file(&file, Settings::default())
                .map(|_| ())
                .unwrap_err(),
        ];
        for error in both {
            assert_eq!(error.kind(), ErrorKind::InvalidBlock);
            let Error::InvalidTransaction { place, reason } = error else {
                panic!("{error}");
            };
            let expected = TransactionFault::Balance {
                sender: key().address(),
                balance: rich,
                needed: Box::new(cost),
            };
            assert_eq!((place.index, *reason), (0, expected));
        }
    }
    // The fee alone is refused before the state is looked at.
    let too_dear = Draft {
        max_fee: dear.max_fee + U256::from(1),
        ..dear.clone()
    };
    let decoded = SignedTransaction::decode(too_dear.sign(&key()).unwrap(), SAMPLE_CHAIN_ID);
    assert_eq!(
        decoded.unwrap().check_static(Rules::Cancun),
        Err(TransactionFault::FeeOverflow)
    );
    // Who has the money is told that fees of 2^128 and more are not counted, the first such one and not the one below.
    let fee = |gas_limit: u64, cap: U256| {
        let draft = Draft {
            max_fee: cap,
            gas_limit,
            ..draft()
        };
        let mut file = file(vec![draft.sign(&key()).unwrap()]);
        file.alloc.retain(|address, _| *address == key().address());
        file.alloc.get_mut(&key().address()).unwrap().balance = rich;
        execute(&file).map(|_| ())
    };
    let below = (U256::from(1) << 113) - U256::from(1);
    assert_eq!(fee(1 << 15, below), Ok(()));
    assert!(matches!(
        fee(1 << 15, below + U256::from(1)),
        Err(Error::NotProvable(refused)) if refused[0].reason == NotProvable::FeeTooLarge
    ));
    // The nonce comes before the money.
    let early = Draft { nonce: 1, ..most };
    let error = execute(&file(vec![early.sign(&key()).unwrap()])).map(|_| ());
    assert!(error.unwrap_err().to_string().contains("nonce"));
}
