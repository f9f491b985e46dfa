//! What the rules of a chain change: block files that name them, gas, precompiles, the history contract.

use alloy_eips::eip2935::{HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE};
use braid_witness::Rules;
use braid_witness::execution::StateReader;

use super::context::beacon_root::with_contract;
use super::context::everywhere;
use super::*;

/// A block of these transactions by these rules.
fn by(rules: Rules, drafts: &[Draft]) -> BlockFile {
    let signed = (0..).zip(drafts).map(|(nonce, draft)| {
        let draft = Draft {
            nonce,
            ..draft.clone()
        };
        draft.sign(&key()).unwrap()
    });
    let mut file = file(signed.collect());
    file.rules = rules;
    file
}

/// Why the only transaction is refused, if it is.
fn refusal(rules: Rules, draft: &Draft) -> Option<TransactionFault> {
    match execute_file(
        &by(rules, core::slice::from_ref(draft)),
        Settings::default(),
    ) {
        Ok(_) => None,
        Err(Error::InvalidTransaction { reason, .. }) => Some(*reason),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn block_files_name_the_rules() {
    for rules in Rules::ALL {
        let config = SampleConfig {
            rules,
            ..SampleConfig::new(3, 5)
        };
        let file = sample(&config).unwrap();
        let json: serde_json::Value = serde_json::from_str(&file.to_json()).unwrap();
        // Files by the rules of Cancun are what they always were.
        let expected = (rules != Rules::Cancun).then(|| rules.name().into());
        assert_eq!(json.get("rules").cloned(), expected);
        assert_eq!(
            BlockFile::from_json(file.to_json().as_bytes()),
            Ok(file.clone())
        );
        let mut named = json;
        named["rules"] = rules.name().into();
        let read = BlockFile::from_json(named.to_string().as_bytes()).unwrap();
        assert_eq!(read, file);
        for (wrong, says) in [
            ("shanghai", r#""shanghai" is none of cancun, prague, osaka"#),
            ("Osaka", r#""Osaka" is none of"#),
            ("", r#""" is none of"#),
        ] {
            named["rules"] = wrong.into();
            let error = BlockFile::from_json(named.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(
                error.to_string().starts_with(&format!("rules: {says}")),
                "{error}"
            );
        }
    }
}

#[test]
fn rules_go_into_chunks() {
    for rules in Rules::ALL {
        let config = SampleConfig {
            rules,
            blocks: 2,
            ..SampleConfig::new(3, 9)
        };
        let executed = execute(&sample(&config).unwrap()).unwrap();
        assert_eq!(executed.rules, rules);
        let chunks = chunks_of(&executed, 2).unwrap();
        assert!(chunks.len() > 2 && chunks.iter().all(|chunk| chunk.rules == rules));
    }
}

#[test]
fn data_has_a_least_price_from_prague_on() {
    // 3 zero bytes and 100 others: 21,000 + 12 + 1,600, or 21,000 + 30 + 4,000.
    let data = [vec![0; 3], vec![7; 100]].concat();
    let draft = |gas_limit| Draft {
        data: data.clone().into(),
        gas_limit,
        ..draft()
    };
    for (rules, used) in [
        (Rules::Cancun, 22_612),
        (Rules::Prague, 25_030),
        (Rules::Osaka, 25_030),
    ] {
        let file = by(rules, &[draft(30_000)]);
        let (execution, _) = execute_file(&file, Settings::default()).unwrap();
        assert_eq!(execution.gas_used(), used, "{rules}");
        everywhere(&file);
        assert_eq!(execute(&file).unwrap().gas_used(), used);
        assert_eq!(refusal(rules, &draft(used)), None);
        let short = refusal(rules, &draft(used - 1));
        let expected = match rules {
            Rules::Cancun => TransactionFault::IntrinsicGas {
                gas_limit: used - 1,
                intrinsic: used.into(),
            },
            _ => TransactionFault::FloorGas {
                gas_limit: used - 1,
                floor: used.into(),
            },
        };
        assert_eq!(short, Some(expected));
    }
}

#[test]
fn transactions_have_a_most_of_gas_from_osaka_on() {
    let cap = 1 << 24;
    for rules in Rules::ALL {
        for gas_limit in [cap, cap + 1] {
            let draft = Draft {
                gas_limit,
                ..draft()
            };
            let is_refused = rules == Rules::Osaka && gas_limit > cap;
            let expected = is_refused.then_some(TransactionFault::GasCap { gas_limit, cap });
            assert_eq!(refusal(rules, &draft), expected, "{rules}");
        }
    }
}

#[test]
fn precompiles_are_those_of_the_rules() {
    let last = Address::with_last_byte;
    for (to, since) in [
        (last(10), Some(Rules::Cancun)),
        (last(11), Some(Rules::Prague)),
        (last(17), Some(Rules::Prague)),
        (last(18), None),
        (Address::left_padding_from(&[1, 0]), Some(Rules::Osaka)),
        (Address::left_padding_from(&[1, 1]), None),
    ] {
        for rules in Rules::ALL {
            let draft = Draft {
                to: Some(to),
                gas_limit: 1_000_000,
                ..draft()
            };
            let file = by(rules, &[draft]);
            everywhere(&file);
            let (execution, _) = execute_file(&file, Settings::default()).unwrap();
            let outcome = &execution.blocks[0].execution.transactions[0];
            let is_one = since.is_some_and(|since| rules >= since);
            assert_eq!(outcome.is_transfer, !is_one, "{rules} {to}");
            let expected = is_one.then_some(NotProvable::CallsPrecompile(to));
            let found = match execute(&file) {
                Ok(_) => None,
                Err(Error::NotProvable(all)) => Some(all[0].reason.clone()),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{rules} {to}");
        }
    }
}

#[test]
fn the_history_contract_is_given_the_hash_of_the_parent_from_prague_on() {
    let contract = AllocAccount {
        nonce: 1,
        code: HISTORY_STORAGE_CODE.clone(),
        ..AllocAccount::default()
    };
    for rules in Rules::ALL {
        let mut file = by(rules, &[draft()]);
        assert_eq!(file.parent.number, 100);
        file.alloc.insert(HISTORY_STORAGE_ADDRESS, contract.clone());
        // A block after it, with nothing in it.
        let mut next = file.blocks[0].clone();
        next.transactions.clear();
        next.environment.number += 1;
        file.blocks.push(next);
        let after = everywhere(&file);
        let (execution, _) = execute_file(&file, Settings::default()).unwrap();
        let asked = rules > Rules::Cancun;
        let word = |hash: B256| match asked {
            true => U256::from_be_bytes(hash.0),
            false => U256::ZERO,
        };
        let stored = |at: u64| {
            let account = StateReader::storage(&after, &HISTORY_STORAGE_ADDRESS, &U256::from(at));
            account.unwrap()
        };
        assert_eq!(stored(100), word(file.parent.block_hash), "{rules}");
        assert_eq!(stored(101), word(execution.blocks[0].end.block_hash));
        assert_eq!(execution.gas_used(), 21_000);
        match execute(&file) {
            Ok(_) => assert!(!asked),
            Err(error) => {
                assert!(asked);
                let refused =
                    [101, 102].map(|block| Unprovable::block(block, NotProvable::CallsHistory));
                assert_eq!(error, Error::NotProvable(refused.into()));
                assert!(error.to_string().contains("EIP-2935"), "{error}");
            }
        }
        // Without the contract nothing happens.
        file.alloc.remove(&HISTORY_STORAGE_ADDRESS);
        assert!(execute(&file).is_ok());
    }
}

#[test]
fn both_contracts_are_called_before_the_first_transaction() {
    let mut file = with_contract(by(Rules::Prague, &[draft()]), &BEACON_ROOTS_CODE);
    let contract = AllocAccount {
        nonce: 1,
        code: HISTORY_STORAGE_CODE.clone(),
        ..AllocAccount::default()
    };
    file.alloc.insert(HISTORY_STORAGE_ADDRESS, contract);
    everywhere(&file);
    let (execution, after) = execute_file(&file, Settings::default()).unwrap();
    let changed = &execution.blocks[0].before_transactions.storage;
    let of = |address| changed.iter().filter(|it| it.address == address).count();
    assert_eq!(
        (of(BEACON_ROOTS_ADDRESS), of(HISTORY_STORAGE_ADDRESS)),
        (2, 1)
    );
    assert_eq!(changed.len(), 3);
    let hash = StateReader::storage(&after, &HISTORY_STORAGE_ADDRESS, &U256::from(100)).unwrap();
    assert_eq!(hash, U256::from_be_bytes(file.parent.block_hash.0));
}

#[test]
fn blob_gas_has_the_price_of_the_rules() {
    // `storage[1] = blobbasefee`.
    let contract = Address::repeat_byte(0xc0);
    for (rules, price, most) in [
        (Rules::Cancun, 22_026_u64, 296_199_157_u64),
        (Rules::Prague, 785, 444_298_780),
        (Rules::Osaka, 785, 444_298_780),
    ] {
        let call = Draft {
            to: Some(contract),
            gas_limit: 100_000,
            ..draft()
        };
        let mut file = by(rules, &[call]);
        let account = AllocAccount {
            nonce: 1,
            code: Bytes::from_static(&alloy_primitives::hex!("4a60015500")),
            ..AllocAccount::default()
        };
        file.alloc.insert(contract, account);
        file.blocks[0].excess_blob_gas = 33_384_770;
        let after = everywhere(&file);
        let found = StateReader::storage(&after, &contract, &U256::ONE).unwrap();
        assert_eq!(found, U256::from(price), "{rules}");
        file.blocks[0].excess_blob_gas = most;
        assert!(BlockFile::from_json(file.to_json().as_bytes()).is_ok());
        file.blocks[0].excess_blob_gas = most + 1;
        let error = execute_file(&file, Settings::default())
            .map(|_| ())
            .unwrap_err();
        let reason = BlockFault::ExcessBlobGas {
            given: most + 1,
            limit: most,
        };
        assert_eq!(error, Error::InvalidBlock { block: 101, reason });
        let error = BlockFile::from_json(file.to_json().as_bytes()).unwrap_err();
        assert!(error.to_string().contains(&most.to_string()), "{error}");
    }
}
