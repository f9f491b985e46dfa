//! The columns of `log_data`.

use crate::log_word::FullHalf;
use crate::state_hash::logs::WORD_NUMBERS;
use crate::word::Word;

braid_stark::columns! {
    /// A word of the data of a log.
    pub struct LogDataColumns<T> {
        /// Whether the row is a word.
        pub used: T,
        /// Whether it goes on with the data of the row before.
        pub continues: T,
        /// Whether it has less than 32 bytes.
        pub cuts: T,
        /// The string: the number of the step that logs it.
        pub string: T,
        /// Where in it the word begins.
        pub position: T,
        /// Bytes of the data from there on.
        pub left: T,
        /// The word as it was copied.
        pub value: Word<T>,
        /// The word with zeros after the end of the data.
        pub word: Word<T>,
        /// The halves of the word that are full.
        pub halves: [FullHalf<T>; WORD_NUMBERS],
        /// Digest before the word.
        pub before: [T; 4],
        /// Digest after it.
        pub after: [T; 4],
    }
}
