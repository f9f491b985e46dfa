//! Hashes of blocks before the store's first, which later blocks gave.

use std::collections::BTreeMap;

use braid_circuits::event::{BlockEnvironment, Checkpoint};
use braid_witness::execution::BlockHashes;

use super::*;

fn hash(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

/// Adds the next block, which gives these hashes.
fn add(store: &mut Store, older: &[(u64, B256)]) {
    let number = store.head().number + 1;
    let older: BTreeMap<_, _> = older.iter().copied().collect();
    let mut hashes = store.block_hashes();
    hashes.add_older(number, &older).unwrap();
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
    let changes = StateChanges::default();
    Chain::commit(store, &changes, &older, &mut seal).unwrap();
    assert_eq!(store.head().number, number);
}

#[test]
fn a_store_keeps_what_blocks_give() {
    let folder = tempfile::tempdir().unwrap();
    let alloc = Model::genesis(1).alloc();
    let mut store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
    let first = PARENT.number;
    add(
        &mut store,
        &[(first - 3, hash(3)), (first - 200, hash(200))],
    );
    // Once more what is known, and one more.
    add(&mut store, &[(first - 3, hash(3)), (first - 4, hash(4))]);
    drop(store);
    let mut store = Store::open(folder.path(), None).unwrap();
    let known = |hashes: BlockHashes| [3, 4, 200].map(|back| hashes.get(first - back));
    let all = [Some(hash(3)), Some(hash(4)), Some(hash(200))];
    assert_eq!(known(store.block_hashes()), all);
    store.check().unwrap();
    // Earlier versions do not know what came later.
    let at = |store: &Store, number| known(store.view_at(number).unwrap().block_hashes().unwrap());
    assert_eq!(at(&store, first), [None; 3]);
    assert_eq!(
        at(&store, first + 1),
        [Some(hash(3)), None, Some(hash(200))]
    );
    assert_eq!(at(&store, first + 2), all);
    // A block that is taken back takes with it what it gave, and no more.
    store.undo().unwrap();
    assert_eq!(
        known(store.block_hashes()),
        [Some(hash(3)), None, Some(hash(200))]
    );
    add(&mut store, &[(first - 4, hash(5))]);
    assert_eq!(
        known(store.block_hashes()),
        [Some(hash(3)), Some(hash(5)), Some(hash(200))]
    );
    // What no block can ask for is forgotten.
    while store.head().number < first + 100 {
        add(&mut store, &[]);
    }
    store.prune(0).unwrap();
    assert_eq!(
        known(store.block_hashes()),
        [Some(hash(3)), Some(hash(5)), None]
    );
    assert_eq!(at(&store, first + 100), known(store.block_hashes()));
    store.check().unwrap();
}

/// A store as it was made before there was such a table is one in which nobody gave anything.
#[test]
fn a_store_without_the_table_is_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let alloc = Model::genesis(1).alloc();
    drop(Store::init(folder.path(), &genesis(&alloc)).unwrap());
    let database = redb::Database::open(folder.path().join("state.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    let table = redb::TableDefinition::<u64, (u64, [u8; 32])>::new("older hashes");
    transaction.delete_table(table).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let mut store = Store::open(folder.path(), None).unwrap();
    assert_eq!(store.block_hashes().known.len(), 1);
    add(&mut store, &[(PARENT.number - 2, hash(2))]);
    assert_eq!(store.block_hashes().get(PARENT.number - 2), Some(hash(2)));
}
