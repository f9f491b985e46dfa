//! Runs a transaction over a state with revm, notes what it read, and compares its trace with what it did.

mod effects;
mod steps;

use std::collections::BTreeMap;
use std::convert::Infallible;

use alloy_primitives::{Address, B256, U256, keccak256};
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::execution::machine::{StorageOwners, transaction_input};
use braid_witness::execution::{
    AccountState, BlockContext, Machine, Read, Receipt, StateReader, Status,
};
use braid_witness::state::State;
use braid_witness::trace::{CodeSource, TraceInput, Tracer};
use braid_witness::transaction::SignedTransaction;
use revm::Database;
use revm::context::result::{ExecutionResult, Output};
use revm::state::{AccountInfo, Bytecode};

pub use self::effects::compare_effects;
pub use self::steps::compare_steps;

/// The state as revm reads it, with a note of every read.
pub struct Recording<'a> {
    state: &'a State,
    pub reads: Vec<Read>,
}

impl<'a> Recording<'a> {
    pub fn new(state: &'a State) -> Self {
        Self {
            state,
            reads: Vec::new(),
        }
    }
}

impl StorageOwners for Recording<'_> {
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, Infallible> {
        Ok(StateReader::first_slot(self.state, &address).unwrap())
    }
}

impl Database for Recording<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        let value = StateReader::account(self.state, &address).unwrap();
        self.reads.push(Read::Account { address, value });
        Ok(value.map(|state| AccountInfo {
            balance: state.balance,
            nonce: state.nonce,
            code_hash: state.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Infallible> {
        Ok(StateReader::code(self.state, &hash).unwrap())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        let value = StateReader::storage(self.state, &address, &slot).unwrap();
        self.reads.push(Read::Storage {
            address,
            slot,
            value,
        });
        Ok(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        let value = keccak256(number.to_string());
        self.reads.push(Read::BlockHash { number, value });
        Ok(value)
    }
}

/// Bytecode of a state.
pub struct StateCodes<'a>(pub &'a State);

impl CodeSource for StateCodes<'_> {
    fn code(&self, hash: &B256) -> braid_witness::Result<Bytecode> {
        StateReader::code(self.0, hash)
    }
}

/// What a run did.
pub struct Ran {
    pub reads: Vec<Read>,
    pub receipt: Receipt,
    /// Accounts that it changed, as they are afterwards.
    pub accounts: BTreeMap<Address, Option<AccountState>>,
    /// Slots that it changed, as they are afterwards, of accounts that it did not remove.
    pub storage: BTreeMap<(Address, U256), U256>,
}

/// Runs a transaction with revm alone; `None` if it is refused.
pub fn run(context: BlockContext, state: &State, transaction: &SignedTransaction) -> Option<Ran> {
    let mut machine = Machine::new(context, Recording::new(state));
    let result = machine
        .run(transaction_input(transaction, context.chain_id))
        .ok()?;
    let (mut accounts, mut storage) = (BTreeMap::new(), BTreeMap::new());
    for (address, account) in machine.drain_accounts().collect::<Vec<_>>() {
        if !account.is_touched() {
            continue;
        }
        let state_of = |info: &AccountInfo| AccountState {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        };
        let before =
            (!account.is_loaded_as_not_existing()).then(|| state_of(&account.original_info()));
        let after = state_of(&account.info);
        let after = (!account.is_selfdestructed() && !after.is_empty()).then_some(after);
        if before != after {
            accounts.insert(address, after);
        }
        if after.is_some() {
            for (slot, value) in &account.storage {
                if value.is_changed() {
                    storage.insert((address, *slot), value.present_value);
                }
            }
        }
    }
    let gas_used = result.tx_gas_used();
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => (Status::Success, logs, Some(output)),
        ExecutionResult::Revert { output, .. } => {
            (Status::Revert, Vec::new(), Some(Output::Call(output)))
        }
        ExecutionResult::Halt { reason, .. } => (Status::Halt(reason), Vec::new(), None),
    };
    Some(Ran {
        reads: machine.database().reads.clone(),
        receipt: Receipt {
            status,
            gas_used,
            logs,
            created: output.as_ref().and_then(|output| output.address().copied()),
            output: output.map(Output::into_data).unwrap_or_default(),
        },
        accounts,
        storage,
    })
}

/// Traces a transaction and compares everything with runs of revm. `None` if revm refuses it.
pub fn check(
    context: BlockContext,
    state: &State,
    transaction: &SignedTransaction,
) -> Result<Option<TransactionTrace>, String> {
    let Some(ran) = run(context, state, transaction) else {
        return Ok(None);
    };
    let codes = StateCodes(state);
    let mut tracer = Tracer::new(context, &codes, None);
    let input = TraceInput {
        transaction,
        reads: &ran.reads,
        receipt: Some(&ran.receipt),
    };
    let trace = tracer.trace(7, input).map_err(|error| error.to_string())?;
    compare_steps(context, state, transaction, &trace)?;
    compare_effects(&trace, &ran)?;
    Ok(Some(trace))
}
