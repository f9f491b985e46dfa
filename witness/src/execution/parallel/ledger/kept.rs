//! What a ledger knows, apart from the machine that it runs on: it goes from stretch to stretch and from worker to worker.

use std::sync::OnceLock;

use alloy_primitives::map::HashSet;
use alloy_primitives::{Address, U256};
use rayon::prelude::*;
use revm::state::{Account, EvmState, TransactionId};

use super::{Ledger, present};
use crate::error::Result;
use crate::execution::outcome::{AccountStateChange, SlotChange, StateChanges};
use crate::execution::parallel::keys::SlotKey;
use crate::execution::reader::StateReader;

/// Slots that are zero.
pub(super) type Emptied = HashSet<SlotKey>;

/// Locations below which splitting the work costs more than it brings.
const GRAIN: usize = 1024;

const NO_ACCOUNT: AccountStateChange = AccountStateChange {
    address: Address::ZERO,
    before: None,
    after: None,
};

const NO_SLOT: SlotChange = SlotChange {
    address: Address::ZERO,
    slot: U256::ZERO,
    before: U256::ZERO,
    after: U256::ZERO,
};

/// See the module.
#[derive(Debug, Default)]
pub(in crate::execution::parallel) struct Kept {
    state: EvmState,
    /// No account or slot has this or a later one.
    next: TransactionId,
    /// It knows what the transactions from this one on left.
    pub(in crate::execution::parallel) first: usize,
    emptied: Emptied,
}

impl Ledger<'_> {
    /// Goes on from what is known.
    pub(in crate::execution::parallel) fn resume(&mut self, kept: Kept) {
        let inner = &mut self.machine.journal().journal.inner;
        inner.state = kept.state;
        inner.transaction_id = inner.transaction_id.max(kept.next);
        self.below().first = kept.first;
        self.emptied = kept.emptied;
    }

    /// Gives away what is known.
    pub(in crate::execution::parallel) fn leave(&mut self) -> Kept {
        let first = self.below().first;
        let inner = &mut self.machine.journal().journal.inner;
        Kept {
            state: core::mem::take(&mut inner.state),
            next: inner.transaction_id,
            first,
            emptied: core::mem::take(&mut self.emptied),
        }
    }
}

impl Kept {
    /// Of the transactions from `first` on: nothing yet.
    pub(in crate::execution::parallel) fn new(first: usize) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// A slot, if it is known.
    fn slot(&self, (address, slot): &SlotKey) -> Option<U256> {
        let account = self.state.get(address)?;
        Some(value(account, account.storage.get(slot)?.present_value))
    }

    /// What a whole block changed from the state before it, but for the coinbase's account and for bytecode.
    pub(in crate::execution::parallel) fn into_changes(
        self,
        base: &dyn StateReader,
        coinbase: Address,
    ) -> Result<StateChanges> {
        // Most of them were changed.
        let loaded = self.state.iter();
        let loaded: Vec<_> = loaded
            .filter(|(address, _)| **address != coinbase)
            .collect();
        let mut accounts = all(&loaded, NO_ACCOUNT, |(address, account)| {
            Ok(AccountStateChange {
                address: **address,
                before: base.account(address)?,
                after: present(account),
            })
        })?;
        accounts.retain(|change| change.before != change.after);
        let slots = self.state.iter().flat_map(|(address, account)| {
            let slots = account.storage.iter();
            slots.map(move |(slot, known)| (address, slot, value(account, known.present_value)))
        });
        let unknown = self.emptied.iter().filter(|key| self.slot(key).is_none());
        let unknown = unknown.map(|(address, slot)| (address, slot, U256::ZERO));
        let slots: Vec<_> = slots.chain(unknown).collect();
        let mut storage = all(&slots, NO_SLOT, |(address, slot, after)| {
            Ok(SlotChange {
                address: **address,
                slot: **slot,
                before: base.storage(address, slot)?,
                after: *after,
            })
        })?;
        storage.retain(|change| change.before != change.after);
        Ok(StateChanges {
            accounts,
            storage,
            codes: Vec::new(),
        })
    }
}

/// Makes a change of each, on all threads, where it then stays: these are the largest lists of a block. `nothing` stands for what cannot be made.
fn all<T: Sync, C: Copy + Send + Sync>(
    of: &[T],
    nothing: C,
    make: impl Fn(&T) -> Result<C> + Sync,
) -> Result<Vec<C>> {
    let failure = OnceLock::new();
    // One more for the coinbase.
    let mut list = Vec::with_capacity(of.len() + 1);
    let made = of.par_iter().with_min_len(GRAIN).map(|item| {
        make(item).unwrap_or_else(|error| {
            // The first that is met is as good as any.
            let _ = failure.set(error);
            nothing
        })
    });
    made.collect_into_vec(&mut list);
    match failure.into_inner() {
        Some(error) => Err(error),
        None => Ok(list),
    }
}

/// What a slot holds now: a destroyed account's hold nothing.
fn value(account: &Account, present: U256) -> U256 {
    match account.is_selfdestructed_locally() {
        true => U256::ZERO,
        false => present,
    }
}
