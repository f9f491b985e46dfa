//! The columns of `calldata`.

use crate::word::Word;

braid_stark::columns! {
    /// A word of the calldata of a transaction.
    pub struct CalldataColumns<T> {
        /// There is more calldata after it.
        pub whole: T,
        /// There is none.
        pub last: T,
        /// The transaction's place among those of the chunk.
        pub transaction: T,
        /// Words before this one.
        pub index: T,
        /// Bytes of the word beyond the end of the calldata.
        pub missing: T,
        /// The last bytes that were read at its end, as a number.
        pub read: Word<T>,
        /// The word.
        pub value: Word<T>,
        /// How often it is asked for.
        pub count: T,
    }
}
