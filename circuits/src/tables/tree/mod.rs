//! `tree`: updates of the state tree, a row a level, the tree before and after side by side.
//!
//! # The tree
//! A compact sparse Merkle tree: an empty subtree is zero, a subtree with one leaf is that leaf's hash
//! `H_leaf(key, value hash)`, every other is `H_node(left, right)`. Keys take their way by
//! [`path_bit`](crate::state_hash::path_bit). A tree of this form is *canonical*: the same content gives the same root.
//!
//! # Claim
//! [`TreeUpdate`](crate::bus::Message::TreeUpdate): with the chunk's `step`-th update the leaf of `key` goes from `before` to
//! `after`. If the root that comes in as [`StateRoot`](crate::bus::Message::StateRoot) of `step` is that of a canonical tree,
//! then that tree has this leaf (or has none for `key`), and the root that goes out as `StateRoot` of `step + 1` is that of
//! the canonical tree with the leaf replaced, inserted or deleted.
//!
//! # Rows
//! The rows of an update, in order:
//! * `shared` rows, from the root (row `start`) down to the place of the key: both sides are inner nodes with one sibling;
//! * `split` rows, only if the key is absent on a side and another leaf is in its place there: the neighbour. They go on
//!   down to the node where the ways of the two keys part. A side on which the key is present hashes (its siblings are
//!   zero, and on the last row the neighbour); a side on which it is absent passes the neighbour's hash up unchanged;
//! * one `end` row: what is below. On a side on which the key is present, its leaf; on the other the neighbour or nothing.
//!
//! A node's child on the way is the next row's hash. `hash_old` and `hash_new` say whether the side hashes on this row; on split and
//! end rows they say whether the key is present on that side. Rows are cyclic and updates may stand anywhere; nothing
//! depends on the first or last row.
//!
//! Beside all this each row has room ([`KeyBitsColumns`]) to prove one claim about the bits of an element of some key.
//!
//! **Padding.** All zero: neither `shared`, `split` nor `end`. It says nothing. (A padding row could prove a claim about
//! key bits; that is a true statement about numbers.)
//!
//! **Messages.** Receives `TreeUpdate` (end rows), `StateRoot` (start rows), `KeyBits`. Sends `StateRoot`, `Poseidon` (nodes, leaves,
//! what the end row opens), `KeyBits`, `U16`.
//!
//! # Why it suffices
//! Hashes have domains and are never zero (else a collision or a preimage is known), so on the old side, from a canonical root:
//! a row that hashes is an inner node of the tree, its sibling is the sibling in the tree; an end row that opens a leaf found
//! that leaf; an end row with zero found an empty subtree. By case, with `D` the number of shared rows:
//! * *Present on both sides*: the leaf is replaced, the tree keeps its form.
//! * *Absent on both, no neighbour*: the subtree is empty, so there is no such leaf; both sides are equal level by level.
//! * *Absent on both, neighbour*: the subtree at `D` is the neighbour alone, whose key is not `key`.
//! * *Inserted, no neighbour*: below an inner node, or as the only leaf. The nodes above have more leaves than before.
//! * *Inserted beside a neighbour*: the old subtree at `D` is the neighbour alone. The new one has both leaves below the
//!   node where their ways part, and single-child nodes down to it, as the canonical form has.
//! * *Deleted, no neighbour*: the new subtree is empty. For the parent to be canonical the sibling must have two leaves or more:
//!   the end row opens it as an inner node (unless the key was alone in the tree).
//! * *Deleted beside a neighbour*: the sibling on the last split row is opened as a leaf and pulled up. It must be pulled
//!   up all the way: on the last shared row (`turn`) the sibling is shown to be non-zero.
//!
//! A neighbour is always opened as a leaf, and its key's bits are shown to be the same as the key's on all rows above the end but the
//! last, where they differ. So split rows can neither pass an inner node nor put the neighbour where it does not belong.
//!
//! *Bits.* A key has one way because each element's bits are those of the number below the field's order: `KeyBits` is
//! proved by limbs of 16 bits with the second form (the element plus the order) excluded. Bits are gathered in halves of 32, so
//! that the numbers compared are below the order and equal as integers.

mod air;
mod bits;
mod chunk;
mod columns;
#[cfg(test)]
mod forged_bits;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
pub(crate) mod reference;
#[cfg(test)]
mod tests;

pub use air::Tree;
#[cfg(test)]
pub(crate) use chunk::updates;
pub use columns::{KeyBitsColumns, TreeColumns};
pub use generation::{Update, generate};
