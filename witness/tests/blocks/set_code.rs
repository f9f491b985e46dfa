//! Transactions that set code (EIP-7702): what is taken, what they do, and that none of it is proved.

use alloy_primitives::hex;
use braid_witness::Rules;
use braid_witness::error::{Malformation, Outside};
use braid_witness::execution::StateReader;
use braid_witness::provable::provability;
use braid_witness::transaction::{Refusal, SignedAuthorization};

use super::context::everywhere;
use super::*;

const CONTRACT: Address = Address::repeat_byte(0xc0);

/// `storage[0] += 1`.
const COUNTER: &[u8] = &hex!("5f546001015f5500");

/// An account that sends, but for the authorities'.
fn other() -> SampleKey {
    SampleKey::new(9, 1).unwrap()
}

fn set_code(authorizations: Vec<SignedAuthorization>) -> Draft {
    Draft {
        kind: TransactionKind::SetCode,
        gas_limit: 500_000,
        authorizations,
        ..draft()
    }
}

fn authorization(address: Address, nonce: u64) -> SignedAuthorization {
    let chain_id = U256::from(SAMPLE_CHAIN_ID);
    other().authorize(chain_id, address, nonce).unwrap()
}

/// Blocks of transactions of [`key`] and [`other`], by these rules, where the other has code to take.
fn blocks(rules: Rules, blocks: &[Vec<(SampleKey, Draft)>]) -> BlockFile {
    let signed = blocks.iter().map(|block| {
        let signed = block.iter().map(|(key, draft)| draft.sign(key).unwrap());
        signed.collect::<Vec<_>>()
    });
    let mut signed = signed.collect::<Vec<_>>().into_iter();
    let mut file = file(signed.next().unwrap());
    file.rules = rules;
    for (number, transactions) in (102..).zip(signed) {
        let mut block = file.blocks[0].clone();
        block.environment.number = number;
        block.transactions = transactions;
        file.blocks.push(block);
    }
    let rich = AllocAccount {
        balance: U256::from(10).pow(U256::from(20)),
        ..AllocAccount::default()
    };
    file.alloc.insert(other().address(), rich);
    let contract = AllocAccount {
        nonce: 1,
        code: Bytes::from_static(COUNTER),
        ..AllocAccount::default()
    };
    file.alloc.insert(CONTRACT, contract);
    file
}

fn nonce(nonce: u64, draft: Draft) -> Draft {
    Draft { nonce, ..draft }
}

/// A call of the other account.
fn call() -> Draft {
    Draft {
        to: Some(other().address()),
        gas_limit: 100_000,
        ..draft()
    }
}

