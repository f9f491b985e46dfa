//! The columns of `moves`.

use crate::delegated::Delegated;
use crate::word::Word;

braid_stark::columns! {
    /// Which opcode it is.
    pub struct Opcodes<T> {
        /// CALLDATACOPY.
        pub input_copy: T,
        /// CODECOPY.
        pub code_copy: T,
        /// RETURNDATACOPY.
        pub return_copy: T,
        /// MCOPY.
        pub memory_copy: T,
        /// KECCAK256.
        pub hash: T,
        /// CALLDATALOAD.
        pub load: T,
        /// RETURNDATASIZE.
        pub size: T,
    }
}

braid_stark::columns! {
    /// What becomes of it.
    pub struct Cases<T> {
        /// It is done, and names no memory.
        pub plain: T,
        /// It is done, and memory does not grow.
        pub fits: T,
        /// It is done, and memory may grow.
        pub grows: T,
        /// It names no memory, and costs more than is left.
        pub lacks_plain: T,
        /// It costs more than is left.
        pub lacks: T,
        /// It names memory at 2^32 or beyond.
        pub far: T,
        /// It reads beyond the return data.
        pub over: T,
        /// It reads beyond the return data, at 2^32 or beyond, or that much.
        pub far_over: T,
    }
}

braid_stark::columns! {
    /// A word of the stack.
    pub struct Operand<T> {
        /// The word.
        pub value: Word<T>,
        /// When it was pushed.
        pub pushed: T,
    }
}

braid_stark::columns! {
    /// A step.
    pub struct MovesColumns<T> {
        /// Which opcode it is.
        pub opcode: Opcodes<T>,
        /// What becomes of it.
        pub case: Cases<T>,
        /// The step.
        pub step: Delegated<T>,
        /// Where in memory bytes go to, of copies.
        pub target: Operand<T>,
        /// Where they come from.
        pub source: Operand<T>,
        /// How many.
        pub length: Operand<T>,
        /// The inverse of the length, where it is not zero.
        pub length_inverse: T,
        /// The inverse of a sum of high limbs, where it is not zero.
        pub high_inverse: T,
        /// The sum of all limbs but the lowest of the length and of places in memory.
        pub high: T,
        /// The sum of all limbs but the two lowest of the same.
        pub higher: T,
        /// It is `far`, and one of the same is shown to be 2^64 or more.
        pub beyond: T,
        /// Whether the source is 2^32 or more, where that means zeros.
        pub distant: T,
        /// Whether the frame's input is the transaction's.
        pub outer: T,
        /// The inverse of the frame in whose memory the input is.
        pub frame_inverse: T,
        /// The first byte of memory that is needed.
        pub reach: T,
        /// Whether that is the source of MCOPY.
        pub farther: T,
        /// Bytes between source and target of MCOPY, or of return data after those that are copied, in limbs of 16 bits.
        pub margin: [T; 2],
        /// Words that are moved, but one, in limbs of 16 bits.
        pub last: [T; 2],
        /// Bytes of the last of them, but one.
        pub rest: T,
        /// Words of memory afterwards.
        pub next_words: T,
        /// What growth costs.
        pub growth: T,
        /// What the step costs.
        pub cost: T,
        /// Bytes of memory beyond those needed, or gas that is missing but one, or bytes beyond the return data but one, in limbs of 16 bits.
        pub excess: [T; 3],
        /// The number of the source: frame, transaction or code.
        pub origin: T,
        /// Its first byte.
        pub base: T,
        /// Its bytes.
        pub bytes: T,
        /// The frame in whose memory the input is, or 0.
        pub input_frame: T,
        /// The frame's transaction.
        pub transaction: T,
        /// When the register of the return data was accessed before.
        pub accessed: T,
        /// What is pushed.
        pub result: Word<T>,
    }
}
