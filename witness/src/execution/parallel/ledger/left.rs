//! What the transactions of a ledger left together.

use alloy_primitives::{Address, B256, U256};
use revm::state::{Bytecode, EvmState};

use super::below::{Loaded, value};
use super::present;
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::keys::{Keyed, SlotKey};

/// See the module.
pub(in crate::execution::parallel) struct Left {
    state: EvmState,
    /// Accounts that are not as before, the coinbase left out: it is kept apart.
    pub(in crate::execution::parallel) accounts: Vec<AccountStateChange>,
    /// Slots that are not as before.
    pub(in crate::execution::parallel) slots: Vec<SlotChange>,
    /// Where in these lists those are that something in the block had written before.
    pub(in crate::execution::parallel) written_accounts: Vec<usize>,
    pub(in crate::execution::parallel) written_slots: Vec<usize>,
}

impl Left {
    /// Of what was loaded and the journal. Hands bytecode over that came into being and is still there, with its hash.
    pub(super) fn new(
        state: EvmState,
        loaded: Loaded,
        coinbase: Address,
        mut take_code: impl FnMut(B256, &Bytecode),
    ) -> Self {
        let Loaded {
            mut accounts,
            mut slots,
            written_accounts,
            written_slots,
            later_accounts,
            later_slots,
            created,
        } = loaded;
        let written_accounts = retain(&mut accounts, &written_accounts, |change| {
            if later_accounts.contains(&change.address) {
                change.after = state.get(&change.address).and_then(present);
            }
            change.before != change.after && change.address != coinbase
        });
        let written_slots = retain(&mut slots, &written_slots, |change| {
            if later_slots.contains(&Keyed((change.address, change.slot))) {
                change.after = value(&state, &change.address, &change.slot);
            }
            // An access list may have asked for slots of a contract before it was there.
            let is_new = !created.is_empty() && created.contains(&change.address);
            change.before != change.after && !is_new
        });
        for address in created {
            let account = state.get(&address);
            let alive = account.and_then(present).filter(AccountState::has_code);
            let code = account.and_then(|account| account.info.code.as_ref());
            if let (Some(alive), Some(code)) = (alive, code) {
                take_code(alive.code_hash, code);
            }
            for slot in account.iter().flat_map(|account| account.storage.keys()) {
                let after = value(&state, &address, slot);
                if !after.is_zero() {
                    slots.push(SlotChange {
                        address,
                        slot: *slot,
                        // No account has storage that has neither code nor a nonce.
                        before: U256::ZERO,
                        after,
                    });
                }
            }
        }
        Self {
            state,
            accounts,
            slots,
            written_accounts,
            written_slots,
        }
    }

    /// An account afterwards, if it was loaded.
    pub(in crate::execution::parallel) fn account(
        &self,
        address: &Address,
    ) -> Option<Option<AccountState>> {
        self.state.get(address).map(present)
    }

    /// A slot afterwards, if it was loaded.
    pub(in crate::execution::parallel) fn slot(&self, (address, slot): &SlotKey) -> Option<U256> {
        let account = self.state.get(address)?;
        account.storage.get(slot)?;
        Some(value(&self.state, address, slot))
    }
}

/// Keeps some elements; of the places that are marked, which ascend, gives where those of them that are kept are then.
fn retain<T>(
    list: &mut Vec<T>,
    marked: &[usize],
    mut is_kept: impl FnMut(&mut T) -> bool,
) -> Vec<usize> {
    let (mut place, mut kept) = (0, 0);
    let mut marked = marked.iter().peekable();
    let mut found = Vec::new();
    list.retain_mut(|element| {
        let is_marked = marked.next_if_eq(&&place).is_some();
        let keep = is_kept(element);
        if keep && is_marked {
            found.push(kept);
        }
        place += 1;
        kept += usize::from(keep);
        keep
    });
    found
}

#[cfg(test)]
mod tests {
    use super::retain;

    #[test]
    fn marks_move_with_what_is_kept() {
        let mut list: Vec<u32> = (0..10).collect();
        let marks = retain(&mut list, &[0, 1, 4, 7, 8], |number| *number % 3 != 1);
        assert_eq!(list, [0, 2, 3, 5, 6, 8, 9]);
        assert_eq!(marks, [0, 5]);
    }
}
