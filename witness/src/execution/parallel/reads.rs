//! What a transaction read, and whether it would read the same again.

use super::attempt::{Attempt, End};
use super::memory::Trouble;
use super::shared::Shared;
use super::writers::Reader;
use crate::execution::outcome::Read;
use crate::execution::statistics::Location;

/// Reads whose origin is noted: that nothing in the block had written them.
const NOTED: usize = 64;

/// What else is known of the reads of one execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins {
    /// Bit `i`: the `i`-th read came from before the block.
    from_base: u64,
    /// Waves that had begun before the first read, counted from 1; 0 if that says nothing.
    waves: u64,
}

impl Origins {
    /// Of an execution before which so many waves had begun.
    pub(super) fn after(waves: u64) -> Self {
        Self {
            from_base: 0,
            waves: waves + 1,
        }
    }

    fn is_from_base(&self, index: usize) -> bool {
        index < NOTED && (self.from_base >> index) & 1 == 1
    }
}

/// The reads of one execution, each location once.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// In the order of asking.
    pub(super) list: Vec<Read>,
    pub(super) origins: Origins,
}

impl Reads {
    /// Forgets all, before the first read of an execution.
    pub(super) fn begin(&mut self, waves: u64) {
        self.list.clear();
        self.origins = Origins::after(waves);
    }

    pub(super) fn push(&mut self, read: Read, from_base: bool) {
        if from_base && self.list.len() < NOTED {
            self.origins.from_base |= 1 << self.list.len();
        }
        self.list.push(read);
    }

    /// Forgets the last read.
    pub(super) fn pop(&mut self) {
        self.list.pop();
        self.pop_origin();
    }

    fn pop_origin(&mut self) {
        if self.list.len() < NOTED {
            self.origins.from_base &= !(1 << self.list.len());
        }
    }

    /// Says that what is made of the last read is no guess about the state before the block.
    pub(super) fn doubt(&mut self) {
        if let Some(read) = self.list.pop() {
            self.pop_origin();
            self.list.push(read);
        }
    }

    /// Says that a value was read whose changes start no wave.
    pub(super) fn unwatched(&mut self) {
        self.origins.waves = 0;
    }
}

impl Attempt {
    /// Whether no wave began since the first read: then no value that was read has changed. Whoever reads says so before it looks, and whoever writes looks for
    /// readers after it has written, so that of two who meet at least one knows; and a writer that meets a reader above starts a wave.
    ///
    /// Of a batch: whether nothing that it asked for was written below it since it last looked.
    pub(super) fn is_untouched(&self, shared: &Shared<'_>, place: usize) -> bool {
        if let End::Batch(left) = &self.end {
            return left.is_untouched(shared, place);
        }
        let settled = !matches!(self.end, End::Unsettled(_));
        settled && self.origins.waves == shared.scheduler.waves() + 1
    }

    /// Whether the last read came from before the block.
    pub(super) fn is_last_read_from_base(&self) -> bool {
        let last = self.reads().len().checked_sub(1);
        last.is_some_and(|last| self.origins.is_from_base(last))
    }

    /// The first location that the transaction at this place would find to be another value now, if any.
    pub(super) fn stale(
        &self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<Option<Location>, Trouble> {
        match &self.end {
            End::Unsettled(at) => return Ok(Some(**at)),
            End::Batch(left) => return left.stale(shared, place),
            End::Ran { .. } | End::Refused(_) => {}
        }
        for (index, read) in self.reads().iter().enumerate() {
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
                if self.origins.is_from_base(index) && !memory.is_written(hash, address, place) {
                    return Ok(true);
                }
                let found = memory.account(hash, address, place, reader);
                settled(found.map(|found| found.value), value)
            }
            Read::CodeHash { address, value } => {
                let hash = memory.hash(address);
                if self.origins.is_from_base(index)
                    && memory.code_hashes.below(hash, place).is_none()
                {
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
                if self.origins.is_from_base(index) && memory.storage.below(hash, place).is_none() {
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
