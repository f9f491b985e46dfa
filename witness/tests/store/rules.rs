//! The rules of a store's chain: it keeps them, and goes on by no others.

use alloy_primitives::Address;
use braid_witness::sample::{SampleConfig, sample};
use braid_witness::store::Ahead;
use braid_witness::{BlockFile, Rules, execute_ahead};

use super::*;

fn file(rules: Rules) -> BlockFile {
    let config = SampleConfig {
        rules,
        ..SampleConfig::new(5, 6)
    };
    sample(&config).unwrap()
}

/// The rows of a store about itself.
fn meta(folder: &std::path::Path, key: &str) -> Option<u64> {
    let table = redb::TableDefinition::<&str, u64>::new("meta");
    let database = redb::Database::open(folder.join("state.redb")).unwrap();
    let transaction = redb::ReadableDatabase::begin_read(&database).unwrap();
    let row = transaction.open_table(table).unwrap().get(key).unwrap();
    row.map(|row| row.value())
}

#[test]
fn a_store_keeps_its_rules() {
    for rules in Rules::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = file(rules);
        drop(Store::init(folder.path(), &Genesis::from(&file)).unwrap());
        assert_eq!(meta(folder.path(), "schema"), Some(2));
        let row = Some(rules.number().into());
        assert_eq!(meta(folder.path(), "rules"), row);
        let mut store = Store::open(folder.path(), None).unwrap();
        assert_eq!((store.rules(), Chain::rules(&store)), (rules, rules));
        let ahead = Ahead::new(store.snapshot().unwrap()).unwrap();
        assert_eq!(Chain::rules(&ahead), rules);
        for expected in Rules::ALL {
            let found = store.view().must_have_rules(expected);
            let other = StoreError::OtherRules {
                found: rules,
                expected,
            };
            assert_eq!(found, (expected == rules).then_some(()).ok_or(other));
        }
        // Proving goes by the file, which must name the same.
        for expected in Rules::ALL {
            let ahead = Ahead::new(store.snapshot().unwrap()).unwrap();
            let mut named = file.clone();
            (named.rules, named.alloc) = (expected, Default::default());
            let found = execute_ahead(ahead, &named);
            if expected == rules {
                assert_eq!(found.unwrap().rules, rules);
                continue;
            }
            let error = found.map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
            let said =
                format!("the state store is of a chain with the rules {rules}, not {expected}");
            assert_eq!(error.to_string(), said);
        }
        let execution = execute_on(&mut store, &file.blocks, Settings::default()).unwrap();
        assert_eq!(execution.rules, rules);
        assert_eq!(execution.blocks[0].rules, rules);
        let (expected, _) = execute_file(&file, Settings::default()).unwrap();
        assert_eq!(execution.end(), expected.end());
    }
}

#[test]
fn rules_that_there_are_not_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::init(folder.path(), &Genesis::from(&file(Rules::Osaka))).unwrap());
    let table = redb::TableDefinition::<&str, u64>::new("meta");
    let database = redb::Database::open(folder.path().join("state.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("rules", 3)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = failure(Store::open(folder.path(), None));
    assert_eq!(
        error,
        StoreError::Damaged("the row `rules` names none".to_owned())
    );
}

/// Code that has the form of a delegation (EIP-7702) is one by some rules and not by others, from a store as from memory.
#[test]
fn delegations_are_read_by_the_rules() {
    let code = Bytes::from([&[0xef, 0x01, 0x00][..], &[0x11; 20]].concat());
    let hash = keccak256(&code);
    for rules in Rules::ALL {
        let mut file = file(rules);
        let account = AllocAccount {
            nonce: 1,
            code: code.clone(),
            ..AllocAccount::default()
        };
        file.alloc.insert(Address::repeat_byte(0x22), account);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(folder.path(), &Genesis::from(&file)).unwrap();
        let memory = braid_witness::chain::MemoryChain::new(&file).unwrap();
        let found = [store.code(&hash).unwrap(), memory.code(&hash).unwrap()];
        for found in found {
            assert_eq!(found.is_eip7702(), rules > Rules::Cancun, "{rules}");
            assert_eq!(found.original_bytes(), code);
        }
    }
}
