//! Table `storage`: the slots that a chunk accesses, each with its first and last version.
//!
//! **Claim.** Every slot of storage that the chunk accesses starts as the state tree has it and goes back into the tree as the last access leaves it; a slot that is zero has no leaf, and a slot without leaf is zero. Every slot of a transaction's transient
//! storage (EIP-1153) starts as zero, and nobody hears of its last value.
//!
//! **Row.** One slot. Rows are strictly ascending by space, address and slot, from row 0 on; space 0 is storage, and space `t + 1` the transient storage of transaction `t`.
//!
//! **Padding.** Zero rows after the slots: `used` is 0. They say nothing.
//!
//! **Messages.** Sends the first [`StorageVersion`](crate::bus::Message::StorageVersion) (of no transaction, at timestamp 0), receives the last. In space 0 sends `TreeUpdate`, `Poseidon` (the key; the value on either side unless it is
//! zero), `U16` and `U8`.
//!
//! **Why it suffices.**
//! * *One first version.* Between two used rows the most significant element of (space, address, slot) that differs grows by 1 to 2^32, by lookups of the gap. The most significant one of those that ever change between two rows only grows, by less than 2^32 times the rows
//!   in between: less than the field's order. So no slot has two rows, whatever its limbs are. A slot without row has no version to access.
//! * *One last version.* Each version is received once, and accesses receive older ones than they send ([`crate::access::access_storage`]): a slot's versions are one chain, and this row takes its end. Without access the first version is the last.
//! * *Limbs.* Whoever accesses a slot knows address, slot and value by limbs below 2^32. A row that nobody accesses changes nothing, whatever its limbs are. What is in the tree was hashed as limbs of a last version, or by whoever made the first state.
//! * *Key.* The pieces of 56 bits that are hashed are made of whole limbs and of parts of the limbs that they cut. The parts are looked up as numbers of 8 or 16 bits that are the limb together: for a limb below 2^32 there is one way to cut it.
//! * *Zero.* On a side that is not `present` all limbs are zero, there is no hash, and the tree is told that there is no leaf. On one that is, a factor is shown that makes their sum into 1: the sum of limbs below 2^32 is zero only if all are.
//! * *Roots.* Row number `step` asks `tree` for the `step`-th update. Where steps begin is free. `tree` takes the root through all of them in order, one each, so no two tables ask for the same.
//! * *Spaces.* `transient` is exact, by a factor for the space: a slot of storage has its leaf, and a slot of transient storage has none.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Storage;
pub use columns::{StorageColumns, StorageSide};
pub use generation::generate;

/// Elements that rows are ordered by: the space, the limbs of the address and those of the slot.
pub(crate) const ORDERED: usize = 1 + crate::word::ADDRESS_LIMBS + crate::word::WORD_LIMBS;
