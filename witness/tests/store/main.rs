//! The state store against a model of it and against the state in memory, and what it refuses.

mod ahead;
mod older_hashes;
mod ordinary;
mod refusals;
mod rules;
#[path = "../store_model/mod.rs"]
mod store_model;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::time::Instant;

use alloy_primitives::{B256, Bytes, U256, keccak256};
use braid_circuits::state_hash::EMPTY;
use braid_witness::block_file::AllocAccount;
use braid_witness::chain::Chain;
use braid_witness::execution::{
    AccountState, AccountStateChange, Detail, Options, Settings, SlotChange, StateChanges,
    StateReader, execute_file, execute_next, execute_on,
};
use braid_witness::state::State;
use braid_witness::store::{AppliedBlock, Genesis, Store, StoreError};
use braid_witness::workload::{Preset, generate};
use braid_witness::{Error, ErrorKind};
use proptest::prelude::*;
use revm::state::Bytecode;
use store_model::{CHAIN_ID, Model, PARENT, address, genesis, hash_leaf};

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
                    tree = models.last().unwrap().tree(head.number);
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
                    let mut leaves = state.leaf_changes(&changes).unwrap();
                    leaves.push(hash_leaf(number - 1));
                    tree.update_all(leaves).unwrap();
                    prop_assert_eq!(tree.root(), root);
                    prop_assert_eq!(model.state().tree().root(), state.tree().root());
                    models.push(model);
                }
            }
            models.last().unwrap().assert_is(store.view(), addresses);
        }
        prop_assert_eq!(store.check().unwrap().state_root, models.last().unwrap().tree(store.head().number).root());
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

#[test]
fn the_hashes_of_the_last_257_blocks_stay() {
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
    assert_eq!(numbers, (1044..=1300).collect::<Vec<_>>());
    assert_eq!(hashes.get(1044), Some(keccak256(1044u64.to_be_bytes())));
    // The state tree has those of the 256 blocks before the last, and no others.
    let root = store.check().unwrap().state_root;
    assert_eq!(root, Model::genesis(1).tree(1300).root());
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
