//! The columns of `copy`.

use crate::word::{WORD_LIMBS, Word};

braid_stark::columns! {
    /// A word of the source, and mostly one of the target.
    pub struct CopyColumns<T> {
        /// There is no word of the target: the row reads for the next one.
        pub leads: T,
        /// The word of the target is one of memory.
        pub to_memory: T,
        /// The word of the target is one of a string.
        pub to_string: T,
        /// It is the first of the target.
        pub opens: T,
        /// It is the last of the target.
        pub last: T,
        /// The word of the source is read from memory.
        pub reads: T,
        /// The word of the source is looked up.
        pub looks_up: T,
        /// The source ends within the word.
        pub cuts: T,
        /// The first bytes of the word of memory stay.
        pub keeps_head: T,
        /// The last bytes of the word of memory stay.
        pub keeps_tail: T,
        /// When, as a clock.
        pub clock: T,
        /// What the source is.
        pub source: T,
        /// Its number.
        pub source_id: T,
        /// From this byte on there are zeros.
        pub source_end: T,
        /// The number of the target.
        pub target_id: T,
        /// The word of the source.
        pub index: T,
        /// The word of the target.
        pub target_index: T,
        /// Bytes from the start of the target's word to the end of the copy.
        pub left: T,
        /// Bytes of the first word of the target before the copy.
        pub head: T,
        /// How many limbs are carried from the word before.
        pub limbs: [T; WORD_LIMBS],
        /// How many bytes beside.
        pub bytes: T,
        /// Whether there are any.
        pub splits: T,
        /// Bytes from the end of the source's word to the end of the source, or from there to the word, in limbs of 16 bits.
        pub distance: [T; 2],
        /// The word of the source as it is there.
        pub read: Word<T>,
        /// When it was accessed before.
        pub read_accessed: T,
        /// The word of the source, with zeros from the source's end on.
        pub current: Word<T>,
        /// What lies in the source where the target's word does.
        pub window: Word<T>,
        /// The word of memory as it was.
        pub before: Word<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// The window after the bytes that stay.
        pub headed: Word<T>,
        /// The word of memory as it is then.
        pub after: Word<T>,
    }
}
