//! What happens in a block before its first transaction: the beacon roots contract is given the root of the parent's beacon block (EIP-4788), and from Prague on the history contract the
//! hash of the parent (EIP-2935), which here is the rollup's own.

use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, SYSTEM_ADDRESS};
use alloy_primitives::{Address, B256, Bytes};
use braid_text::Rules;
use revm::context::result::EVMError;
use revm::context::{ContextSetters, TxEnv};
use revm::handler::{Handler, MainnetHandler};
use revm::primitives::TxKind;
use revm::state::EvmState;

use super::baseline::{ReadFault, ReaderDatabase};
use super::machine::{BlockContext, Evm, context};
use super::outcome::{AccountStateChange, SlotChange, StateChanges, state_after, state_before};
use super::reader::{BlockHashes, StateReader};
use crate::error::{Error, Result};

/// Gas of the call, which does not count towards the block's.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// Whether a block with this beacon root calls the beacon roots contract: there must be code at its address, else nothing happens.
///
/// # Errors
/// When the state cannot be read.
pub fn calls_beacon_roots(root: Option<B256>, state: &dyn StateReader) -> Result<bool> {
    if root.is_none() {
        return Ok(false);
    }
    has_code(BEACON_ROOTS_ADDRESS, state)
}

/// Whether blocks call the history contract: the rules must ask for it, and there must be code at its address, else nothing happens.
///
/// # Errors
/// When the state cannot be read.
pub fn calls_history(rules: Rules, state: &dyn StateReader) -> Result<bool> {
    if rules < Rules::Prague {
        return Ok(false);
    }
    has_code(HISTORY_STORAGE_ADDRESS, state)
}

fn has_code(address: Address, state: &dyn StateReader) -> Result<bool> {
    let contract = state.account(&address)?;
    Ok(contract.is_some_and(|account| account.has_code()))
}

/// What happens to the state before the block's first transaction. A call that fails changes nothing and makes no block invalid.
///
/// # Errors
/// When the state cannot be read; [`Error::NotProvable`] when the contract asks for the hash of a block that nobody gave.
pub fn before_transactions(
    block: BlockContext,
    root: Option<B256>,
    parent_hash: B256,
    hashes: &BlockHashes,
    state: &dyn StateReader,
) -> Result<StateChanges> {
    let mut calls = Vec::new();
    if let Some(root) = root
        && calls_beacon_roots(Some(root), state)?
    {
        calls.push((BEACON_ROOTS_ADDRESS, root));
    }
    if calls_history(block.rules, state)? {
        calls.push((HISTORY_STORAGE_ADDRESS, parent_hash));
    }
    if calls.is_empty() {
        return Ok(StateChanges::default());
    }
    let database = ReaderDatabase::new(state, hashes, block.environment.number);
    let mut evm = Evm::new(context(block, database));
    for (contract, word) in calls {
        // revm's own system calls have more gas, for a fork to come.
        evm.ctx.set_tx(TxEnv {
            caller: SYSTEM_ADDRESS,
            kind: TxKind::Call(contract),
            data: Bytes::copy_from_slice(word.as_slice()),
            gas_limit: SYSTEM_CALL_GAS,
            ..TxEnv::default()
        });
        let called: Result<_, EVMError<ReadFault>> =
            MainnetHandler::default().run_system_call(&mut evm);
        called.map_err(|error| match error {
            EVMError::Database(ReadFault(error)) => error,
            other => Error::Internal(format!("revm: system call: {other}")),
        })?;
    }
    Ok(changes(evm.finalize()))
}

/// Accounts as revm leaves them as changes of the state that it read. Of an account that disappears no slots are left: it was created and destroyed, or had none.
fn changes(accounts: EvmState) -> StateChanges {
    let mut changes = StateChanges::default();
    for (address, account) in accounts {
        if !account.is_touched() {
            continue;
        }
        let (before, after) = (state_before(&account), state_after(&account));
        if before != after {
            changes.accounts.push(AccountStateChange {
                address,
                before,
                after,
            });
        }
        if account.is_created()
            && let Some(code) = &account.info.code
            && after.is_some_and(|after| after.has_code())
        {
            changes.codes.push((account.info.code_hash, code.clone()));
        }
        if after.is_some() {
            let slots = account.storage.iter();
            let slots = slots.filter(|(_, value)| value.is_changed());
            changes
                .storage
                .extend(slots.map(|(slot, value)| SlotChange {
                    address,
                    slot: *slot,
                    before: value.original_value,
                    after: value.present_value,
                }));
        }
    }
    changes.codes.sort_unstable_by_key(|(hash, _)| *hash);
    changes.codes.dedup_by_key(|(hash, _)| *hash);
    changes
}
