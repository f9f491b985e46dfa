//! The columns of `block_hash`.

use crate::hash_leaf::{LeafKey, LeafValue};
use crate::word::{U64Limbs, Word};

/// Differences between the number that is asked for and the one that the leaf tells: of the two lowest limbs, and the sum of the others.
pub(super) const DIFFERENCES: usize = 3;

braid_stark::columns! {
    /// A number that is asked for.
    pub struct BlockHashColumns<T> {
        /// Whether the row is used.
        pub used: T,
        /// How often it is asked for.
        pub count: T,
        /// The number of the update of the tree.
        pub step: T,
        /// The number, whatever it is.
        pub asked: Word<T>,
        /// The leaf for it.
        pub leaf: LeafKey<T>,
        /// Whether there is one.
        pub present: T,
        /// The number that it tells.
        pub number: U64Limbs<T>,
        /// The hash of this block.
        pub hash: Word<T>,
        /// The same, hashed; zero if there is no leaf.
        pub value: LeafValue<T>,
        /// Whether the leaf tells the number that is asked for.
        pub same: T,
        /// If there is a leaf and it tells another one: a difference that is not zero.
        pub differs: [T; DIFFERENCES],
        /// Its inverse.
        pub inverse: T,
    }
}
