//! What transactions that are executed one after the other leave, for those after them: no versions, no locks.

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, U256};

use super::keys::{KeyHasher, Keyed, SlotKey};
use crate::execution::outcome::{
    Access, AccountState, AccountStateChange, SlotChange, StateChanges,
};

/// No transaction, where transactions are counted from 1.
const NOBODY: u32 = 0;

/// A value that was written.
#[derive(Clone, Copy, Debug)]
struct Held<V> {
    /// Before the first transaction.
    before: V,
    after: V,
    /// Who wrote it first in the latest stretch that did, and last; counted from 1.
    writers: (u32, u32),
}

impl<V: Copy> Held<V> {
    fn new(before: V) -> Self {
        Self {
            before,
            after: before,
            writers: (NOBODY, NOBODY),
        }
    }

    fn is_written(&self) -> bool {
        self.writers.1 != NOBODY
    }

    /// Gives whether this is the first time in a stretch that began at a place.
    fn set(&mut self, place: u32, stretch: Option<u32>, after: V) -> bool {
        let is_first = stretch.is_some_and(|stretch| self.writers.1 <= stretch);
        if is_first {
            self.writers.0 = place + 1;
        }
        self.writers.1 = place + 1;
        self.after = after;
        is_first
    }

    fn writers(&self) -> (usize, usize) {
        let place = |counted: u32| counted.saturating_sub(1) as usize;
        (place(self.writers.0), place(self.writers.1))
    }
}

type Map<K, V> = HashMap<Keyed<K>, Held<V>, KeyHasher>;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    first: usize,
    accounts: Map<Address, Option<AccountState>>,
    storage: Map<SlotKey, U256>,
    /// The present stretch begins here, if anybody wants to know what it wrote; what it wrote.
    stretch: Option<usize>,
    stretch_accounts: Vec<Address>,
    stretch_storage: Vec<SlotKey>,
}

impl Overlay {
    /// Of the transactions from `first` on.
    pub(super) fn new(first: usize) -> Self {
        Self {
            first,
            accounts: Map::default(),
            storage: Map::default(),
            stretch: None,
            stretch_accounts: Vec::new(),
            stretch_storage: Vec::new(),
        }
    }

    /// Begins a stretch at a place, with room for so many transactions: most write two accounts, or one and some slots.
    pub(super) fn begin(&mut self, stretch: Option<usize>, transactions: usize) {
        self.stretch = stretch;
        self.stretch_accounts.clear();
        self.stretch_storage.clear();
        self.accounts.reserve(2 * transactions);
    }

    /// The first transaction.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// An account, if it was written.
    pub(super) fn account(&self, address: &Address) -> Option<Option<AccountState>> {
        Some(self.accounts.get(&Keyed(*address))?.after)
    }

    /// A slot, if it was written.
    pub(super) fn slot(&self, key: &SlotKey) -> Option<U256> {
        Some(self.storage.get(&Keyed(*key))?.after)
    }

    /// Takes over what the next transaction did, but for the coinbase, which is kept apart. Gives whether it changed what one before it had changed.
    pub(super) fn add(&mut self, place: usize, access: &Access, coinbase: &Address) -> bool {
        let mut changes_again = false;
        let (writer, stretch) = (place as u32, self.stretch.map(|stretch| stretch as u32));
        for change in &access.accounts {
            if change.before != change.after && change.address != *coinbase {
                let entry = self.accounts.entry(Keyed(change.address));
                let held = entry.or_insert(Held::new(change.before));
                changes_again |= held.is_written();
                if held.set(writer, stretch, change.after) {
                    self.stretch_accounts.push(change.address);
                }
            }
        }
        for change in &access.storage {
            let key = (change.address, change.slot);
            let entry = self.storage.entry(Keyed(key));
            let held = entry.or_insert(Held::new(change.before));
            changes_again |= held.is_written();
            if held.set(writer, stretch, change.after) {
                self.stretch_storage.push(key);
            }
        }
        changes_again
    }

    /// The accounts that the stretch wrote, and who of it wrote each first and last.
    pub(super) fn account_writers(&self) -> impl Iterator<Item = (&Address, (usize, usize))> {
        let accounts = self.stretch_accounts.iter();
        accounts.filter_map(|address| {
            let held = self.accounts.get(&Keyed(*address))?;
            Some((address, held.writers()))
        })
    }

    /// The slots that the stretch wrote, and who of it wrote each first and last.
    pub(super) fn slot_writers(&self) -> impl Iterator<Item = (&SlotKey, (usize, usize))> {
        let slots = self.stretch_storage.iter();
        slots.filter_map(|key| Some((key, self.storage.get(&Keyed(*key))?.writers())))
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
