//! What a store refuses: another chain's, what is damaged, changes that do not go with it.

use braid_circuits::event::NumberedHash;
use braid_circuits::state_hash::{block_hash_key, block_hash_value};
use braid_witness::tree::StateTree;

use super::*;
use braid_witness::Rules;

#[test]
fn the_wrong_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let error = failure(Store::open(&path, None));
    assert_eq!(error, StoreError::Missing(path.clone()));
    assert!(!path.exists(), "looking makes no folder");
    let alloc = Model::genesis(3).alloc();
    let store = Store::init(&path, &genesis(&alloc)).unwrap();
    assert_eq!(
        failure(Store::open(&path, None)),
        StoreError::Locked(path.clone())
    );
    drop(store);
    assert_eq!(
        failure(Store::init(&path, &genesis(&alloc))),
        StoreError::AlreadyInitialised(path.clone())
    );
    let error = failure(Store::open(&path, Some(5)));
    assert_eq!(
        error,
        StoreError::WrongChain {
            found: CHAIN_ID,
            expected: 5
        }
    );
    assert_eq!(error.kind(), ErrorKind::Usage);
    // A refusal leaves no lock.
    drop(Store::open(&path, Some(CHAIN_ID)).unwrap());
    // Of a newer schema.
    let table = redb::TableDefinition::<&str, u64>::new("meta");
    let set = |schema: Option<u64>| {
        let database = redb::Database::open(path.join("state.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        match schema {
            Some(schema) => drop(
                transaction
                    .open_table(table)
                    .unwrap()
                    .insert("schema", schema)
                    .unwrap(),
            ),
            None => drop(transaction.delete_table(table).unwrap()),
        }
        transaction.commit().unwrap();
    };
    set(Some(9));
    assert_eq!(
        failure(Store::open(&path, None)),
        StoreError::NewerSchema { found: 9, known: 2 }
    );
    // Of an older one, whose states have other roots.
    set(Some(1));
    assert_eq!(
        failure(Store::open(&path, None)),
        StoreError::OlderSchema { found: 1, known: 2 }
    );
    set(None);
    assert!(matches!(
        failure(Store::open(&path, None)),
        StoreError::Damaged(_)
    ));
    // Half made: what an initialisation leaves that is killed.
    fs::rename(path.join("state.redb"), path.join("state.redb.new")).unwrap();
    assert_eq!(
        failure(Store::open(&path, None)),
        StoreError::HalfMade(path.clone())
    );
    drop(Store::init(&path, &genesis(&alloc)).unwrap());
    drop(Store::open(&path, None).unwrap());
}

#[test]
fn a_damaged_store_is_an_error_or_whole() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = 30;
    let mut model = Model::genesis(addresses);
    let alloc = model.alloc();
    let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
    for number in 1001..1006 {
        let (block, changes) = model.step(1, number, addresses);
        store.apply(&block, &changes).unwrap();
    }
    drop(store);
    let path = folder.path().join("state.redb");
    let good = fs::read(&path).unwrap();
    let mut found = 0;
    let used = good
        .chunks(512)
        .enumerate()
        .filter(|(_, part)| part.iter().any(|byte| *byte != 0));
    let used: Vec<usize> = used.map(|(index, _)| index * 512).collect();
    for (round, at) in used.iter().enumerate() {
        let mut bad = good.clone();
        if round % 16 == 0 {
            bad.truncate(*at);
        } else {
            let end = bad.len().min(at + 512);
            let spoiled = bad[*at..end]
                .iter_mut()
                .filter(|byte| **byte != 0)
                .nth(round % 7);
            if let Some(byte) = spoiled {
                *byte ^= 1 << (round % 8);
            }
        }
        fs::write(&path, bad).unwrap();
        let whole = Store::open(folder.path(), None).and_then(|store| {
            store.check()?;
            Ok(store)
        });
        match whole {
            Ok(store) => model.assert_is(store.view(), addresses),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
                found += 1;
            }
        }
    }
    // Most of the file is what earlier blocks left behind.
    println!("{found} of {} found", used.len());
    assert!(found > used.len() / 20, "{found} of {}", used.len());
}

