//! What happens in a block before its first transaction: the beacon roots contract is given the root of the parent's beacon block (EIP-4788).

use alloy_eips::eip4788::{BEACON_ROOTS_ADDRESS, SYSTEM_ADDRESS};
use alloy_primitives::{B256, Bytes};
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
    let contract = state.account(&BEACON_ROOTS_ADDRESS)?;
    Ok(contract.is_some_and(|account| account.has_code()))
}

/// What happens to the state before the block's first transaction. A call that fails changes nothing and makes no block invalid.
///
/// # Errors
/// When the state cannot be read; [`Error::NotProvable`] when the contract asks for the hash of a block that nobody gave.
pub fn before_transactions(
    block: BlockContext,
    root: Option<B256>,
    hashes: &BlockHashes,
    state: &dyn StateReader,
) -> Result<StateChanges> {
    let Some(root) = root else {
        return Ok(StateChanges::default());
    };
    if !calls_beacon_roots(Some(root), state)? {
        return Ok(StateChanges::default());
    }
    let database = ReaderDatabase::new(state, hashes, block.environment.number);
    let mut evm = Evm::new(context(block, database));
    // revm's own system calls have more gas, for a fork to come.
    evm.ctx.set_tx(TxEnv {
        caller: SYSTEM_ADDRESS,
        kind: TxKind::Call(BEACON_ROOTS_ADDRESS),
        data: Bytes::copy_from_slice(root.as_slice()),
        gas_limit: SYSTEM_CALL_GAS,
        ..TxEnv::default()
    });
    let called: Result<_, EVMError<ReadFault>> =
        MainnetHandler::default().run_system_call(&mut evm);
    called.map_err(|error| match error {
        EVMError::Database(ReadFault(error)) => error,
        other => Error::Internal(format!("revm: system call: {other}")),
    })?;
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
