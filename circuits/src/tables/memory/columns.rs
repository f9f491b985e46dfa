//! The columns of `memory`.

use crate::delegated::Delegated;
use crate::word::Word;

braid_stark::columns! {
    /// A step.
    pub struct MemoryColumns<T> {
        /// It is MLOAD.
        pub loads: T,
        /// It is MSTORE.
        pub stores: T,
        /// It is MSTORE8.
        pub stores_byte: T,
        /// It is done, and memory does not grow.
        pub fits: T,
        /// It is done, and memory may grow.
        pub grows: T,
        /// It costs more than is left.
        pub lacks: T,
        /// Its offset is 2^32 or more.
        pub far: T,
        /// It is so, and its offset is shown to be 2^64 or more.
        pub beyond: T,
        /// The access is of a whole word, and made here.
        pub aligned: T,
        /// The access is made by `window`.
        pub shifted: T,
        /// The step.
        pub step: Delegated<T>,
        /// Words of memory afterwards.
        pub next_words: T,
        /// What growth costs.
        pub growth: T,
        /// The first operand: where in memory.
        pub offset: Word<T>,
        /// When `offset` was pushed.
        pub offset_pushed: T,
        /// The inverse of the sum of all limbs of `offset` but the lowest, where it is `far`; but the two lowest, where it is `beyond`.
        pub inverse: T,
        /// The second operand; for MLOAD what is read.
        pub value: Word<T>,
        /// When it was pushed, if it is an operand.
        pub value_pushed: T,
        /// Bytes of memory beyond those accessed, or gas that is missing but one, in limbs of 16 bits.
        pub excess: [T; 3],
        /// The word of an aligned access as it was.
        pub before: Word<T>,
        /// When it was accessed before.
        pub accessed: T,
    }
}