#[test]
fn changes_that_do_not_go_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let code = Bytes::from_static(&[1, 2, 3]);
    let contract = AllocAccount {
        nonce: 1,
        code: code.clone(),
        storage: [(U256::from(4), U256::from(5))].into(),
        ..AllocAccount::default()
    };
    let alloc = [(address(1), contract)].into();
    let given = Genesis {
        chain_id: 1,
        rules: Rules::Cancun,
        parent: PARENT,
        alloc: &alloc,
        older_hashes: Default::default(),
    };
    let mut store = Store::init(folder.path(), &given).unwrap();
    let root = store.head().state_root;
    let block = AppliedBlock {
        number: 1001,
        timestamp: 9,
        block_hash: B256::ZERO,
    };
    let there = store.view().account(&address(1)).unwrap();
    assert_eq!(there.unwrap().code_hash, keccak256(&code));
    let account = |before, after| AccountStateChange {
        address: address(1),
        before,
        after,
    };
    let slot = |before: u64, after: u64| SlotChange {
        address: address(1),
        slot: U256::from(4),
        before: U256::from(before),
        after: U256::from(after),
    };
    let other = AccountState {
        nonce: 7,
        ..AccountState::EMPTY
    };
    let mut changes = StateChanges {
        accounts: vec![account(Some(other), there)],
        ..StateChanges::default()
    };
    let mut refused = |changes: &StateChanges| {
        let error = failure(store.apply(&block, changes));
        assert_eq!(error.kind(), ErrorKind::Internal);
        // Nothing of it is there.
        assert_eq!(store.head().number, 1000);
        assert_eq!(store.check().unwrap().state_root, root);
        error
    };
    assert!(matches!(
        refused(&changes),
        StoreError::AccountDisagrees { .. }
    ));
    changes.accounts = vec![account(there, Some(other))];
    changes.storage = vec![slot(6, 7)];
    assert!(matches!(
        refused(&changes),
        StoreError::SlotDisagrees { .. }
    ));
    changes.accounts = vec![account(there, None)];
    changes.storage = vec![];
    assert!(matches!(refused(&changes), StoreError::OrphanSlot { .. }));
    changes.storage = vec![slot(5, 7)];
    assert!(matches!(refused(&changes), StoreError::OrphanSlot { .. }));
    let unknown = AccountState {
        code_hash: B256::repeat_byte(3),
        ..other
    };
    changes.accounts = vec![account(there, Some(unknown))];
    assert_eq!(
        refused(&changes),
        StoreError::MissingCode(B256::repeat_byte(3))
    );
    changes.codes = vec![(B256::repeat_byte(3), Bytecode::new_legacy(code))];
    assert!(matches!(
        store.apply(&block, &changes),
        Err(Error::Internal(_))
    ));
    // Not the next block, and changes that were prepared before another block came.
    let none = StateChanges::default();
    for number in [0, 999, 1000, 1002, u64::MAX] {
        let error = failure(store.apply(&AppliedBlock { number, ..block }, &none));
        assert_eq!(error, StoreError::NotNext { number, head: 1000 });
    }
    let prepared = store.prepare(&none).unwrap();
    store.apply(&block, &none).unwrap();
    let next = AppliedBlock {
        number: 1002,
        ..block
    };
    assert!(matches!(
        failure(store.commit(&next, &prepared)),
        StoreError::NotNext { .. }
    ));
    // All gone but the hashes of the blocks before, one of which is zero.
    changes = StateChanges {
        accounts: vec![account(there, None)],
        storage: vec![slot(5, 0)],
        codes: vec![],
    };
    let nameless = NumberedHash {
        number: 1001,
        hash: B256::ZERO,
    };
    let nameless = (block_hash_key(1001), block_hash_value(&nameless));
    let left = StateTree::build(vec![hash_leaf(1000), nameless]);
    assert_eq!(store.apply(&next, &changes), Ok(left.root()));
    let counts = store.check().unwrap().counts;
    assert_eq!((counts.accounts, counts.slots), (0, 0));
    assert_eq!(
        store
            .view_at(1001)
            .unwrap()
            .storage(&address(1), &U256::from(4)),
        Ok(U256::from(5))
    );
}