#[test]
fn an_account_takes_code_runs_it_sends_and_gives_it_back() {
    for rules in [Rules::Prague, Rules::Osaka] {
        let all = [
            vec![
                (key(), nonce(0, set_code(vec![authorization(CONTRACT, 0)]))),
                (key(), nonce(1, call())),
                (key(), nonce(2, call())),
                // A delegated account goes on to send: its nonce was raised.
                (other(), nonce(1, draft())),
            ],
            vec![
                (key(), nonce(3, call())),
                (
                    key(),
                    nonce(4, set_code(vec![authorization(Address::ZERO, 2)])),
                ),
                (key(), nonce(5, call())),
                (other(), nonce(3, draft())),
            ],
        ];
        let file = blocks(rules, &all);
        let after = everywhere(&file);
        let counted = StateReader::storage(&after, &other().address(), &U256::ZERO).unwrap();
        assert_eq!(counted, U256::from(3), "{rules}");
        let account = after.state().account(other().address()).unwrap();
        assert_eq!((account.nonce, account.code.size), (4, 0));
        let contract = StateReader::storage(&after, &CONTRACT, &U256::ZERO).unwrap();
        assert_eq!(contract, U256::ZERO);
        // After the first block it is there.
        let first = BlockFile {
            blocks: file.blocks[..1].to_vec(),
            ..file.clone()
        };
        let after = everywhere(&first);
        let account = after.state().account(other().address()).unwrap();
        let code = [&hex!("ef0100")[..], CONTRACT.as_slice()].concat();
        assert_eq!(account.code.keccak, keccak256(&code));
        assert_eq!(
            after
                .state()
                .code(account.code.keccak)
                .unwrap()
                .bytecode
                .original_bytes(),
            code
        );

        let delegation = || NotProvable::Delegation(other().address());
        let expected = [
            (101, 0, NotProvable::SetsCode),
            (101, 1, delegation()),
            (101, 2, delegation()),
            (101, 3, delegation()),
            (102, 0, delegation()),
            (102, 1, NotProvable::SetsCode),
        ];
        let error = execute(&file).map(|_| ()).unwrap_err();
        let Error::NotProvable(refused) = &error else {
            panic!("{error}");
        };
        let found = refused.iter().map(|it| {
            assert!(!it.reason.remedy().is_empty());
            (it.block, it.transaction.unwrap().index, it.reason.clone())
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(error.kind(), ErrorKind::NotProvable);
    }
}

/// Without accesses nothing is said of accounts whose delegation may have changed in the block, and the rest is the same.
#[test]
fn what_receipts_alone_say_of_provability() {
    let all = [
        vec![
            (key(), nonce(0, set_code(vec![authorization(CONTRACT, 0)]))),
            (key(), nonce(1, call())),
        ],
        vec![(other(), nonce(1, draft())), (key(), nonce(2, call()))],
    ];
    let file = blocks(Rules::Prague, &all);
    let settings = Settings {
        options: braid_witness::execution::Options {
            detail: braid_witness::execution::Detail::Receipts,
            ..Default::default()
        },
        ..Settings::default()
    };
    let (execution, chain) = execute_file(&file, settings).unwrap();
    let found = execution.blocks.iter().map(|block| {
        let found = provability(1337, &chain, block).unwrap();
        let refused = found.refused.iter();
        let reasons = refused.map(|it| (it.transaction.unwrap().index, it.reason.clone()));
        (reasons.collect::<Vec<_>>(), found.untraced)
    });
    let delegation = || NotProvable::Delegation(other().address());
    let expected = [
        (vec![(0, NotProvable::SetsCode)], 1),
        (vec![(0, delegation()), (1, delegation())], 0),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn code_that_calls_a_delegated_account_is_not_provable() {
    // The account has the delegation before the block; the contract calls it, or asks for its balance, size and hash, which is no call.
    let delegated = other().address();
    let call = [
        &hex!("5f5f5f5f5f73")[..],
        delegated.as_slice(),
        &hex!("61ea60f15000"),
    ]
    .concat();
    let look = [
        &hex!("73")[..],
        delegated.as_slice(),
        &hex!("803b5f55803160015573"),
        delegated.as_slice(),
        &hex!("3f60025500"),
    ]
    .concat();
    for (code, gas, expected) in [
        (&call, 200_000, Some(Outside::Delegation(delegated))),
        // Too little for what the delegation costs, and enough for the call without it.
        (
            &call,
            21_000 + 17 + 2_600 + 2_000,
            Some(Outside::Delegation(delegated)),
        ),
        (&look, 200_000, None),
    ] {
        let main = Address::repeat_byte(0xc5);
        let draft = Draft {
            to: Some(main),
            gas_limit: gas,
            ..draft()
        };
        let mut file = blocks(Rules::Osaka, &[vec![(key(), draft)]]);
        let with = |code: Vec<u8>| AllocAccount {
            nonce: 1,
            code: code.into(),
            ..AllocAccount::default()
        };
        file.alloc.insert(main, with(code.clone()));
        let designator = [&hex!("ef0100")[..], CONTRACT.as_slice()].concat();
        file.alloc.insert(delegated, with(designator));
        everywhere(&file);
        let found = match execute(&file) {
            Ok(executed) => {
                chunks_of(&executed, 1).unwrap();
                None
            }
            Err(Error::NotProvable(all)) => match &all[0].reason {
                NotProvable::Outside { frame: 0, what } => Some(*what),
                other => panic!("{other}"),
            },
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, expected, "{gas}");
    }
}

#[test]
fn what_a_transaction_of_type_4_must_have() {
    let authorized = || vec![authorization(CONTRACT, 0)];
    let fault = |rules, draft: Draft| {
        let file = blocks(rules, &[vec![(key(), draft)]]);
        match execute_file(&file, Settings::default()) {
            Ok(_) => None,
            Err(Error::InvalidTransaction { reason, .. }) => Some(*reason),
            Err(other) => panic!("{other}"),
        }
    };
    for rules in Rules::ALL {
        let since = Rules::Prague;
        let later = (rules < since).then_some(TransactionFault::LaterType { kind: 4, since });
        assert_eq!(fault(rules, set_code(authorized())), later);
        let creation = Draft {
            to: None,
            ..set_code(authorized())
        };
        let expected = later.clone().unwrap_or(TransactionFault::SetCodeCreates);
        assert_eq!(fault(rules, creation), Some(expected));
        let expected = later.clone().unwrap_or(TransactionFault::NoAuthorizations);
        assert_eq!(fault(rules, set_code(Vec::new())), Some(expected));
        // 21,000 and 25,000 for each authorization.
        let short = Draft {
            gas_limit: 45_999,
            ..set_code(authorized())
        };
        let expected = later.unwrap_or(TransactionFault::IntrinsicGas {
            gas_limit: 45_999,
            intrinsic: 46_000,
        });
        assert_eq!(fault(rules, short), Some(expected));
    }
    // What is no transaction by the rules is not looked into.
    let mut file = blocks(Rules::Cancun, &[vec![]]);
    file.blocks[0].transactions = vec![Bytes::from_static(&[4, 0xff])];
    let error = execute_file(&file, Settings::default())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidBlock);
    file.rules = Rules::Prague;
    let error = execute_file(&file, Settings::default())
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

/// Decoding is as strict as in other transactions, and as alloy's.
#[test]
fn authorizations_are_decoded_strictly() {
    let wrong = SignedAuthorization {
        y_parity: 7,
        ..authorization(CONTRACT, 3)
    };
    let high = SignedAuthorization {
        s: CURVE_ORDER - U256::from(1),
        ..authorization(CONTRACT, 3)
    };
    let list = vec![
        authorization(CONTRACT, u64::MAX),
        wrong,
        high,
        authorization(Address::ZERO, 0),
    ];
    let raw = set_code(list.clone()).sign(&key()).unwrap();
    let decoded = SignedTransaction::decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
    assert_eq!(decoded.sender, key().address());
    let mut buffer = raw.as_ref();
    let TxEnvelope::Eip7702(theirs) = TxEnvelope::decode_2718(&mut buffer).unwrap() else {
        panic!("another type");
    };
    assert_eq!(*theirs.hash(), decoded.hash);
    assert_eq!(theirs.signature_hash(), decoded.signing_hash);
    assert_eq!(theirs.recover_signer().unwrap(), decoded.sender);
    let authorities = decoded.authorizations.iter().map(|it| it.authority());
    let other = Some(other().address());
    assert_eq!(authorities.collect::<Vec<_>>(), [other, None, None, other]);
    let theirs = theirs.tx().authorization_list.iter();
    let same = theirs.zip(&decoded.authorizations).zip(&list);
    for ((theirs, ours), given) in same {
        assert_eq!(theirs.inner(), &**ours);
        assert_eq!(theirs.y_parity(), given.y_parity);
        assert_eq!(theirs.recover_authority().ok(), ours.authority());
    }
    // Of every shortened or lengthened one ours and theirs say the same.
    let mut refused = 0;
    for index in 0..raw.len() {
        for change in [1_u8, 0x80] {
            let mut bytes = raw.to_vec();
            bytes[index] ^= change;
            let mut buffer = bytes.as_slice();
            let theirs = TxEnvelope::decode_2718(&mut buffer).is_ok() && buffer.is_empty();
            let ours = SignedTransaction::decode(bytes.into(), SAMPLE_CHAIN_ID);
            let is_form = !matches!(ours, Err(Refusal::Malformed(_)));
            if index > 0 && !theirs {
                refused += 1;
                assert!(
                    !is_form || matches!(ours, Err(Refusal::Invalid(_))),
                    "{index}: {ours:?}"
                );
            }
        }
    }
    assert!(refused > 20, "{refused}");
    // A field too many in an authorization.
    let mut long = raw.to_vec();
    long.push(0);
    let found = SignedTransaction::decode(long.into(), SAMPLE_CHAIN_ID);
    assert_eq!(
        found,
        Err(Refusal::Malformed(Malformation::TrailingBytes(1)))
    );
}

/// Where a block cannot be executed, what is said of the rest holds whatever authorizations do.
#[test]
fn refusals_beside_authorizations() {
    let wrong = Draft {
        chain_id: 1,
        ..draft()
    };
    let all = [vec![
        (key(), nonce(0, wrong)),
        (key(), nonce(0, set_code(vec![authorization(CONTRACT, 0)]))),
        // Too high, unless the authorization raises it.
        (other(), nonce(1, draft())),
    ]];
    let file = blocks(Rules::Prague, &all);
    let error = execute_file(&file, Settings::default())
        .map(|_| ())
        .unwrap_err();
    let Error::InvalidTransaction { place, reason } = &error else {
        panic!("{error}");
    };
    assert_eq!(place.index, 0);
    assert!(
        matches!(**reason, TransactionFault::ChainId { .. }),
        "{error}"
    );
    // A sender with a delegation may send, one with other code may not.
    let all = [vec![
        (key(), nonce(1, draft())),
        (other(), nonce(1, draft())),
    ]];
    for (code, is_named) in [
        ([&hex!("ef0100")[..], CONTRACT.as_slice()].concat(), false),
        (vec![0], true),
    ] {
        let mut file = blocks(Rules::Prague, &all);
        let account = file.alloc.get_mut(&other().address()).unwrap();
        (account.code, account.nonce) = (code.into(), 1);
        let error = execute_file(&file, Settings::default())
            .map(|_| ())
            .unwrap_err();
        let expected = TransactionFault::SenderHasCode(other().address());
        assert_eq!(
            format!("{error:?}").contains(&format!("{expected:?}")),
            is_named,
            "{error}"
        );
    }
}
