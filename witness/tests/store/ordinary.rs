//! Whether a state is known to be as a chain has it: in memory, in a store, and in a store that is wrong about it.

use super::*;

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
