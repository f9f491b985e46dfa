//! The columns of `arithmetic`.

use crate::delegated::Delegated;
use crate::word::Word;

braid_stark::columns! {
    /// A step.
    pub struct ArithmeticColumns<T> {
        /// It is ADDMOD.
        pub adds: T,
        /// It is MULMOD.
        pub multiplies: T,
        /// It is EXP.
        pub raises: T,
        /// It is carried out: there is gas for it.
        pub done: T,
        /// The step.
        pub step: Delegated<T>,
        /// The first operand, from the top of the stack.
        pub a: Word<T>,
        /// When it was pushed.
        pub a_pushed: T,
        /// The second operand; EXP's exponent.
        pub b: Word<T>,
        /// When it was pushed.
        pub b_pushed: T,
        /// The third operand: the modulus.
        pub m: Word<T>,
        /// When it was pushed.
        pub m_pushed: T,
        /// The result.
        pub c: Word<T>,
        /// Bytes of the exponent.
        pub bytes: T,
        /// The gas that is missing, less 1, where the step is not carried out.
        pub missing: T,
    }
}
