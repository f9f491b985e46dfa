//! The columns of `arith`.

use crate::limbs::LIMBS;

/// 32-bit positions of a 512-bit number but the last: each hands a carry on.
pub const CARRIES: usize = LIMBS - 1;
/// Carries between the 32-bit positions of a 256-bit number.
pub const ORDER_CARRIES: usize = LIMBS / 2 - 1;

braid_stark::columns! {
    /// One operation. All limbs have 16 bits, least significant first.
    pub struct Arith<T> {
        /// The row proves an `Add` claim.
        pub is_add: T,
        /// The row proves a `Mul` claim.
        pub is_mul: T,
        /// The row proves a `MulMod` claim.
        pub is_mul_mod: T,
        /// First operand.
        pub a: [T; LIMBS],
        /// Second operand.
        pub b: [T; LIMBS],
        /// Modulus.
        pub m: [T; LIMBS],
        /// Result.
        pub c: [T; LIMBS],
        /// Quotient of `a * b` by `m`; zero but for `MulMod`.
        pub quotient: [T; LIMBS],
        /// `m - c - 1` for `MulMod`: shows `c < m`.
        pub difference: [T; LIMBS],
        /// Carries of the identity, two cells each.
        pub carries: [[T; 2]; CARRIES],
        /// Carries of `c + difference + 1`.
        pub order_carries: [T; ORDER_CARRIES],
    }
}
