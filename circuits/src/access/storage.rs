//! Slots of storage and of transient storage.
//!
//! An access receives the version before and sends the next one, at its own time, which is later. [`storage`](crate::tables::storage) sends the first version of a slot, once, and receives the last; so there is one chain
//! of versions for each slot that has a first one, and none for others.
//!
//! **Undoing.** A write with number `n` (as the chunk counts writes that can be undone) by a frame whose context says `undone_at` is undone at `undone_at - n`, by a second access that takes what the write left and puts back what it found. Who says which
//! frame fails, and when, is `frame`: `undone_at` is 0 for a frame that does not fail, and lies past the frame's last step for others. The last write has the largest number and so is undone first: when the second access comes, all that
//! came after the write is undone, and the slot is as the write left it but for the time.
//!
//! A write that is not to be undone cannot be: its second access would be at a time below zero. All times of a chain ascend by less than the height of [`clock`](crate::tables::clock) each, from a first one at 0: none is that far up.

use braid_stark::{ConstraintBuilder, Expression, Felt, columns};
use plonky2::field::types::Field;

use super::is_earlier;
use crate::bus::Message;
use crate::execution::{SlotVersion, Undo};
use crate::word::{AddressLimbs, Word, word};

columns! {
    /// What a version of a slot says.
    pub struct SlotFields<X> {
        /// Its value.
        pub value: Word<X>,
        /// Its value before the transaction that accessed it last.
        pub original: Word<X>,
        /// 1 plus that transaction, or 0.
        pub transaction: X,
    }
}

columns! {
    /// How a write is undone.
    pub struct Undoing<X> {
        /// Whether it is.
        pub undone: X,
        /// When what is there then was accessed.
        pub accessed: X,
    }
}

/// Which slot.
#[derive(Clone, Copy, Debug)]
pub struct SlotPlace<X> {
    /// 0 for storage, and for transient storage the transaction plus 1.
    pub space: X,
    /// Whose.
    pub address: AddressLimbs<X>,
    /// Which.
    pub slot: Word<X>,
}

impl<X: Copy> SlotPlace<X> {
    /// The version of it that was left at `timestamp`.
    pub fn version(&self, fields: &SlotFields<X>, timestamp: X) -> Message<X> {
        Message::StorageVersion {
            space: self.space,
            address: self.address,
            slot: self.slot,
            value: fields.value,
            original: fields.original,
            transaction: fields.transaction,
            timestamp,
        }
    }
}

/// An access to a slot.
#[derive(Clone, Copy, Debug)]
pub struct StorageAccess<X> {
    /// The slot.
    pub place: SlotPlace<X>,
    /// As it was.
    pub before: SlotFields<X>,
    /// When it was accessed before.
    pub accessed: X,
    /// As it is then. The caller vouches for limbs below 2^32.
    pub after: SlotFields<X>,
    /// When it is accessed; no two accesses to a slot share a time.
    pub timestamp: X,
}

/// Where `flag` is 1: the access is made. Where `changes` is 0 it leaves the slot as it was, and `after` says nothing; `changes` is at most `flag`.
pub fn access_storage<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    changes: B::X,
    access: &StorageAccess<B::X>,
) {
    let StorageAccess { place, before, .. } = access;
    is_earlier(builder, flag, access.accessed, access.timestamp);
    builder.receive(place.version(before, access.accessed), flag);
    let after = place.version(&access.after, access.timestamp);
    builder.send(after, changes);
    builder.send(place.version(before, access.timestamp), flag - changes);
}

/// Where `flag` is 1: what the access wrote is undone at `timestamp`. See [`Undoing::constrain`] for when it must be.
pub fn undo_storage<B: ConstraintBuilder>(
    builder: &mut B,
    undoing: &Undoing<B::X>,
    access: &StorageAccess<B::X>,
    timestamp: B::X,
) {
    let StorageAccess { place, before, .. } = access;
    let flag = undoing.undone;
    is_earlier(builder, flag, undoing.accessed, timestamp);
    builder.receive(place.version(&access.after, undoing.accessed), flag);
    builder.send(place.version(before, timestamp), flag);
}

impl<X: Expression> Undoing<X> {
    /// Where `changes` is 1, something is written by a frame with this `undone_at`: it is undone where that is not 0. Where it is 0, the access that undoes it fails by its time.
    pub fn constrain<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        label: &'static str,
        changes: X,
        undone_at: X,
    ) {
        builder.assert_bool(label, self.undone);
        builder.assert_zero(label, self.undone * changes.not());
        builder.assert_zero(label, changes * self.undone.not() * undone_at);
    }
}

impl From<&SlotVersion> for SlotFields<Felt> {
    fn from(version: &SlotVersion) -> Self {
        Self {
            value: word(version.value),
            original: word(version.original),
            transaction: Felt::from_noncanonical_u64(version.transaction),
        }
    }
}

impl From<Option<Undo>> for Undoing<Felt> {
    fn from(undo: Option<Undo>) -> Self {
        let accessed = undo.map_or(0, |undo| undo.accessed);
        Self {
            undone: Felt::from_bool(undo.is_some()),
            accessed: Felt::from_noncanonical_u64(accessed),
        }
    }
}
