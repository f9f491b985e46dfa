//! What transactions that are executed one after the other leave, for those after them: no versions, no locks.

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, U256};

use super::keys::{KeyHasher, Keyed, SlotKey};
use crate::execution::outcome::{
    AccountState, AccountStateChange, SlotChange, StateChanges, TransactionOutcome,
};

/// A value that was written.
#[derive(Clone, Copy, Debug)]
struct Held<V> {
    /// Before the first transaction.
    before: V,
    after: V,
    /// Who wrote it first, and last.
    writers: (u32, u32),
}

impl<V: Copy> Held<V> {
    fn new(writer: u32, before: V) -> Self {
        Self {
            before,
            after: before,
            writers: (writer, writer),
        }
    }

    fn set(&mut self, writer: u32, after: V) {
        self.after = after;
        self.writers.1 = writer;
    }

    fn writers(&self) -> (usize, usize) {
        (self.writers.0 as usize, self.writers.1 as usize)
    }
}

type Map<K, V> = HashMap<Keyed<K>, Held<V>, KeyHasher>;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    first: usize,
    accounts: Map<Address, Option<AccountState>>,
    storage: Map<SlotKey, U256>,
}

impl Overlay {
    /// For a stretch from the transaction `first` on, with room for so many.
    pub(super) fn new(first: usize, transactions: usize) -> Self {
        let mut overlay = Self {
            first,
            accounts: Map::default(),
            storage: Map::default(),
        };
        overlay.reserve(transactions);
        overlay
    }

    /// Makes room for so many more transactions: most write two accounts, or one and some slots.
    pub(super) fn reserve(&mut self, transactions: usize) {
        self.accounts.reserve(2 * transactions);
        self.storage.reserve(2 * transactions);
    }

    /// The stretch's first transaction.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// An account, if the stretch wrote it.
    pub(super) fn account(&self, address: &Address) -> Option<Option<AccountState>> {
        Some(self.accounts.get(&Keyed(*address))?.after)
    }

    /// A slot, if the stretch wrote it.
    pub(super) fn slot(&self, key: &SlotKey) -> Option<U256> {
        Some(self.storage.get(&Keyed(*key))?.after)
    }

    /// Takes over what the next transaction did, but for the coinbase, which is kept apart.
    pub(super) fn add(&mut self, place: usize, outcome: &TransactionOutcome, coinbase: &Address) {
        let writer = place as u32;
        for change in &outcome.accounts {
            if change.before != change.after && change.address != *coinbase {
                let entry = self.accounts.entry(Keyed(change.address));
                let held = entry.or_insert(Held::new(writer, change.before));
                held.set(writer, change.after);
            }
        }
        for change in &outcome.storage {
            let entry = self.storage.entry(Keyed((change.address, change.slot)));
            let held = entry.or_insert(Held::new(writer, change.before));
            held.set(writer, change.after);
        }
    }

    /// Who wrote each account first and last.
    pub(super) fn account_writers(&self) -> impl Iterator<Item = (&Address, (usize, usize))> {
        let accounts = self.accounts.iter();
        accounts.map(|(address, held)| (&address.0, held.writers()))
    }

    /// Who wrote each slot first and last.
    pub(super) fn slot_writers(&self) -> impl Iterator<Item = (&SlotKey, (usize, usize))> {
        let slots = self.storage.iter();
        slots.map(|(key, held)| (&key.0, held.writers()))
    }

    /// What the whole stretch changed, but for bytecode.
    pub(super) fn into_changes(self) -> StateChanges {
        // One more for the coinbase.
        let mut accounts = Vec::with_capacity(self.accounts.len() + 1);
        let changed = self.accounts.into_iter();
        let changed = changed.filter(|(_, held)| held.before != held.after);
        accounts.extend(changed.map(|(Keyed(address), held)| AccountStateChange {
            address,
            before: held.before,
            after: held.after,
        }));
        let mut storage = Vec::with_capacity(self.storage.len());
        let changed = self.storage.into_iter();
        let changed = changed.filter(|(_, held)| held.before != held.after);
        storage.extend(changed.map(|(Keyed((address, slot)), held)| SlotChange {
            address,
            slot,
            before: held.before,
            after: held.after,
        }));
        StateChanges {
            accounts,
            storage,
            codes: Vec::new(),
        }
    }
}
