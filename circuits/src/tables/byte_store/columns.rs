//! The columns of `byte_store`.

use crate::word::{WORD_LIMBS, Word};

/// Bytes of a limb.
pub(super) const BYTES: usize = 4;

braid_stark::columns! {
    /// An access.
    pub struct ByteStoreColumns<T> {
        /// When.
        pub timestamp: T,
        /// The frame.
        pub frame: T,
        /// The word.
        pub index: T,
        /// Whether the byte is in this limb, most significant first.
        pub limb: [T; WORD_LIMBS],
        /// Whether it is this byte of the limb, most significant first.
        pub byte: [T; BYTES],
        /// The word as it was.
        pub before: Word<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// The bytes of its limb as it was, most significant first.
        pub old: [T; BYTES],
        /// The bytes of the value, most significant first.
        pub value: [T; BYTES],
        /// By how much the limb grows.
        pub change: T,
    }
}
