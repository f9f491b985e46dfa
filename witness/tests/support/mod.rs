//! What tests of execution share: transactions without signatures, and what revm as it comes makes of a block.

#![allow(dead_code)]

pub mod case;
pub mod operations;
pub mod programs;
pub mod scenes;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::chunk::Misfit;
use braid_circuits::event::BlockEnvironment;
use braid_witness::Rules;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::parallel::BlockExecution;
use braid_witness::execution::{
    AccountState, BlockContext, Read, StateChanges, StateReader, reference,
};
use braid_witness::state::{State, StoredAccount};
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;

pub const CHAIN: u64 = 7;

/// What chunks are cut by, where a test has its own idea of what fits.
pub fn fitting(fits: bool) -> Result<(), Misfit> {
    let misfit = Misfit {
        table: "test",
        rows: 2,
        height: 1,
    };
    fits.then_some(()).ok_or(misfit)
}

/// The first transaction of a sender, with much gas and a small tip. Execution takes it for decoded, checked and recovered; its index makes its hash another one.
pub fn transaction(
    index: usize,
    sender: Address,
    to: Option<Address>,
    value: U256,
    data: Bytes,
) -> SignedTransaction {
    let hash = keccak256(index.to_be_bytes());
    SignedTransaction {
        raw: Bytes::new(),
        kind: TransactionKind::DynamicFee,
        nonce: 0,
        max_fee: U256::from(5),
        max_priority_fee: U256::from(2),
        gas_limit: 1_000_000,
        to,
        value,
        data,
        access_list: Default::default(),
        authorizations: Vec::new(),
        odd_y: false,
        r: U256::ZERO,
        s: U256::ZERO,
        signing_payload: Bytes::new(),
        signing_hash: hash,
        hash,
        public_key: (U256::ZERO, U256::ZERO),
        sender,
    }
}

/// What revm as it comes makes of a block: each transaction's gas, success and logs, up to the first that it refuses or that the block has no gas for; and the state.
#[allow(clippy::type_complexity)]
pub fn sequential(
    context: BlockContext,
    transactions: &[SignedTransaction],
    mut state: State,
) -> (Vec<(u64, bool, Vec<alloy_primitives::Log>)>, State) {
    let mut outcomes = Vec::new();
    let mut gas_used = 0;
    for transaction in transactions {
        if transaction.gas_limit > context.environment.gas_limit - gas_used {
            break;
        }
        let input = transaction_input(transaction, CHAIN);
        let outcome = match reference::run(context, input, &state) {
            Ok(outcome) => outcome,
            Err(reference::Fault::Refused(_)) => break,
            Err(fault) => panic!("{fault:?}"),
        };
        gas_used += outcome.gas_used;
        outcomes.push((outcome.gas_used, outcome.success, outcome.logs));
        state.commit(outcome.changes).unwrap();
    }
    (outcomes, state)
}

pub fn content(state: &State) -> Vec<(Address, StoredAccount)> {
    let accounts = state.accounts();
    accounts
        .map(|(address, account)| (*address, account.clone()))
        .collect()
}

/// Reads and changes of each transaction fit what the transactions before it left.
pub fn chained(state: &State, context: &BlockContext, executed: &BlockExecution) {
    let coinbase = context.environment.coinbase;
    let mut accounts: BTreeMap<Address, Option<AccountState>> = BTreeMap::new();
    let mut slots: BTreeMap<(Address, U256), U256> = BTreeMap::new();
    let base = |address: &Address| StateReader::account(state, address).unwrap();
    for (outcome, after) in executed
        .transactions
        .iter()
        .zip(executed.coinbase_after_each().unwrap())
    {
        let account = |accounts: &BTreeMap<Address, Option<AccountState>>, address: &Address| {
            accounts
                .get(address)
                .copied()
                .unwrap_or_else(|| base(address))
        };
        let slot = |slots: &BTreeMap<(Address, U256), U256>, address: &Address, slot: &U256| {
            let known = slots.get(&(*address, *slot)).copied();
            known.unwrap_or_else(|| StateReader::storage(state, address, slot).unwrap())
        };
        let access = outcome.access().unwrap();
        for read in &access.reads {
            match read {
                Read::Account { address, value } => assert_eq!(account(&accounts, address), *value),
                Read::CodeHash { address, value } => {
                    let now = account(&accounts, address).unwrap_or(AccountState::EMPTY);
                    assert_eq!(now.code_hash, *value);
                }
                Read::Storage {
                    address,
                    slot: key,
                    value,
                } => {
                    assert_eq!(slot(&slots, address, key), *value);
                }
                Read::BlockHash { .. } => {}
            }
        }
        for change in &access.accounts {
            assert_eq!(account(&accounts, &change.address), change.before);
            accounts.insert(change.address, change.after);
        }
        for change in &access.storage {
            assert_eq!(slot(&slots, &change.address, &change.slot), change.before);
            slots.insert((change.address, change.slot), change.after);
        }
        accounts.insert(coinbase, after);
    }
    for change in &executed.changes.accounts {
        assert_eq!(base(&change.address), change.before);
        assert_eq!(accounts.get(&change.address), Some(&change.after));
    }
    for change in &executed.changes.storage {
        assert_eq!(
            slots.get(&(change.address, change.slot)),
            Some(&change.after)
        );
    }
}

/// Changes, which have no order, in the order of their locations.
pub fn in_order(changes: &StateChanges) -> StateChanges {
    let mut changes = changes.clone();
    changes
        .accounts
        .sort_unstable_by_key(|change| change.address);
    changes
        .storage
        .sort_unstable_by_key(|change| (change.address, change.slot));
    changes
}

/// A block with a base fee of 3 wei and much gas.
pub fn context(coinbase: Address) -> BlockContext {
    BlockContext {
        chain_id: CHAIN,
        rules: Rules::Cancun,
        environment: BlockEnvironment {
            number: 9,
            timestamp: 1,
            coinbase,
            gas_limit: 1 << 40,
            base_fee: U256::from(3),
            prev_randao: B256::repeat_byte(5),
            blob_base_fee: U256::ZERO,
        },
        excess_blob_gas: 0,
    }
}
