//! Files whose blocks call contracts, a shape that has room for all, and checks of chunks.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::chunk::{ChunkTable, Misfit};
use braid_circuits::event::opcode::*;
use braid_circuits::event::{BlockEnvironment, ChunkEvents, NumberedHash};
use braid_circuits::registry;
use braid_circuits::shapes::{self, Shape};
use braid_circuits::state_hash::{
    Digest, EMPTY, account_key, account_value, block_hash_key, block_hash_value, storage_key,
    storage_value,
};
use braid_stark::shape::TableHeight;
use braid_witness::BlockFile;
use braid_witness::block_file::{AllocAccount, Block};
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::tree::root_of_path;

pub const MAIN: Address = Address::repeat_byte(0xc1);
pub const CALLED: Address = Address::repeat_byte(0xc2);
/// An account that nobody else asks for.
pub const COLD: Address = Address::repeat_byte(0xc3);
const COINBASE: Address = Address::repeat_byte(0xcb);

/// A shape that has all tables, higher than any test needs.
pub fn generous() -> Shape {
    let table = |table: Box<dyn ChunkTable>| TableHeight {
        table: table.name().to_owned(),
        log_height: 40,
    };
    Shape {
        name: "generous".to_owned(),
        tables: registry::tables().into_iter().map(table).collect(),
        ..shapes::largest().transfers.clone()
    }
}

pub fn fitting(fits: bool) -> Result<(), Misfit> {
    let misfit = Misfit {
        table: "test",
        rows: 2,
        height: 1,
    };
    fits.then_some(()).ok_or(misfit)
}

/// The tables of contract execution, and those that hash and compute for them.
pub fn code_tables() -> Vec<Box<dyn ChunkTable>> {
    let others = [
        "block",
        "transaction",
        "rlp",
        "ecdsa",
        "secp_base",
        "secp_ladder",
        "state",
        "tree",
    ];
    let mut tables = registry::tables();
    tables.retain(|table| !others.contains(&table.name()));
    tables
}

pub fn push(value: u64) -> Vec<u8> {
    let bytes = U256::from(value).to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

pub fn push_address(address: Address) -> Vec<u8> {
    [vec![PUSH20], address.to_vec()].concat()
}

/// A call of [`MAIN`] with this much gas.
pub fn call(gas_limit: u64) -> Draft {
    Draft {
        to: Some(MAIN),
        gas_limit,
        ..Draft::default()
    }
}

/// A file with a block of these transactions, whose nonces follow, on a state with these contracts: each has 1,000 wei and slots 1 = 1, 3 = 3 and 77 = 8.
pub fn file_of(contracts: Vec<(Address, Vec<u8>)>, drafts: Vec<Draft>) -> BlockFile {
    let key = SampleKey::new(1, 1).unwrap();
    let mut file = BlockFile {
        chain_id: 1,
        ..BlockFile::default()
    };
    let sender = AllocAccount {
        balance: U256::from(u128::MAX),
        ..AllocAccount::default()
    };
    file.alloc.insert(key.address(), sender);
    for (address, code) in contracts {
        let storage = [(1, 1), (3, 3), (77, 8)].map(|slot: (u64, u64)| {
            let (slot, value) = slot;
            (U256::from(slot), U256::from(value))
        });
        let contract = AllocAccount {
            balance: U256::from(1_000),
            nonce: 1,
            code: code.into(),
            storage: storage.into(),
        };
        file.alloc.insert(address, contract);
    }
    // A hash that BLOCKHASH finds.
    file.parent.block_hash = B256::repeat_byte(7);
    let gas_limit = drafts.iter().map(|draft| draft.gas_limit).sum();
    let signed = (0..).zip(drafts).map(|(nonce, draft)| {
        let draft = Draft { nonce, ..draft };
        draft.sign(&key).unwrap()
    });
    file.blocks.push(Block {
        environment: BlockEnvironment {
            number: 1,
            timestamp: 1,
            coinbase: COINBASE,
            gas_limit,
            base_fee: U256::from(7),
            ..BlockEnvironment::default()
        },
        transactions: signed.collect(),
        ..Block::default()
    });
    file
}

/// Accounts, slots and block hashes are in order, and their paths lead from the root before the chunk to the root after it.
pub fn check_paths(chunk: &ChunkEvents) {
    let addresses = chunk.accounts.iter().map(|event| event.address);
    assert!(addresses.is_sorted_by(|a, b| a < b));
    let slots = chunk.slots.iter().map(|event| (event.address, event.slot));
    assert!(slots.is_sorted_by(|a, b| a < b));
    let accounts = chunk.accounts.iter().map(|event| {
        let value = |account: Option<_>| account.as_ref().map_or(EMPTY, account_value);
        let values: [Digest; 2] = [value(event.before), value(event.after)];
        (account_key(event.address), values, &event.path)
    });
    let slots = chunk.slots.iter().map(|event| {
        let values = [event.before, event.after].map(storage_value);
        (storage_key(event.address, event.slot), values, &event.path)
    });
    let asked = chunk.block_hashes.iter().map(|event| event.asked);
    assert!(asked.is_sorted_by(|a, b| a < b));
    let hashes = chunk.block_hashes.iter().map(|event| {
        let value = event.leaf.as_ref().map_or(EMPTY, block_hash_value);
        let key = block_hash_key(event.asked.as_limbs()[0]);
        (key, [value; 2], &event.path)
    });
    assert_eq!(chunk.parent_hash.is_some(), chunk.opens.is_some());
    let opening = chunk.parent_hash.iter().map(|event| {
        let number = chunk.start.block.number;
        let hash = chunk.start.block_hash;
        let after = block_hash_value(&NumberedHash { number, hash });
        (block_hash_key(number), [event.before, after], &event.path)
    });
    let updates = opening.chain(accounts).chain(slots).chain(hashes);
    let mut root = chunk.start.state_root;
    for (key, [before, after], path) in updates {
        assert_eq!(root_of_path(path, &key, before), root);
        root = root_of_path(path, &key, after);
    }
    assert_eq!(root, chunk.end.state_root);
}
