//! The columns of `code_words`.

use crate::word::Word;

/// Bytes of a limb.
pub(super) const LIMB: usize = 4;

braid_stark::columns! {
    /// Four bytes of a code.
    pub struct CodeWordsColumns<T> {
        /// Whether the row is a limb.
        pub used: T,
        /// Whether it goes on with the word of the row before.
        pub continues: T,
        /// The code.
        pub code: T,
        /// Where in it the limb begins.
        pub position: T,
        /// Limbs of the word before this one.
        pub place: T,
        /// The bytes, most significant first.
        pub bytes: [T; LIMB],
        /// The limbs so far; the lowest is this one.
        pub value: Word<T>,
        /// How often the word is asked for, on its last row.
        pub count: T,
    }
}
