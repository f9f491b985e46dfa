//! Slots of storage and of transient storage, and the refund counter: each access with the version that it takes, and the undoing of what frames did that failed.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, U256};

use super::frame::PerformedFrame;
use super::storage_gas::store_gas;
use crate::error::Error;
use crate::event::SlotEvent;
use crate::event::log::Action;
use crate::event::opcode::{SSTORE, TLOAD, TSTORE};
use crate::event::trace::TransactionTrace;

/// A slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotKey {
    /// 0 for storage, and for transient storage the transaction plus 1.
    pub space: u64,
    /// Whose.
    pub address: Address,
    /// Which.
    pub slot: U256,
}

/// What a slot was after an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotVersion {
    /// Its value.
    pub value: U256,
    /// Its value before the transaction that accessed it last.
    pub original: U256,
    /// 1 plus that transaction; 0 if there was none.
    pub transaction: u64,
    /// When it was accessed; 0 for the first version.
    pub timestamp: u64,
}

/// How an access was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undo {
    /// When what it takes was accessed.
    pub accessed: u64,
    /// When.
    pub timestamp: u64,
}

/// An access to a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotAccess {
    /// The step; for slots of an access list, half the time.
    pub clock: u64,
    /// The slot.
    pub key: SlotKey,
    /// What the access before left.
    pub before: SlotVersion,
    /// What this one leaves.
    pub after: SlotVersion,
    /// How it was undone, if it was.
    pub undone: Option<Undo>,
}

/// A change of the refund counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundChange {
    /// The step.
    pub clock: u64,
    /// The transaction.
    pub transaction: u64,
    /// Its number among the chunk's writes.
    pub number: u64,
    /// The counter before it.
    pub before: i64,
    /// When the counter was changed before.
    pub accessed: u64,
    /// By how much it changes.
    pub change: i64,
    /// How it was undone, if it was.
    pub undone: Option<Undo>,
}

/// A slot that was ever accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TouchedSlot {
    /// The slot.
    pub key: SlotKey,
    /// Its value before the chunk.
    pub first: U256,
    /// What it was at last.
    pub last: SlotVersion,
}

/// The refund counter of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundCounter {
    /// The transaction.
    pub transaction: u64,
    /// When it is first 0: when the first frame opens.
    pub opened: u64,
    /// What it is at last.
    pub last: i64,
    /// When it was changed last.
    pub accessed: u64,
}

/// What the transactions of a chunk do to slots and to refund counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageAccesses {
    /// By steps, in the order of time.
    pub accesses: Vec<SlotAccess>,
    /// In the order of time.
    pub refunds: Vec<RefundChange>,
    /// All slots, ascending.
    pub touched: Vec<TouchedSlot>,
    /// By transaction that runs code.
    pub counters: Vec<RefundCounter>,
}

/// A step that accesses a slot.
pub(super) struct Accessing<'a> {
    pub(super) clock: u64,
    pub(super) opcode: u8,
    pub(super) frame: &'a PerformedFrame,
    /// Writes before it.
    pub(super) writes: u64,
    pub(super) slot: U256,
    /// What is written.
    pub(super) value: Option<U256>,
    /// Whether the step lacks the gas for it: then it changes nothing.
    pub(super) halts: bool,
}

/// A write that can be undone: its number, and its place in the list.
enum Write {
    Slot(u64, usize),
    Refund(u64, usize),
}

/// The slots that were accessed so far.
pub(super) struct Storages {
    /// Values before the chunk.
    known: HashMap<(Address, U256), U256>,
    slots: BTreeMap<SlotKey, (U256, SlotVersion)>,
    found: StorageAccesses,
    /// What the transaction's open frames did.
    writes: Vec<Write>,
}

impl Storages {
    /// Nothing yet. Values before the chunk are those of `slots`, and for others what the traces say.
    pub(super) fn new(traces: &[TransactionTrace], slots: &[SlotEvent]) -> Result<Self, Error> {
        let mut known = HashMap::new();
        for slot in slots {
            known.insert((slot.address, slot.slot), slot.before);
        }
        for trace in traces {
            for event in trace.events() {
                let action = event?.action;
                if let Action::StorageLoad {
                    address,
                    slot,
                    value,
                } = action
                {
                    known.entry((address, slot)).or_insert(value);
                }
            }
        }
        Ok(Self {
            known,
            slots: BTreeMap::new(),
            found: StorageAccesses::default(),
            writes: Vec::new(),
        })
    }

    /// A transaction opens its first frame at the clock `opened`: its refund counter is 0.
    pub(super) fn open(&mut self, transaction: u64, opened: u64) {
        let timestamp = 2 * opened;
        self.writes.clear();
        self.found.counters.push(RefundCounter {
            transaction,
            opened: timestamp,
            last: 0,
            accessed: timestamp,
        });
    }

