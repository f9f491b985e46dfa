//! What a batch asked for, each key once, and what it left there.

use alloy_primitives::{Address, U256};

use crate::execution::outcome::{AccountStateChange, SlotChange};
use crate::execution::parallel::keys::SlotKey;

/// What became of a key.
pub(in crate::execution::parallel) trait Change {
    /// The key.
    type Key: Copy + PartialEq;

    /// Which key.
    fn key(&self) -> Self::Key;

    /// Whether it is not as before.
    fn is_change(&self) -> bool;
}

impl Change for AccountStateChange {
    type Key = Address;

    fn key(&self) -> Address {
        self.address
    }

    fn is_change(&self) -> bool {
        self.before != self.after
    }
}

impl Change for SlotChange {
    type Key = (Address, U256);

    fn key(&self) -> SlotKey {
        (self.address, self.slot)
    }

    fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// See the module. Hashes lie together, so that a key is looked for without a look at the others.
#[derive(Debug)]
pub(in crate::execution::parallel) struct Loaded<C> {
    hashes: Vec<u64>,
    from_base: Vec<bool>,
    changes: Vec<C>,
}

impl<C> Default for Loaded<C> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<C> Loaded<C> {
    /// With room for so many.
    pub(super) fn with_capacity(room: usize) -> Self {
        Self {
            hashes: Vec::with_capacity(room),
            from_base: Vec::with_capacity(room),
            changes: Vec::with_capacity(room),
        }
    }

    pub(in crate::execution::parallel) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn push(&mut self, hash: u64, from_base: bool, change: C) -> usize {
        self.hashes.push(hash);
        self.from_base.push(from_base);
        self.changes.push(change);
        self.changes.len() - 1
    }

    pub(super) fn get(&self, place: usize) -> Option<&C> {
        self.changes.get(place)
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut C> {
        self.changes.get_mut(place)
    }

    pub(super) fn hash(&self, place: usize) -> Option<u64> {
        self.hashes.get(place).copied()
    }

    pub(super) fn hashes(&self) -> impl ExactSizeIterator<Item = u64> {
        self.hashes.iter().copied()
    }

    pub(super) fn changes_mut(&mut self) -> &mut [C] {
        &mut self.changes
    }

    /// All keys: with their hashes, and whether nothing in the block had written them.
    pub(in crate::execution::parallel) fn iter(&self) -> impl Iterator<Item = (u64, bool, &C)> {
        let known = self.hashes.iter().zip(&self.from_base);
        known
            .zip(&self.changes)
            .map(|((hash, from_base), change)| (*hash, *from_base, change))
    }
}

impl<C: Change> Loaded<C> {
    /// A key by its hash.
    pub(super) fn find(&self, hash: u64, key: &C::Key) -> Option<&C> {
        let mut from = 0;
        loop {
            let rest = self.hashes.get(from..)?;
            let place = from + rest.iter().position(|known| *known == hash)?;
            let change = self.changes.get(place)?;
            if change.key() == *key {
                return Some(change);
            }
            from = place + 1;
        }
    }

    /// A key by its hash, if it is not as before.
    pub(super) fn changed(&self, hash: u64, key: &C::Key) -> Option<&C> {
        self.find(hash, key).filter(|change| change.is_change())
    }
}
