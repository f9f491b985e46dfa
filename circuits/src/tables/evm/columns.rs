//! The columns of `evm`.

use crate::tables::opcode::Operation;
use crate::word::Word;

braid_stark::columns! {
    /// What a frame has between two of its steps.
    pub struct Registers<T> {
        /// Words on the stack.
        pub sp: T,
        /// Gas left.
        pub gas: T,
        /// Words of memory.
        pub words: T,
        /// Writes so far, in the whole chunk, that can be undone.
        pub writes: T,
    }
}

braid_stark::columns! {
    /// A step.
    pub struct EvmColumns<T> {
        /// Whether the row is a step.
        pub used: T,
        /// Whether the frame was entered with this step: it is not the successor of the row before.
        pub enters: T,
        /// The step's number among all of the chunk; it reads at `2 clock` and writes at `2 clock + 1`.
        pub clock: T,
        /// The frame.
        pub frame: T,
        /// The bytecode that runs.
        pub code: T,
        /// Where in it.
        pub pc: T,
        /// The opcode.
        pub opcode: T,
        /// What the frame has before the step.
        pub before: Registers<T>,
        /// What is done.
        pub operation: Operation<T>,
        /// The word from the top of the stack. Where none is popped: where the instruction is, for immediates; the frame, for the environment.
        pub a: Word<T>,
        /// The word from below.
        pub b: Word<T>,
        /// The word that is pushed. For JUMPI: whether it jumps, then a factor that shows that `b` is not zero.
        pub c: Word<T>,
        /// When `a` was pushed.
        pub a_pushed: T,
        /// When `b` was pushed.
        pub b_pushed: T,
    }
}
