//! What a batch left, as others look for it: most never do, some do often and from far away.

use std::sync::OnceLock;

use super::loaded::Change;
use crate::execution::outcome::AccountStateChange;

/// Keys in a group, about: their hashes fill a cache line.
const IN_GROUP: usize = 8;
/// So few are looked through one by one.
const FEW: usize = 2 * IN_GROUP;

/// See the module.
#[derive(Debug)]
pub(in crate::execution::parallel) struct Grouped<T> {
    hashes: Vec<u64>,
    items: Vec<T>,
    /// Made when somebody asks for the first time.
    groups: OnceLock<Groups>,
}

/// Hashes in groups by some of their bits.
#[derive(Debug)]
struct Groups {
    /// Where each group begins, and the end of the last.
    starts: Vec<u32>,
    hashes: Vec<u64>,
    /// Where the hashes were before.
    order: Vec<u32>,
}

impl Groups {
    fn new(all: &[u64]) -> Self {
        let groups = (all.len() / IN_GROUP).next_power_of_two();
        let mut starts = vec![0_u32; groups + 1];
        for hash in all {
            if let Some(start) = starts.get_mut(group(*hash, groups)) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut hashes, mut order) = (vec![0; all.len()], vec![0; all.len()]);
        // Each group is filled from its end, so that its start is what remains.
        for (index, hash) in all.iter().enumerate() {
            let Some(start) = starts.get_mut(group(*hash, groups)) else {
                continue;
            };
            *start -= 1;
            let place = *start as usize;
            if let (Some(known), Some(of)) = (hashes.get_mut(place), order.get_mut(place)) {
                (*known, *of) = (*hash, index as u32);
            }
        }
        Self {
            starts,
            hashes,
            order,
        }
    }

    /// Where keys with a hash were.
    fn find(&self, hash: u64) -> impl Iterator<Item = usize> {
        let group = group(hash, self.starts.len() - 1);
        let start = |group: usize| self.starts.get(group).map_or(0, |start| *start as usize);
        let range = start(group)..start(group + 1);
        let hashes = self.hashes.get(range.clone()).unwrap_or_default();
        let order = self.order.get(range).unwrap_or_default();
        let known = hashes.iter().zip(order);
        known
            .filter(move |(known, _)| **known == hash)
            .map(|(_, place)| *place as usize)
    }
}

impl<T: Change> Grouped<T> {
    /// Of some things with the hashes of their keys. They take no more room than they need.
    pub(super) fn new<'a>(things: impl Iterator<Item = (u64, &'a T)> + Clone) -> Self
    where
        T: 'a,
    {
        let count = things.clone().count();
        let mut grouped = Self {
            hashes: Vec::with_capacity(count),
            items: Vec::with_capacity(count),
            groups: OnceLock::new(),
        };
        for (hash, thing) in things {
            grouped.hashes.push(hash);
            grouped.items.push(*thing);
        }
        grouped
    }

    /// All with the hashes of their keys.
    pub(in crate::execution::parallel) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.hashes.iter().copied().zip(&self.items)
    }

    /// A key by its hash.
    pub(super) fn find(&self, hash: u64, key: &T::Key) -> Option<&T> {
        if self.hashes.len() <= FEW {
            let mut all = self.iter();
            let found = all.find(|(known, item)| *known == hash && item.key() == *key);
            return found.map(|(_, item)| item);
        }
        let groups = self.groups.get_or_init(|| Groups::new(&self.hashes));
        let mut found = groups.find(hash).filter_map(|place| self.items.get(place));
        found.find(|item| item.key() == *key)
    }

    /// With something else for each key.
    pub(super) fn try_map<E>(
        self,
        mut map: impl FnMut(u64, T) -> Result<AccountStateChange, E>,
    ) -> Result<Grouped<AccountStateChange>, E> {
        let items = self.hashes.iter().zip(self.items);
        let items = items.map(|(hash, item)| map(*hash, item));
        Ok(Grouped {
            items: items.collect::<Result<_, E>>()?,
            hashes: self.hashes,
            groups: self.groups,
        })
    }
}

fn group(hash: u64, groups: usize) -> usize {
    (hash >> 24) as usize & (groups - 1)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256};

    use super::*;
    use crate::execution::outcome::SlotChange;

    #[test]
    fn every_key_is_found_and_no_other() {
        let change = |key: u64| SlotChange {
            address: Address::ZERO,
            slot: U256::from(key),
            before: U256::ZERO,
            after: U256::from(1 + key),
        };
        // Some keys have the same hash.
        let hash = |key: u64| (key / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for count in [0, 1, 2, 7, 8, 9, 64, 1_000] {
            let changes: Vec<_> = (0..count).map(change).collect();
            let things = changes
                .iter()
                .zip(0..)
                .map(|(change, key)| (hash(key), change));
            let grouped = Grouped::new(things);
            for key in 0..count + 10 {
                let expected = (key < count).then(|| change(key));
                let found = grouped.find(hash(key), &(Address::ZERO, U256::from(key)));
                assert_eq!(found, expected.as_ref(), "{key} of {count}");
            }
            assert_eq!(grouped.iter().count(), count as usize);
        }
    }
}