    /// The access to a slot of the access list of a transaction.
    pub(super) fn list(
        &mut self,
        transaction: u64,
        (address, slot): (Address, U256),
        timestamp: u64,
    ) -> SlotAccess {
        let key = SlotKey {
            space: 0,
            address,
            slot,
        };
        let before = self.version(key);
        let after = SlotVersion {
            value: before.value,
            original: before.value,
            transaction: transaction + 1,
            timestamp,
        };
        self.set(key, after);
        SlotAccess {
            clock: timestamp / 2,
            key,
            before,
            after,
            undone: None,
        }
    }

    fn version(&mut self, key: SlotKey) -> SlotVersion {
        let first = || {
            let known = self.known.get(&(key.address, key.slot));
            let first = match key.space {
                0 => known.copied().unwrap_or_default(),
                _ => U256::ZERO,
            };
            let version = SlotVersion {
                value: first,
                ..SlotVersion::default()
            };
            (first, version)
        };
        self.slots.entry(key).or_insert_with(first).1
    }

    fn set(&mut self, key: SlotKey, version: SlotVersion) {
        if let Some((_, last)) = self.slots.get_mut(&key) {
            *last = version;
        }
    }

    /// Makes the access of a step.
    pub(super) fn access(&mut self, accessing: &Accessing<'_>) {
        let Accessing {
            clock,
            opcode,
            frame,
            ..
        } = *accessing;
        let stamp = frame.transaction + 1;
        let transient = matches!(opcode, TLOAD | TSTORE);
        let key = SlotKey {
            space: if transient { stamp } else { 0 },
            address: frame.address,
            slot: accessing.slot,
        };
        let before = self.version(key);
        let mut after = SlotVersion {
            timestamp: 2 * clock + 1,
            ..before
        };
        let changes = !accessing.halts && opcode != TLOAD;
        if changes {
            if before.transaction != stamp {
                (after.original, after.transaction) = (before.value, stamp);
            }
            after.value = accessing.value.unwrap_or(before.value);
            let place = self.found.accesses.len();
            self.writes.push(Write::Slot(accessing.writes + 1, place));
        }
        self.set(key, after);
        self.found.accesses.push(SlotAccess {
            clock,
            key,
            before,
            after,
            undone: None,
        });
        if changes && opcode == SSTORE {
            let (_, change) = store_gas(after.original, before.value, after.value);
            self.refund(clock, accessing.writes + 2, change);
        }
    }

    fn refund(&mut self, clock: u64, number: u64, change: i64) {
        let Some(counter) = self.found.counters.last_mut() else {
            return;
        };
        if change == 0 {
            return;
        }
        self.writes
            .push(Write::Refund(number, self.found.refunds.len()));
        self.found.refunds.push(RefundChange {
            clock,
            transaction: counter.transaction,
            number,
            before: counter.last,
            accessed: counter.accessed,
            change,
            undone: None,
        });
        counter.last += change;
        counter.accessed = 2 * clock + 1;
    }

    /// Undoes what a frame did that has failed, and the frames in it: the last write first.
    pub(super) fn undo(&mut self, frame: &PerformedFrame) {
        while let Some(write) = self.writes.pop() {
            let (Write::Slot(number, place) | Write::Refund(number, place)) = write;
            if number <= frame.writes {
                self.writes.push(write);
                return;
            }
            let timestamp = frame.undone_at.saturating_sub(number);
            match write {
                Write::Slot(..) => self.undo_slot(place, timestamp),
                Write::Refund(..) => self.undo_refund(place, timestamp),
            }
        }
    }

    fn undo_slot(&mut self, place: usize, timestamp: u64) {
        let access = self.found.accesses.get_mut(place);
        let slot = access.and_then(|access| Some((self.slots.get_mut(&access.key)?, access)));
        let Some(((_, last), access)) = slot else {
            return;
        };
        access.undone = Some(Undo {
            accessed: last.timestamp,
            timestamp,
        });
        *last = SlotVersion {
            timestamp,
            ..access.before
        };
    }

    fn undo_refund(&mut self, place: usize, timestamp: u64) {
        let change = self.found.refunds.get_mut(place);
        let (Some(change), Some(counter)) = (change, self.found.counters.last_mut()) else {
            return;
        };
        change.undone = Some(Undo {
            accessed: counter.accessed,
            timestamp,
        });
        (counter.last, counter.accessed) = (change.before, timestamp);
    }

    /// All of it.
    pub(super) fn finish(self) -> StorageAccesses {
        let slots = self.slots.into_iter();
        let touched = slots.map(|(key, (first, last))| TouchedSlot { key, first, last });
        StorageAccesses {
            touched: touched.collect(),
            ..self.found
        }
    }
}
