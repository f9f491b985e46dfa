//! Blocks that are executed on a stored state and not written: they are proved from there.

use alloy_primitives::Address;
use braid_circuits::chunk::Demand;
use braid_witness::sample::{Draft, SampleConfig, SampleKey, sample};
use braid_witness::store::Ahead;
use braid_witness::{BlockFile, chunks, chunks_of, execute, execute_ahead};

use super::support::fitting;
use super::*;

fn files() -> Vec<BlockFile> {
    let configs = [
        SampleConfig::new(1, 30),
        SampleConfig {
            blocks: 4,
            ..SampleConfig::new(2, 60)
        },
        SampleConfig {
            blocks: 3,
            ..SampleConfig::new(5, 0)
        },
    ];
    let mut files = configs.map(|config| sample(&config).unwrap()).to_vec();
    files.push(untouched());
    files
}

/// Somebody sends nothing to a few who stay without an account, in a tree of so many that their paths are on pages of their own; the coinbase gets no tip.
fn untouched() -> BlockFile {
    let mut file = sample(&SampleConfig::new(9, 0)).unwrap();
    for index in 0..3_000_u64 {
        let account = AllocAccount {
            balance: U256::from(1 + index),
            ..AllocAccount::default()
        };
        let address = Address::from_slice(&keccak256(index.to_be_bytes())[12..]);
        file.alloc.insert(address, account);
    }
    let key = SampleKey::new(9, 0).unwrap();
    let sends = (0..8).map(|nonce| Draft {
        chain_id: file.chain_id,
        nonce,
        max_fee: file.blocks[0].environment.base_fee,
        max_priority_fee: U256::ZERO,
        to: Some(Address::repeat_byte(0xa0 + nonce as u8)),
        ..Draft::default()
    });
    file.blocks[0].transactions = sends.map(|draft| draft.sign(&key).unwrap()).collect();
    file
}

/// The same chunks, paths included, come from the whole tree in memory and from the few pages of it that a store gives; before the store
/// has the blocks, and also when it has gone on to others.
#[test]
fn chunks_of_a_stored_state_are_those_of_the_state_in_memory() {
    for file in files() {
        let expected = execute(&file).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::init(folder.path(), &Genesis::from(&file)).unwrap();
        let blocks = BlockFile {
            alloc: Default::default(),
            ..file.clone()
        };
        for moves_on in [false, true] {
            if moves_on {
                execute_on(&mut store, &file.blocks, Settings::default()).unwrap();
            }
            let head = *store.head();
            let ahead = Ahead::new(store.view_at(file.parent.number).unwrap()).unwrap();
            let executed = execute_ahead(ahead, &blocks).unwrap();
            assert_eq!(executed.start, expected.start);
            assert_eq!(executed.blocks, expected.blocks);
            for most in [1, 7, 1_000] {
                let [found, expected] =
                    [&executed, &expected].map(|executed| chunks_of(executed, most).unwrap());
                assert_eq!(found, expected);
            }
            let fits = |demand: &Demand<'_>| fitting(demand.tree_levels <= 60);
            assert_eq!(
                chunks(&executed, "few levels", fits).unwrap(),
                chunks(&expected, "few levels", fits).unwrap()
            );
            assert_eq!(*store.head(), head);
        }
    }
}

/// As a chain it is what the state in memory is, creations and contracts included.
#[test]
fn what_is_not_written_is_read_again() {
    let workload = generate(&Preset::Mixed.config(120, 9)).unwrap();
    let mut file = workload.file;
    let whole = file.blocks.remove(0);
    for (index, transactions) in whole.transactions.chunks(30).enumerate() {
        let mut block = whole.clone();
        block.environment.number += index as u64;
        block.environment.timestamp += index as u64;
        block.transactions = transactions.to_vec();
        file.blocks.push(block);
    }
    let (execution, memory) = execute_file(&file, Settings::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::init(folder.path(), &Genesis::from(&file)).unwrap();
    let mut ahead = Ahead::new(store.snapshot().unwrap()).unwrap();
    let found = execute_on(&mut ahead, &file.blocks, Settings::default()).unwrap();
    assert_eq!(found.start, execution.start);
    for (found, expected) in found.blocks.iter().zip(&execution.blocks) {
        assert_eq!(found.end, expected.end);
        assert_eq!(
            found.execution.transactions,
            expected.execution.transactions
        );
    }
    assert_eq!(ahead.position(), memory.position());
    assert_eq!(ahead.block_hashes(), memory.block_hashes());
    assert!(ahead.is_ordinary());
    for (address, stored) in memory.state().accounts() {
        assert_eq!(ahead.account(address), memory.account(address));
        let mut slots: Vec<_> = stored.storage.keys().copied().collect();
        slots.sort_unstable();
        assert_eq!(ahead.slots(address), Ok(slots));
        for (slot, value) in &stored.storage {
            assert_eq!(ahead.storage(address, slot), Ok(*value));
        }
    }
    assert_eq!(store.head().number, file.parent.number);
}

/// Bytecode that a block makes is found by the next one, and slots that it clears are gone.
#[test]
fn code_and_cleared_slots() {
    let code = Bytes::from_static(&[0x60, 0x01, 0x50, 0x00]);
    let hash = keccak256(&code);
    let (made, owner) = (address(1_000), address(1_001));
    let owned = AllocAccount {
        nonce: 1,
        storage: [
            (U256::from(3), U256::from(4)),
            (U256::from(5), U256::from(6)),
        ]
        .into(),
        ..AllocAccount::default()
    };
    let alloc = [(owner, owned)].into();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::init(folder.path(), &genesis(&alloc)).unwrap();
    let mut ahead = Ahead::new(store.snapshot().unwrap()).unwrap();
    let mut state = State::new(&alloc).unwrap();
    let changes = StateChanges {
        accounts: vec![AccountStateChange {
            address: made,
            before: None,
            after: Some(AccountState {
                nonce: 1,
                balance: U256::from(9),
                code_hash: hash,
            }),
        }],
        storage: vec![SlotChange {
            address: owner,
            slot: U256::from(3),
            before: U256::from(4),
            after: U256::ZERO,
        }],
        codes: vec![(hash, Bytecode::new_legacy(code.clone()))],
    };
    state.apply(&changes).unwrap();
    let start = ahead.position();
    let mut root = EMPTY;
    ahead
        .commit(&changes, &mut |state_root| {
            root = state_root;
            start
        })
        .unwrap();
    let mut tree = state.tree();
    tree.update_all(vec![hash_leaf(PARENT.number)]).unwrap();
    assert_eq!(root, tree.root());
    assert_eq!(ahead.code(&hash).unwrap().original_bytes(), code);
    assert_eq!(ahead.code_commitment(&hash), state.code_commitment(&hash));
    assert_eq!(ahead.slots(&owner), Ok(vec![U256::from(5)]));
    assert_eq!(ahead.storage(&owner, &U256::from(3)), Ok(U256::ZERO));
    assert_eq!(ahead.base_tree([]).unwrap().root(), store.head().state_root);
    // Bytecode under another hash is refused, and nothing of such changes stays.
    let wrong = StateChanges {
        codes: vec![(B256::repeat_byte(1), Bytecode::new_legacy(code))],
        accounts: vec![AccountStateChange {
            address: owner,
            before: ahead.account(&owner).unwrap(),
            after: None,
        }],
        ..StateChanges::default()
    };
    let before = ahead.account(&owner);
    assert!(ahead.commit(&wrong, &mut |_| start).is_err());
    assert_eq!(ahead.account(&owner), before);
}
