//! The state store against a model of it and against the state in memory, and what it refuses.

mod store_model;

use std::fs;
use std::time::Instant;

use alloy_primitives::{B256, Bytes, U256, keccak256};
use braid_circuits::state_hash::EMPTY;
use braid_witness::block_file::AllocAccount;
use braid_witness::chain::Chain;
use braid_witness::execution::{
    AccountState, AccountStateChange, Detail, Options, Settings, SlotChange, StateChanges,
    StateReader, execute_file, execute_next,
};
use braid_witness::state::State;
use braid_witness::store::{AppliedBlock, Genesis, Store, StoreError};
use braid_witness::workload::{Preset, generate};
use braid_witness::{Error, ErrorKind};
use proptest::prelude::*;
use revm::state::Bytecode;
use store_model::{CHAIN_ID, Model, PARENT, address, genesis};

fn failure<T: std::fmt::Debug>(result: Result<T, Error>) -> StoreError {
    match result.unwrap_err() {
        Error::Store(error) => error,
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Through random blocks the store is the model, and the state in memory too, after every block and for every block whose
    /// state is kept; so it is after pruning, taking blocks back and opening it again.
    #[test]
    fn a_store_is_what_was_applied(
        seed: u64,
        addresses in 2u64..40,
        turns in prop::collection::vec(0u8..8, 1..20),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut models = vec![Model::genesis(addresses / 2)];
        let alloc = models[0].alloc();
        let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
        let mut state = models[0].state();
        let mut tree = state.tree();
        let mut oldest = 0;
        for (turn, kind) in turns.into_iter().enumerate() {
            match kind {
                0 => {
                    let keep = seed % 4;
                    store.prune(keep).unwrap();
                    oldest = oldest.max((models.len() - 1).saturating_sub(keep as usize));
                }
                1 if models.len() - 1 > oldest => {
                    models.pop();
                    let head = store.undo().unwrap();
                    prop_assert_eq!(head.number, PARENT.number + models.len() as u64 - 1);
                    state = models.last().unwrap().state();
                    tree = state.tree();
                }
                2 => {
                    drop(store);
                    store = Store::open(folder.path(), Some(CHAIN_ID)).unwrap();
                }
                _ => {
                    let mut model = models.last().unwrap().clone();
                    let number = PARENT.number + models.len() as u64;
                    let (block, changes) = model.step(seed ^ turn as u64, number, addresses);
                    let before = store.snapshot().unwrap();
                    let root = store.apply(&block, &changes).unwrap();
                    models[models.len() - 1].assert_is(&before, addresses);
                    // The tree in memory takes the same changes to the same root.
                    state.apply(&changes).unwrap();
                    tree.update_all(state.leaf_changes(&changes).unwrap()).unwrap();
                    prop_assert_eq!(tree.root(), root);
                    prop_assert_eq!(state.tree().root(), root);
                    models.push(model);
                }
            }
            models.last().unwrap().assert_is(store.view(), addresses);
        }
        prop_assert_eq!(store.check().unwrap().state_root, models.last().unwrap().state().tree().root());
        for (index, model) in models.iter().enumerate() {
            let number = PARENT.number + index as u64;
            if index < oldest {
                let refused = matches!(failure(store.view_at(number)), StoreError::NotKept { .. });
                prop_assert!(refused);
                continue;
            }
            let view = store.view_at(number).unwrap();
            model.assert_is(&view, addresses);
            let hash = if index == 0 { PARENT.block_hash } else { keccak256(number.to_be_bytes()) };
            prop_assert_eq!(view.block_hashes().unwrap().get(number), Some(hash));
        }
        let hashes = store.view().block_hashes().unwrap();
        prop_assert_eq!(hashes.known.len(), models.len());
    }
}

/// Blocks of contract calls give on a store, opened anew for every block, what they give in memory.
#[test]
fn blocks_on_a_store_are_blocks_in_memory() {
    let workload = generate(&Preset::Mixed.config(200, 7)).unwrap();
    let mut file = workload.file;
    let whole = file.blocks.remove(0);
    for (index, transactions) in whole.transactions.chunks(40).enumerate() {
        let mut block = whole.clone();
        block.environment.number += index as u64;
        block.environment.timestamp += index as u64;
        block.transactions = transactions.to_vec();
        file.blocks.push(block);
    }
    let settings = Settings::default();
    let (_, memory) = execute_file(&file, settings).unwrap();
    for detail in [Detail::Accesses, Detail::Receipts] {
        let options = Options {
            workers: 2,
            detail,
            ..Options::default()
        };
        let settings = Settings {
            options,
            ..settings
        };
        let folder = tempfile::tempdir().unwrap();
        drop(Store::init(folder.path(), &Genesis::from(&file)).unwrap());
        for block in &file.blocks {
            let mut store = Store::open(folder.path(), Some(file.chain_id)).unwrap();
            execute_next(&mut store, block, settings).unwrap();
            assert!(store.is_ordinary());
        }
        let store = Store::open(folder.path(), None).unwrap();
        assert_eq!(store.position(), memory.position());
        assert_eq!(store.block_hashes(), memory.block_hashes());
        assert_eq!(store.check().unwrap().state_root, memory.tree().root());
        for (address, stored) in memory.state().accounts() {
            assert_eq!(store.account(address), memory.account(address));
            for (slot, value) in &stored.storage {
                assert_eq!(store.storage(address, slot), Ok(*value));
            }
        }
    }
}

/// Whether batches may be executed on a state is known at once, in a store as in memory, and forgotten when changes come that no block makes.
#[test]
fn a_state_knows_whether_it_is_ordinary() {
    let account = |nonce: u64, balance: U256, slots: &[u64]| AllocAccount {
        nonce,
        balance,
        storage: slots
            .iter()
            .map(|slot| (U256::from(*slot), U256::ONE))
            .collect(),
        ..AllocAccount::default()
    };
    let [one, half] = [U256::ONE, U256::ONE << 255];
    // A store does not take this at all.
    let halves = [0, 1].map(|index| (address(index), account(0, half, &[])));
    let halves = State::new(&halves.into_iter().collect()).unwrap();
    assert!(!halves.is_ordinary());
    let both = |alloc: &[AllocAccount]| {
        let accounts = alloc.iter().zip(0..);
        let alloc = accounts
            .map(|(given, index)| (address(index), given.clone()))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
        (folder, store, State::new(&alloc).unwrap())
    };
    for (is_ordinary, alloc) in [
        (true, vec![]),
        (
            true,
            vec![account(0, U256::MAX, &[]), account(1, U256::ZERO, &[1, 2])],
        ),
        (false, vec![account(0, one, &[1])]),
    ] {
        let (_folder, store, state) = both(&alloc);
        assert_eq!(
            (store.is_ordinary(), state.is_ordinary()),
            (is_ordinary, is_ordinary),
            "{alloc:?}"
        );
        store.check().unwrap();
    }

    let of = |nonce: u64, balance: u64| {
        Some(AccountState {
            nonce,
            balance: U256::from(balance),
            ..AccountState::EMPTY
        })
    };
    let becomes = |index: u64, before, after| AccountStateChange {
        address: address(index),
        before,
        after,
    };
    let slot = |index: u64, before: u64, after: u64| SlotChange {
        address: address(index),
        slot: U256::from(7),
        before: U256::from(before),
        after: U256::from(after),
    };
    let [contract, payer] = [(0, of(1, 5)), (1, of(0, 9))];
    for (is_ordinary, accounts, storage) in [
        // As blocks do.
        (true, vec![], vec![]),
        (
            true,
            vec![becomes(1, payer.1, of(1, 4)), becomes(2, None, of(0, 5))],
            vec![slot(0, 1, 2)],
        ),
        (
            true,
            vec![becomes(1, payer.1, of(1, 4))],
            vec![slot(0, 1, 0)],
        ),
        (
            true,
            vec![becomes(1, payer.1, of(1, 4)), becomes(2, None, of(1, 0))],
            vec![slot(2, 0, 1)],
        ),
        (
            true,
            vec![becomes(0, contract.1, None)],
            vec![slot(0, 1, 0)],
        ),
        // As they do not.
        (false, vec![becomes(2, None, of(0, 1))], vec![]),
        (false, vec![becomes(1, payer.1, of(1, 10))], vec![]),
        (false, vec![], vec![slot(1, 0, 1)]),
        (
            false,
            vec![becomes(1, payer.1, of(0, 8)), becomes(2, None, of(0, 1))],
            vec![slot(2, 0, 1)],
        ),
        (false, vec![becomes(0, contract.1, of(0, 5))], vec![]),
    ] {
        let given = [
            account(1, U256::from(5), &[7]),
            account(0, U256::from(9), &[]),
        ];
        let (folder, mut store, mut state) = both(&given);
        let what = format!("{accounts:?}, {storage:?}");
        let changes = StateChanges {
            accounts,
            storage,
            codes: Vec::new(),
        };
        let block = |store: &Store| AppliedBlock {
            number: store.head().number + 1,
            timestamp: store.head().timestamp + 1,
            block_hash: B256::ZERO,
        };
        state.apply(&changes).unwrap();
        store.apply(&block(&store), &changes).unwrap();
        assert_eq!(
            (store.is_ordinary(), state.is_ordinary()),
            (is_ordinary, is_ordinary),
            "{what}"
        );
        store.check().unwrap();
        // It stays known, and nothing that follows makes it ordinary again.
        store
            .apply(&block(&store), &StateChanges::default())
            .unwrap();
        drop(store);
        let mut store = Store::open(folder.path(), None).unwrap();
        assert_eq!(store.is_ordinary(), is_ordinary, "{what}");
        assert_eq!(
            store.view_at(PARENT.number).unwrap().is_ordinary(),
            is_ordinary,
            "{what}"
        );
        store.undo().unwrap();
        assert_eq!(store.is_ordinary(), is_ordinary, "{what}");
    }
}

/// A store that says of its state that it is ordinary, and it is not, is found out when it is checked; what says neither yes nor no is not opened.
#[test]
fn a_store_that_is_wrong_about_being_ordinary() {
    let half = U256::ONE << 255;
    let account = |balance: U256, slots: &[u64]| AllocAccount {
        balance,
        storage: slots
            .iter()
            .map(|slot| (U256::from(*slot), U256::ONE))
            .collect(),
        ..AllocAccount::default()
    };
    let make = |given: AllocAccount, then: Option<StateChanges>| {
        let folder = tempfile::tempdir().unwrap();
        let alloc = [(address(0), given)].into_iter().collect();
        let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
        let block = AppliedBlock {
            number: PARENT.number + 1,
            timestamp: PARENT.timestamp + 1,
            block_hash: B256::ZERO,
        };
        if let Some(changes) = then {
            store.apply(&block, &changes).unwrap();
        }
        folder
    };
    let deposit = StateChanges {
        accounts: vec![AccountStateChange {
            address: address(1),
            before: None,
            after: Some(AccountState {
                balance: half,
                ..AccountState::EMPTY
            }),
        }],
        ..StateChanges::default()
    };
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    for (folder, what) in [
        (make(account(U256::ONE, &[1]), None), "is no contract"),
        (make(account(half, &[]), Some(deposit)), "2^256"),
    ] {
        let says = |value: Option<u64>| {
            let database = redb::Database::open(folder.path().join("state.redb")).unwrap();
            let transaction = database.begin_write().unwrap();
            let mut table = transaction.open_table(meta).unwrap();
            match value {
                Some(value) => table.insert("ordinary", value).unwrap(),
                None => table.remove("ordinary").unwrap(),
            };
            drop(table);
            transaction.commit().unwrap();
        };
        let open = || Store::open(folder.path(), None);
        assert!(!open().unwrap().is_ordinary());
        open().unwrap().check().unwrap();
        says(Some(1));
        assert!(open().unwrap().is_ordinary());
        let error = failure(open().unwrap().check());
        assert!(
            matches!(&error, StoreError::Damaged(why) if why.contains(what)),
            "{error}"
        );
        says(Some(2));
        let error = failure(open());
        assert!(
            matches!(&error, StoreError::Damaged(why) if why.contains("ordinary")),
            "{error}"
        );
        // As stores were made once.
        says(None);
        assert!(!open().unwrap().is_ordinary());
        open().unwrap().check().unwrap();
    }
}

#[test]
fn the_last_256_hashes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let alloc = Model::genesis(1).alloc();
    let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
    for number in 1001..=1300 {
        let block = AppliedBlock {
            number,
            timestamp: number,
            block_hash: keccak256(number.to_be_bytes()),
        };
        store.apply(&block, &StateChanges::default()).unwrap();
    }
    store.prune(0).unwrap();
    let hashes = store.view().block_hashes().unwrap();
    let numbers: Vec<u64> = hashes.known.keys().copied().collect();
    assert_eq!(numbers, (1045..=1300).collect::<Vec<_>>());
    assert_eq!(hashes.get(1045), Some(keccak256(1045u64.to_be_bytes())));
}

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
        StoreError::NewerSchema { found: 9, known: 1 }
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
        parent: PARENT,
        alloc: &alloc,
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
    // All gone: an empty tree.
    changes = StateChanges {
        accounts: vec![account(there, None)],
        storage: vec![slot(5, 0)],
        codes: vec![],
    };
    assert_eq!(store.apply(&next, &changes), Ok(EMPTY));
    assert_eq!(store.check().unwrap().pages, 0);
    assert_eq!(
        store
            .view_at(1001)
            .unwrap()
            .storage(&address(1), &U256::from(4)),
        Ok(U256::from(5))
    );
}

