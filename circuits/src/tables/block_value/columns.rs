//! The columns of `block_value`.

use crate::word::Word;

braid_stark::columns! {
    /// A value that is asked for.
    pub struct BlockValueColumns<T> {
        /// It is a value of the block.
        pub of_block: T,
        /// It is the hash of a blob.
        pub of_blob: T,
        /// How often it is claimed.
        pub count: T,
        /// The opcode, for values of the block.
        pub opcode: T,
        /// The index of the blob.
        pub index: Word<T>,
        /// The value.
        pub value: Word<T>,
    }
}
