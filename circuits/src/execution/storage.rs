//! Slots of storage and of transient storage, and the refund counter: each access with the version that it takes, and the undoing of what frames did that failed.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::{Address, U256};

use super::frame::PerformedFrame;
use crate::error::Error;
use crate::event::SlotEvent;
use crate::event::log::Action;
use crate::event::opcode::{SLOAD, SSTORE, TLOAD, TSTORE};
use crate::event::trace::TransactionTrace;

/// Gas of an access to a slot that is warm, and of one to a slot of transient storage (EIP-2929, EIP-1153).
pub const WARM_GAS: u64 = 100;
/// What SLOAD costs more where the slot is cold (EIP-2929).
pub const COLD_LOAD_GAS: u64 = 2_000;
/// What SSTORE costs more where the slot is cold (EIP-2929).
pub const COLD_STORE_GAS: u64 = 2_100;
/// What the first change of a slot in a transaction costs more, if the slot is zero (EIP-2200).
pub const SET_GAS: u64 = 19_900;
/// The same if it is not.
pub const RESET_GAS: u64 = 2_800;
/// What is given back where a slot becomes zero that was not (EIP-3529).
pub const CLEAR_REFUND: u64 = 4_800;
/// SSTORE halts with this much gas or less (EIP-2200).
pub const SENTRY_GAS: u64 = 2_300;

/// Whether the opcode does nothing but read or write a slot.
pub fn accesses_storage(opcode: u8) -> bool {
    matches!(opcode, SLOAD | SSTORE | TLOAD | TSTORE)
}

/// The least gas with which such an opcode looks at the slot at all: with less it halts whatever the slot is.
pub fn least_gas(opcode: u8) -> u64 {
    match opcode {
        SSTORE => SENTRY_GAS + 1,
        _ => WARM_GAS,
    }
}

/// What SSTORE costs beyond [`WARM_GAS`] and what a cold slot costs, and how it changes the refund counter (EIP-2200, EIP-3529).
pub fn store_gas(original: U256, present: U256, new: U256) -> (u64, i64) {
    if new == present {
        return (0, 0);
    }
    let first_change = if original.is_zero() {
        SET_GAS
    } else {
        RESET_GAS
    };
    let mut refund = 0;
    if !original.is_zero() {
        let clears = i64::from(new.is_zero()) - i64::from(present.is_zero());
        refund += clears * CLEAR_REFUND as i64;
    }
    if original == new {
        refund += first_change as i64;
    }
    match original == present {
        true => (first_change, refund),
        false => (0, refund),
    }
}

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
    /// The step; for slots of the access list, when the transaction's first frame opens.
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
    /// By transactions, of the slots in their access lists.
    pub warmed: Vec<SlotAccess>,
    /// In the order of time.
    pub refunds: Vec<RefundChange>,
    /// All slots, ascending.
    pub touched: Vec<TouchedSlot>,
    /// By transaction.
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

    /// A transaction opens its first frame at the clock `opened`: its refund counter is 0, and it accesses the slots of its access list.
    pub(super) fn open(&mut self, trace: &TransactionTrace, opened: u64) -> Result<(), Error> {
        let timestamp = 2 * opened;
        self.writes.clear();
        self.found.counters.push(RefundCounter {
            opened: timestamp,
            last: 0,
            accessed: timestamp,
        });
        let stamp = self.found.counters.len() as u64;
        for event in trace.events() {
            let event = event?;
            let (None, Action::StorageWarm { address, slot }) = (event.step, event.action) else {
                continue;
            };
            let key = SlotKey {
                space: 0,
                address,
                slot,
            };
            let before = self.version(key);
            let after = SlotVersion {
                value: before.value,
                original: before.value,
                transaction: stamp,
                timestamp,
            };
            self.set(key, after);
            self.found.warmed.push(SlotAccess {
                clock: opened,
                key,
                before,
                after,
                undone: None,
            });
        }
        Ok(())
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
        let transaction = (self.found.counters.len() as u64).saturating_sub(1);
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
            transaction,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-3529: a slot's values before the transaction and after each of its stores, all warm, with the gas of all stores and what they give back.
    #[test]
    fn stores_cost_what_the_proposal_says() {
        let examples: &[(u64, &[u64], u64, i64)] = &[
            (0, &[0, 0], 200, 0),
            (0, &[0, 1], 20_100, 0),
            (0, &[1, 0], 20_100, 19_900),
            (0, &[1, 2], 20_100, 0),
            (0, &[1, 1], 20_100, 0),
            (1, &[0, 0], 3_000, 4_800),
            (1, &[0, 1], 3_000, 2_800),
            (1, &[0, 2], 3_000, 0),
            (1, &[2, 0], 3_000, 4_800),
            (1, &[2, 3], 3_000, 0),
            (1, &[2, 1], 3_000, 2_800),
            (1, &[2, 2], 3_000, 0),
            (1, &[1, 0], 3_000, 4_800),
            (1, &[1, 2], 3_000, 0),
            (1, &[1, 1], 200, 0),
            (0, &[1, 0, 1], 40_100, 19_900),
            (1, &[0, 1, 0], 5_900, 7_600),
        ];
        // The last two come back to where they were: the third store is a first change again.
        for (original, values, gas, refund) in examples {
            let mut present = U256::from(*original);
            let (mut all, mut back) = (0, 0);
            for value in *values {
                let new = U256::from(*value);
                let (more, change) = store_gas(U256::from(*original), present, new);
                all += WARM_GAS + more;
                back += change;
                present = new;
            }
            assert_eq!((all, back), (*gas, *refund), "{original} {values:?}");
        }
    }
}
