//! The columns of `bits`.

use super::WORD_BYTES;

braid_stark::columns! {
    /// One operation. Bytes are least significant first. At most one flag is set.
    pub struct BitsColumns<T> {
        /// AND.
        pub is_and: T,
        /// OR.
        pub is_or: T,
        /// XOR.
        pub is_xor: T,
        /// First operand.
        pub a: [T; WORD_BYTES],
        /// Second operand.
        pub b: [T; WORD_BYTES],
        /// Their exclusive or.
        pub xor: [T; WORD_BYTES],
    }
}
