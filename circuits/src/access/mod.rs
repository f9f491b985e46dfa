//! Accesses to what has versions: accounts, slots of storage, words of the stack and of memory.
//!
//! Everything that changes has one current version. An access receives it and sends the next one, at a later timestamp; a first version is sent once, and what is left
//! at the end is received once. So the accesses to one thing form a chain in the order of their timestamps, and each sees what the one before it left (Blum et al., checking the
//! correctness of memories).

mod account;
mod memory;
mod stack;
mod stamped;
mod storage;

pub use account::AccountFields;
pub use memory::{MemoryAccess, access_memory};
pub use stack::{pop, push, reads_at, writes_at};
pub use stamped::{StampedAccess, StampedFields, access_stamped, undo_stamped};
pub use storage::{SlotFields, SlotPlace, StorageAccess, Undoing, access_storage, undo_storage};

use braid_stark::{ConstraintBuilder, Expression};

use crate::bus::Message;

/// Where `flag` is 1: `earlier` is below `timestamp`, by a lookup in [`clock`](crate::tables::clock). Both are below the field's order by far.
pub fn is_earlier<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    earlier: B::X,
    timestamp: B::X,
) {
    let value = timestamp - earlier - B::X::one();
    builder.send(Message::Clock { value }, flag);
}