/// How fast the store is. Run it with `--ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn speed() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = 200_000;
    let alloc = Model::genesis(accounts).alloc();
    let begun = Instant::now();
    let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
    println!("{accounts} accounts made in {:?}", begun.elapsed());
    let size = || {
        fs::metadata(folder.path().join("state.redb"))
            .unwrap()
            .len()
            >> 20
    };
    println!("{} MiB", size());
    for number in 1001..1006 {
        let begun = Instant::now();
        for seed in 0..20_000 {
            let seed = seed * 10 + number % 10;
            assert!(store.view().account(&address(seed)).unwrap().is_some());
        }
        let read = begun.elapsed();
        let change = |seed: u64| {
            let address = address(seed * 10 + number % 10);
            let before = store.view().account(&address).unwrap();
            let after = before.map(|account| AccountState {
                nonce: account.nonce + 1,
                ..account
            });
            AccountStateChange {
                address,
                before,
                after,
            }
        };
        let mut changes: Vec<_> = (0..20_000).map(change).collect();
        changes.sort_by_key(|change| change.address);
        let changes = StateChanges {
            accounts: changes,
            ..StateChanges::default()
        };
        let begun = Instant::now();
        let prepared = store.prepare(&changes).unwrap();
        let hashed = begun.elapsed();
        let block = AppliedBlock {
            number,
            timestamp: number,
            block_hash: B256::ZERO,
        };
        store.commit(&block, &prepared).unwrap();
        let all = begun.elapsed();
        println!(
            "20,000 accounts read in {read:?}, root {hashed:?}, committed {:?}",
            all - hashed
        );
    }
    println!("{} MiB", size());
    let begun = Instant::now();
    drop(store);
    println!("closed in {:?}", begun.elapsed());
    let begun = Instant::now();
    let mut store = Store::open(folder.path(), None).unwrap();
    println!("opened in {:?}", begun.elapsed());
    let begun = Instant::now();
    store.prune(0).unwrap();
    println!("pruned in {:?}", begun.elapsed());
    let begun = Instant::now();
    store.check().unwrap();
    println!("checked in {:?}", begun.elapsed());
}
