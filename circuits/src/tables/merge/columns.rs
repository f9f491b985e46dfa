//! The columns of `merge`.

use crate::word::{WORD_LIMBS, Word};

/// Bytes of a limb.
pub(super) const LIMB: usize = 4;

braid_stark::columns! {
    /// A claim.
    pub struct MergeColumns<T> {
        /// Whether this limb is split, the most significant first.
        pub split: [T; WORD_LIMBS],
        /// Whether 1, 2, 3 or 4 of its bytes are of the first word.
        pub bytes: [T; LIMB],
        /// The limb's bytes in the first word, most significant first.
        pub first_bytes: [T; LIMB],
        /// The limb's bytes in the second word.
        pub second_bytes: [T; LIMB],
        /// The first word.
        pub first: Word<T>,
        /// The second word.
        pub second: Word<T>,
        /// What is made of them.
        pub merged: Word<T>,
    }
}
