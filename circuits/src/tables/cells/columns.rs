//! The columns of `cells`.

use crate::word::Word;

braid_stark::columns! {
    /// A word of memory.
    pub struct CellsColumns<T> {
        /// Whether the row is a word.
        pub used: T,
        /// Whether it is of the same frame as the row before.
        pub continues: T,
        /// The frame.
        pub frame: T,
        /// The word has bytes `32 index .. 32 index + 32`.
        pub index: T,
        /// The words of the frame that are left out before it, in limbs of 16 bits.
        pub gap: [T; 2],
        /// What it is at last.
        pub last: Word<T>,
        /// When it was accessed last.
        pub accessed: T,
    }
}
