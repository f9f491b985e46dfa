//! The columns of `narrow`.

use crate::limbs::LIMBS;
use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// One operation. At most one flag is set.
    pub struct NarrowColumns<T> {
        /// ADD.
        pub is_add: T,
        /// SUB.
        pub is_sub: T,
        /// LT, or SLT for the variant.
        pub is_less: T,
        /// GT, or SGT for the variant.
        pub is_greater: T,
        /// EQ, or ISZERO for the variant.
        pub is_equal: T,
        /// NOT.
        pub is_not: T,
        /// AND with a mask of whole limbs.
        pub is_and: T,
        /// SHL by whole limbs.
        pub is_shl: T,
        /// SHR by whole limbs.
        pub is_shr: T,
        /// First operand.
        pub a: [T; WORD_LIMBS],
        /// Second operand.
        pub b: [T; WORD_LIMBS],
        /// The result in limbs of 16 bits, or a [`Comparison`].
        pub result: [T; LIMBS],
        /// Carries, the limbs that a mask keeps, or one limb of eight.
        pub bits: [T; WORD_LIMBS],
    }
}

braid_stark::columns! {
    /// What rows of comparisons have in the first cells of `result`.
    pub struct Comparison<T> {
        /// By how much the chosen limbs differ, minus one, in limbs of 16 bits.
        pub difference: [T; 2],
        /// `a` is less than `b`.
        pub less: T,
        /// The comparison is signed, or is ISZERO.
        pub variant: T,
        /// `a` is negative; zero if the comparison is not signed.
        pub sign_a: T,
        /// `b` is negative; zero if the comparison is not signed.
        pub sign_b: T,
        /// Twice the top limb of `a` without its sign, in limbs of 16 bits.
        pub rest_a: [T; 2],
        /// Twice the top limb of `b` without its sign, in limbs of 16 bits.
        pub rest_b: [T; 2],
    }
}
