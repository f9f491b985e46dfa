//! States as a chain has them: see [`StateReader::is_ordinary`](crate::execution::StateReader::is_ordinary).

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};

use crate::block_file::AllocAccount;
use crate::execution::AccountState;

/// Whether a state that begins with these accounts is ordinary.
pub(crate) fn begins_ordinary(alloc: &BTreeMap<Address, AllocAccount>) -> bool {
    let mut supply = Some(U256::ZERO);
    let mut may_have_storage = true;
    for account in alloc.values() {
        supply = supply.and_then(|supply| supply.checked_add(account.balance));
        let is_contract = account.nonce > 0 || !account.code.is_empty();
        may_have_storage &= is_contract || account.storage.values().all(U256::is_zero);
    }
    may_have_storage && supply.is_some()
}

/// Follows changes to an ordinary state, to say whether it surely is one afterwards. What blocks do to a state keeps it so: they make no wei, and who writes
/// slots is a contract. Other changes, such as deposits, may not.
#[derive(Debug)]
pub(crate) struct StaysOrdinary {
    /// Wei of changed accounts before and after, unless they were too many to count.
    wei: Option<[U256; 2]>,
    owners_are_contracts: bool,
}

impl Default for StaysOrdinary {
    fn default() -> Self {
        Self {
            wei: Some([U256::ZERO; 2]),
            owners_are_contracts: true,
        }
    }
}

impl StaysOrdinary {
    /// An account becomes another.
    pub(crate) fn account(&mut self, before: Option<&AccountState>, after: Option<&AccountState>) {
        let wei = |account: Option<&AccountState>| account.map_or(U256::ZERO, |a| a.balance);
        self.wei = self.wei.and_then(|[all_before, all_after]| {
            let all_before = all_before.checked_add(wei(before))?;
            Some([all_before, all_after.checked_add(wei(after))?])
        });
        // Of an account that is gone no slots are left; others keep theirs.
        let may_have_had_slots = before.is_some_and(AccountState::is_contract);
        if let Some(after) = after.filter(|_| may_have_had_slots) {
            self.owner(Some(after));
        }
    }

    /// An account has a slot that is not zero.
    pub(crate) fn owner(&mut self, account: Option<&AccountState>) {
        self.owners_are_contracts &= account.is_some_and(AccountState::is_contract);
    }

    /// Whether the state is ordinary, if it was before.
    pub(crate) fn holds(&self) -> bool {
        let makes_no_wei = self.wei.is_some_and(|[before, after]| after <= before);
        makes_no_wei && self.owners_are_contracts
    }
}
