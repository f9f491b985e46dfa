//! Keys that a batch asked for, each with what was there before and afterwards.

use alloy_primitives::{Address, U256};

use crate::execution::outcome::{AccountStateChange, SlotChange};
use crate::execution::parallel::keys::SlotKey;

/// What became of a key.
pub(in crate::execution::parallel) trait Change: Copy {
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

/// See the module.
#[derive(Debug)]
pub(in crate::execution::parallel) struct Loaded<C> {
    hashes: Vec<u64>,
    changes: Vec<C>,
}

impl<C> Default for Loaded<C> {
    fn default() -> Self {
        Self {
            hashes: Vec::new(),
            changes: Vec::new(),
        }
    }
}

impl<C: Change> Loaded<C> {
    pub(in crate::execution::parallel) fn len(&self) -> usize {
        self.changes.len()
    }

    /// Forgets all keys, and keeps the room.
    pub(super) fn clear(&mut self) {
        self.hashes.clear();
        self.changes.clear();
    }

    pub(super) fn push(&mut self, hash: u64, change: C) -> usize {
        self.hashes.push(hash);
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

    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    pub(super) fn changes_mut(&mut self) -> &mut [C] {
        &mut self.changes
    }

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

    /// What is not as before, but for a place that is left out.
    pub(super) fn changed(
        &self,
        without: Option<usize>,
    ) -> impl Iterator<Item = (u64, &C)> + Clone {
        let all = self.hashes.iter().copied().zip(&self.changes).enumerate();
        all.filter(move |(place, (_, change))| change.is_change() && Some(*place) != without)
            .map(|(_, change)| change)
    }
}
