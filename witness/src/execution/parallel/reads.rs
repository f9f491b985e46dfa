//! What a transaction read, and whether it would read the same again.

use super::memory::Trouble;
use super::shared::Shared;
use super::writers::Reader;
use crate::execution::outcome::Read;
use crate::execution::statistics::Location;

/// Reads whose origin is noted: that nothing in the block had written them.
const NOTED: usize = 64;

/// The reads of one execution, each location once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reads {
    /// In the order of asking.
    pub(super) list: Vec<Read>,
    /// Bit `i`: the `i`-th read came from before the block.
    from_base: u64,
    /// Where a value could not be read yet.
    unsettled: Option<Location>,
}

impl Reads {
    pub(super) fn unsettled(at: Location) -> Self {
        Self {
            unsettled: Some(at),
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, read: Read, from_base: bool) {
        if from_base && self.list.len() < NOTED {
            self.from_base |= 1 << self.list.len();
        }
        if self.list.is_empty() {
            // What a plain transfer reads.
            self.list.reserve_exact(2);
        }
        self.list.push(read);
    }

    /// Forgets the last read.
    pub(super) fn pop(&mut self) {
        self.list.pop();
        if self.list.len() < NOTED {
            self.from_base &= !(1 << self.list.len());
        }
    }

    fn is_from_base(&self, index: usize) -> bool {
        index < NOTED && (self.from_base >> index) & 1 == 1
    }

    /// The first location that the transaction at this place would find to be another value now, if any.
    pub(super) fn stale(
        &self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<Option<Location>, Trouble> {
        if self.unsettled.is_some() {
            return Ok(self.unsettled);
        }
        for (index, read) in self.list.iter().enumerate() {
            if !self.holds(shared, place, index, read)? {
                return Ok(location(read));
            }
        }
        Ok(None)
    }

    fn holds(
        &self,
        shared: &Shared<'_>,
        place: usize,
        index: usize,
        read: &Read,
    ) -> Result<bool, Trouble> {
        let memory = &shared.memory;
        let reader = Reader::Final;
        // What stays from before the block is as it was. Else values are compared: two ways to the same value are no conflict.
        match read {
            Read::Account { address, value } => {
                if *address == shared.context.environment.coinbase {
                    return settled(shared.coinbase_account(place), value);
                }
                let hash = memory.hash(address);
                if self.is_from_base(index) && !memory.is_written(hash, address, place) {
                    return Ok(true);
                }
                let found = memory.account(hash, address, place, reader);
                settled(found.map(|found| found.value), value)
            }
            Read::CodeHash { address, value } => {
                let hash = memory.hash(address);
                if self.is_from_base(index) && memory.code_hashes.below(hash, place).is_none() {
                    return Ok(true);
                }
                let found = memory.code_hash(hash, address, place, reader);
                settled(found.map(|found| found.value), value)
            }
            Read::Storage {
                address,
                slot,
                value,
            } => {
                let key = (*address, *slot);
                let hash = memory.hash(&key);
                if self.is_from_base(index) && memory.storage.below(hash, place).is_none() {
                    return Ok(true);
                }
                let found = memory.storage(hash, &key, place, reader);
                settled(found.map(|found| found.value), value)
            }
            Read::BlockHash { .. } => Ok(true),
        }
    }
}

/// Whether what is found is what was read; a value that is about to be written again is not.
fn settled<V: PartialEq>(found: Result<V, Trouble>, read: &V) -> Result<bool, Trouble> {
    match found {
        Ok(value) => Ok(value == *read),
        Err(Trouble::Blocked(_) | Trouble::Overflow) => Ok(false),
        Err(store) => Err(store),
    }
}

/// Where a read is from; the hashes of blocks never change.
fn location(read: &Read) -> Option<Location> {
    match read {
        Read::Account { address, .. } | Read::CodeHash { address, .. } => {
            Some(Location::Account(*address))
        }
        Read::Storage { address, slot, .. } => Some(Location::Storage(*address, *slot)),
        Read::BlockHash { .. } => None,
    }
}
