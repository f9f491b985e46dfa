//! What a transaction did, made of what it loaded and of how the journal looks afterwards.

use alloy_primitives::{Address, U256};
use revm::context::result::ExecutionResult;
use revm::state::{Account, AccountStatus, EvmStorageSlot, TransactionId};

use super::journal::Note;
use super::{Ledger, present};
use crate::execution::machine::tip;
use crate::execution::outcome::{
    AccountState, AccountStateChange, Read, SlotChange, TransactionOutcome,
};
use crate::execution::parallel::transfer::receipt;
use crate::execution::parallel::view::Interruption;
use crate::transaction::SignedTransaction;

impl Ledger<'_> {
    /// After a transaction that revm executed.
    pub(super) fn collect(
        &mut self,
        transaction: &SignedTransaction,
        result: ExecutionResult,
    ) -> Result<Box<TransactionOutcome>, Interruption> {
        self.reads.clear();
        self.accounts.clear();
        self.storage.clear();
        let gas_used = result.tx_gas_used();
        let environment = &self.shared.context.environment;
        let mut tip = tip(transaction, environment.base_fee, gas_used);
        let coinbase = environment.coinbase;
        let mut created = Vec::new();
        let journal = &mut self.machine.journal().journal;
        // Slots mostly come after others of the same account.
        let mut latest: Option<(Address, &mut Account)> = None;
        for note in &journal.database.notes {
            let address = match *note {
                Note::Account { address } | Note::Slot { address, .. } => address,
                Note::BlockHash { number, value } => {
                    self.reads.push(Read::BlockHash { number, value });
                    continue;
                }
            };
            if latest.as_ref().is_none_or(|(known, _)| *known != address) {
                let found = journal.inner.state.get_mut(&address);
                latest = found.map(|account| (address, account));
            }
            let Some((_, account)) = &mut latest else {
                continue;
            };
            match *note {
                Note::Account { .. } => {
                    let before = before(account);
                    let after = leave(account, before);
                    self.reads.push(Read::Account {
                        address,
                        value: before,
                    });
                    if before != after || address == transaction.sender {
                        self.accounts.push(AccountStateChange {
                            address,
                            before,
                            after,
                        });
                    }
                    if account.is_created_locally() {
                        created.push(address);
                    }
                    if account.is_selfdestructed_locally() && address == coinbase {
                        // It is destroyed with the tip.
                        tip = U256::ZERO;
                    }
                }
                Note::Slot { slot, is_new, .. } => {
                    let Some(value) = account.storage.get(&slot) else {
                        continue;
                    };
                    let (before, after) = (value.original_value, value.present_value);
                    if !is_new {
                        self.reads.push(Read::Storage {
                            address,
                            slot,
                            value: before,
                        });
                    } else if !account.is_created_locally()
                        && !self.emptied.contains(&(address, slot))
                    {
                        // The creation was rolled back: what it took for zero may not be.
                        account.storage.remove(&slot);
                    }
                    if before != after && !account.is_selfdestructed_locally() {
                        self.storage.push(SlotChange {
                            address,
                            slot,
                            before,
                            after,
                        });
                    }
                }
                Note::BlockHash { .. } => {}
            }
        }
        for address in created {
            self.create(address)?;
        }
        self.accounts.sort_unstable_by_key(|change| change.address);
        self.storage
            .sort_unstable_by_key(|change| (change.address, change.slot));
        Ok(Box::new(TransactionOutcome {
            receipt: receipt(result, gas_used),
            // Copied so that they take no more room than they need.
            reads: self.reads.clone(),
            accounts: self.accounts.clone(),
            storage: self.storage.clone(),
            tip,
        }))
    }

    /// Makes a new contract's code known, and the slots zero that were there before it, whatever the contract then made of them.
    fn create(&mut self, address: Address) -> Result<(), Interruption> {
        let shared = self.shared;
        let state = &mut self.machine.journal().journal.inner.state;
        let Some(account) = state.get(&address) else {
            return Ok(());
        };
        let is_alive = present(account).is_some();
        if let Some(code) = &account.info.code
            && is_alive
            && AccountState::from(&account.info).has_code()
        {
            shared.memory.add_code(account.info.code_hash, code.clone());
        }
        let slots = shared.memory.base.slots(&address);
        for slot in slots.map_err(Interruption::Fatal)? {
            let before = self.old_slot(address, slot)?;
            self.emptied.insert((address, slot));
            let Some(account) = self.state().get_mut(&address) else {
                continue;
            };
            let fresh = || EvmStorageSlot::new(U256::ZERO, TransactionId::ZERO);
            let kept = account.storage.entry(slot).or_insert_with(fresh);
            let after = match is_alive {
                true => kept.present_value,
                false => U256::ZERO,
            };
            self.storage
                .retain(|change| (change.address, change.slot) != (address, slot));
            if before != after {
                self.storage.push(SlotChange {
                    address,
                    slot,
                    before,
                    after,
                });
            }
        }
        Ok(())
    }
}

/// An account before the transaction that loaded it.
fn before(account: &Account) -> Option<AccountState> {
    let state = AccountState::from(&account.original_info());
    (!(account.is_loaded_as_not_existing() && state.is_empty())).then_some(state)
}

/// An account after the transaction that loaded it; leaves it as those to come shall find it.
fn leave(account: &mut Account, before: Option<AccountState>) -> Option<AccountState> {
    if !account.is_touched() {
        // revm takes from an account what its recipient cannot take, and only forgets that it touched the account.
        account.info.balance = before.map_or(U256::ZERO, |before| before.balance);
        return before;
    }
    // Accounts that a transaction destroys, or touches and leaves empty, disappear (EIP-6780, EIP-161).
    if account.is_selfdestructed_locally() || account.info.is_empty() {
        account.status |= AccountStatus::LoadedAsNotExisting;
        return None;
    }
    Some(AccountState::from(&account.info))
}
