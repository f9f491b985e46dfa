//! Where programs run: a block, a transaction, a state.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use braid_circuits::event::BlockEnvironment;
use braid_witness::block_file::AllocAccount;
use braid_witness::execution::BlockContext;
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;

pub const SENDER: Address = address!("00000000000000000000000000000000000a11ce");
pub const CONTRACT: Address = address!("0000000000000000000000000000000000c0de01");
pub const OTHER: Address = address!("0000000000000000000000000000000000c0de02");
pub const NOBODY: Address = address!("00000000000000000000000000000000000000b0");

pub fn context() -> BlockContext {
    BlockContext {
        chain_id: 1,
        rules: braid_witness::Rules::Cancun,
        environment: BlockEnvironment {
            number: 300,
            timestamp: 1_700_000_000,
            coinbase: address!("000000000000000000000000000000000000c01b"),
            gas_limit: 30_000_000,
            base_fee: U256::from(7),
            prev_randao: B256::repeat_byte(0x42),
            blob_base_fee: U256::ZERO,
        },
        excess_blob_gas: 0,
    }
}

/// A transaction with an invented signature, which tracing does not look at.
pub fn transaction(to: Option<Address>, value: u64, data: Vec<u8>, gas: u64) -> SignedTransaction {
    let raw = Bytes::from([&[0xc0], data.as_slice(), &value.to_be_bytes()].concat());
    SignedTransaction {
        hash: keccak256(&raw),
        raw,
        kind: TransactionKind::Legacy { protected: true },
        nonce: 5,
        max_fee: U256::from(10),
        max_priority_fee: U256::from(10),
        gas_limit: gas,
        to,
        value: U256::from(value),
        data: data.into(),
        access_list: Default::default(),
        authorizations: Vec::new(),
        odd_y: false,
        r: U256::from(1),
        s: U256::from(2),
        signing_payload: Bytes::from_static(b"signed"),
        signing_hash: keccak256(b"signed"),
        public_key: (U256::from(3), U256::from(4)),
        sender: SENDER,
    }
}

/// A state with a rich sender and these contracts, each with wei and slot 1 = 1.
pub fn state(contracts: &[(Address, Vec<u8>)]) -> State {
    let mut alloc = BTreeMap::new();
    alloc.insert(
        SENDER,
        AllocAccount {
            balance: U256::from(10).pow(U256::from(20)),
            nonce: 5,
            ..AllocAccount::default()
        },
    );
    for (address, code) in contracts {
        alloc.insert(
            *address,
            AllocAccount {
                balance: U256::from(1_000_000),
                nonce: 1,
                code: code.clone().into(),
                storage: [(U256::from(1), U256::from(1))].into(),
            },
        );
    }
    State::new(&alloc).unwrap()
}
