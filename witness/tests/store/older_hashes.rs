//! Hashes of blocks before the store's first, which its state begins with.

use std::collections::BTreeMap;

use braid_circuits::event::{BlockEnvironment, Checkpoint};
use braid_witness::error::BlockFault;
use braid_witness::execution::BlockHashes;

use super::*;

fn hash(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

const FIRST: u64 = PARENT.number;

/// Those of four blocks; the last is the oldest that a state can have.
fn given() -> BTreeMap<u64, B256> {
    [(3, 3), (4, 0), (200, 200), (256, 9)]
        .map(|(back, byte)| (FIRST - back, hash(byte)))
        .into()
}

fn init(folder: &std::path::Path) -> Store {
    let alloc = Model::genesis(1).alloc();
    let genesis = Genesis {
        older_hashes: given(),
        ..genesis(&alloc)
    };
    Store::init(folder, &genesis).unwrap()
}

/// Adds the next block.
fn add(store: &mut Store) {
    let number = store.head().number + 1;
    let mut seal = |state_root| Checkpoint {
        state_root,
        block_hash: keccak256(number.to_be_bytes()),
        block: BlockEnvironment {
            number,
            timestamp: number,
            ..BlockEnvironment::default()
        },
        ..Checkpoint::default()
    };
    Chain::commit(store, &StateChanges::default(), &mut seal).unwrap();
    assert_eq!(store.head().number, number);
}

#[test]
fn a_store_keeps_what_it_begins_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = init(folder.path());
    // They are part of the state, but for those that no state has.
    let without = Model::genesis(1).tree(FIRST).root();
    let genesis_root = store.head().state_root;
    assert_ne!(genesis_root, without);
    store.check().unwrap();
    add(&mut store);
    drop(store);
    let mut store = Store::open(folder.path(), None).unwrap();
    let known = |hashes: BlockHashes| [3, 4, 200, 256].map(|back| hashes.get(FIRST - back));
    let all = [Some(hash(3)), Some(hash(0)), Some(hash(200)), None];
    assert_eq!(known(store.block_hashes()), all);
    store.check().unwrap();
    let at = |store: &Store, number| known(store.view_at(number).unwrap().block_hashes().unwrap());
    let first = [Some(hash(3)), Some(hash(0)), Some(hash(200)), Some(hash(9))];
    assert_eq!(at(&store, FIRST), first);
    // A block that is taken back leaves the state as it was.
    assert_eq!(store.undo().unwrap().state_root, genesis_root);
    assert_eq!(known(store.block_hashes()), first);
    store.check().unwrap();
    // What no state has is forgotten.
    while store.head().number < FIRST + 100 {
        add(&mut store);
    }
    store.prune(0).unwrap();
    let kept = [Some(hash(3)), Some(hash(0)), None, None];
    assert_eq!(known(store.block_hashes()), kept);
    assert_eq!(at(&store, FIRST + 100), kept);
    store.check().unwrap();
    while store.head().number < FIRST + 253 {
        add(&mut store);
    }
    assert_eq!(
        known(store.block_hashes()),
        [Some(hash(3)), None, None, None]
    );
    let own = |store: &Store| Model::genesis(1).tree(store.head().number).root();
    assert_ne!(store.head().state_root, own(&store));
    // All leaves are of the chain's own blocks then: the state is that of a chain that began with none.
    add(&mut store);
    assert_eq!(known(store.block_hashes()), [None; 4]);
    assert_eq!(store.head().state_root, own(&store));
    store.check().unwrap();
}

#[test]
fn a_state_gets_no_hashes_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = init(folder.path());
    add(&mut store);
    let number = FIRST + 2;
    let refused = |older: &[(u64, B256)]| {
        let older = older.iter().copied().collect();
        store.block_hashes().add_older(number, &older)
    };
    assert_eq!(
        refused(&[(FIRST - 3, hash(3)), (FIRST, PARENT.block_hash)]),
        Ok(())
    );
    assert_eq!(
        refused(&[(FIRST - 5, hash(5))]),
        Err(BlockFault::OlderHashUnknown { number: FIRST - 5 })
    );
    assert_eq!(
        refused(&[(FIRST - 256, hash(9))]),
        Err(BlockFault::OlderHashNumber {
            number: FIRST - 256
        })
    );
    assert!(matches!(
        refused(&[(FIRST - 3, hash(4))]),
        Err(BlockFault::OlderHash { .. })
    ));
}
