//! Accounts and slots in revm's journal after a transaction.

use alloy_primitives::{Address, U256};
use revm::state::{Account, AccountStatus, EvmState};

use crate::execution::outcome::{AccountState, SlotChange};

/// An account as the last transaction left it. Touched ones that are empty disappear (EIP-161).
pub(super) fn present(account: &Account) -> Option<AccountState> {
    if account.is_selfdestructed_locally() {
        return None;
    }
    let is_there = !account.is_loaded_as_not_existing() && !account.is_touched();
    let state = AccountState::from(&account.info);
    (is_there || !state.is_empty()).then_some(state)
}

/// Makes an account that a transaction destroyed look like it; revm does so when it loads it.
pub(super) fn settle(account: &mut Account) {
    if account.is_selfdestructed_locally() {
        account.selfdestruct();
        account.unmark_selfdestructed_locally();
    }
}

/// Makes an account that is not there look as if nobody had touched it: revm gives gas back for an authority that is there (EIP-7702), and takes one for that which an earlier transaction
/// touched and left empty.
pub(super) fn untouch_absent(account: &mut Account) {
    if present(account).is_none() {
        settle(account);
        account.unmark_touch();
        account.status |= AccountStatus::LoadedAsNotExisting;
    }
}

/// Says what a transaction made of an account whose code it did not change.
pub(super) fn overwrite(account: &mut Account, after: Option<AccountState>) {
    settle(account);
    account.mark_touch();
    let after = after.unwrap_or(AccountState::EMPTY);
    account.info.balance = after.balance;
    account.info.nonce = after.nonce;
}

/// Slots as the last transaction left them.
pub(super) fn values(state: &EvmState, slots: &mut [SlotChange]) {
    // Whoever asks for one slot of an account mostly asks for several.
    let mut last: Option<(Address, Option<&Account>)> = None;
    for change in slots {
        let account = match last {
            Some((address, account)) if address == change.address => account,
            _ => {
                let account = state.get(&change.address);
                account.filter(|account| !account.is_selfdestructed_locally())
            }
        };
        last = Some((change.address, account));
        let value = account.and_then(|account| account.storage.get(&change.slot));
        change.after = value.map_or(U256::ZERO, |value| value.present_value);
    }
}

/// The slots that are not zero of a contract that the batch created. No account has storage that has neither code nor a nonce.
pub(super) fn created_slots(state: &EvmState, address: &Address, mut each: impl FnMut(SlotChange)) {
    let account = state.get(address);
    let account = account.filter(|account| !account.is_selfdestructed_locally());
    for (slot, value) in account.iter().flat_map(|account| &account.storage) {
        if !value.present_value.is_zero() {
            each(SlotChange {
                address: *address,
                slot: *slot,
                before: U256::ZERO,
                after: value.present_value,
            });
        }
    }
}
