//! Blocks that may not be, and what cannot be proved: each is named.

use super::*;

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
    assert_eq!(f, TransactionFault::CostOverflow);
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
        TransactionFault::UnknownType(4)
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
    assert!(matches!(
        refusal(vec![3, 0xc0].into()),
        Error::NotProvable {
            reason: NotProvable::Blob,
            ..
        }
    ));
}

#[test]
fn what_cannot_be_proved_is_named() {
    let reason = |draft: Draft| {
        let transaction = Draft {
            nonce: 1,
            gas_limit: 100_000,
            ..draft
        }
        .sign(&key())
        .unwrap();
        match refusal(transaction) {
            Error::NotProvable { place, reason } => {
                assert_eq!((place.block, place.index), (101, 1));
                reason
            }
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        reason(Draft {
            to: None,
            ..draft()
        }),
        NotProvable::CreatesContract
    );
    for number in 1..=10 {
        let precompile = Address::with_last_byte(number);
        assert_eq!(
            reason(Draft {
                to: Some(precompile),
                ..draft()
            }),
            NotProvable::CallsPrecompile(precompile)
        );
    }
    let contract = *file(vec![])
        .alloc
        .iter()
        .find(|(_, a)| !a.code.is_empty())
        .unwrap()
        .0;
    assert_eq!(
        reason(Draft {
            to: Some(contract),
            ..draft()
        }),
        NotProvable::RunsCode(contract)
    );
    for number in [0, 11] {
        let to = Some(Address::with_last_byte(number));
        let transfer = Draft { to, ..draft() }.sign(&key()).unwrap();
        assert!(execute(&file(vec![transfer])).is_ok());
    }
    // Too large even alone.
    let executed = execute(&file(vec![draft().sign(&key()).unwrap()])).unwrap();
    let error = chunks(&executed, |demand| demand.published_bytes < 50).unwrap_err();
    assert!(matches!(
        error,
        Error::NotProvable {
            reason: NotProvable::DoesNotFit,
            ..
        }
    ));
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
