//! The columns of `string`.

use crate::word::Word;

/// Bytes of a limb.
pub(super) const LIMB: usize = 4;

braid_stark::columns! {
    /// A limb of a word.
    pub struct StringColumns<T> {
        /// Whether the string has this byte of the limb, the most significant first.
        pub has: [T; LIMB],
        /// Whether the row goes on with the word of the row before.
        pub continues: T,
        /// Whether the limb is given as one.
        pub by_limbs: T,
        /// The string: the number of the step that hashes it.
        pub string: T,
        /// Where in it the limb begins.
        pub position: T,
        /// Bytes of the word that are given, from this limb on.
        pub left: T,
        /// The word, moved up so that the limb is its most significant.
        pub value: Word<T>,
        /// The limb's bytes, if they are given one by one.
        pub bytes: [T; LIMB],
    }
}
