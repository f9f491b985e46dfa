//! Columns.

braid_stark::columns! {
    /// A row.
    pub struct CodeColumns<X> {
        /// Whether the row is a byte of a code.
        pub used: X,
        /// The code.
        pub code: X,
        /// Place of the byte in the code, from 0.
        pub position: X,
        /// The byte; zero from the end of the code on.
        pub byte: X,
        /// Bytes of data that follow `byte` if it is an opcode.
        pub push_length: X,
        /// Bytes of push data that are still to come, this one included.
        pub remaining: X,
        /// Whether an instruction starts here: nothing remains.
        pub starts: X,
        /// Whether the code has ended: `position` is its size or more.
        pub ended: X,
        /// The bytes of the word so far, this one included, as a big-endian number.
        pub word: X,
        /// How often the instruction is looked up.
        pub instructions: X,
        /// How often the byte is looked up.
        pub bytes: X,
    }
}

braid_stark::columns! {
    /// Where words and groups of words end: rows are counted from the one before the first code.
    pub struct Fixed<X> {
        /// Whether this is the last byte of a word.
        pub word_ends: X,
        /// Whether this is the last byte of a group that is hashed at once.
        pub group_ends: X,
    }
}
