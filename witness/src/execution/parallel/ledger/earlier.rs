//! What the block's transactions before a ledger left, if they are few: then nobody need ask the index of writers, which has a place for every key of the block.

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, U256};

use crate::execution::outcome::AccountState;
use crate::execution::parallel::attempt::End;
use crate::execution::parallel::keys::{KeyHasher, Keyed, SlotKey};
use crate::execution::parallel::shared::Shared;

/// See the module. The coinbase may be among the accounts, without its tips.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) accounts: HashMap<Keyed<Address>, Option<AccountState>, KeyHasher>,
    pub(super) slots: HashMap<Keyed<SlotKey>, U256, KeyHasher>,
}

impl Earlier {
    /// Of all transactions before this one, which are committed.
    pub(super) fn new(shared: &Shared<'_>, first: usize) -> Self {
        let mut earlier = Self::default();
        for place in 0..first {
            let slot = shared.slot(place);
            let Some(attempt) = slot.as_ref().and_then(|slot| slot.attempt.as_ref()) else {
                // The end of its stretch stands for it.
                continue;
            };
            let (accounts, slots) = match (&attempt.left, &attempt.end) {
                (Some(left), _) => (&left.accounts, &left.slots),
                (None, End::Ran { outcome, .. }) => match &outcome.access {
                    Some(access) => (&access.accounts, &access.storage),
                    None => continue,
                },
                (None, _) => continue,
            };
            for change in accounts
                .iter()
                .filter(|change| change.before != change.after)
            {
                earlier.accounts.insert(Keyed(change.address), change.after);
            }
            for change in slots {
                let key = (change.address, change.slot);
                earlier.slots.insert(Keyed(key), change.after);
            }
        }
        earlier
    }
}
