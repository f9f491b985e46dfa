//! The columns of `product`.

use crate::below::Below;
use crate::limbs::LIMBS;
use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// One operation. Limbs have 16 bits, least significant first.
    pub struct ProductColumns<T> {
        /// The row proves a MUL.
        pub is_mul: T,
        /// The row proves a DIV.
        pub is_div: T,
        /// The row proves a MOD.
        pub is_mod: T,
        /// The row proves a MOD by a divisor that is not zero: only then is the rest its result.
        pub gives_rest: T,
        /// First factor of MUL; quotient of DIV and MOD.
        pub x: [T; LIMBS],
        /// Second factor of MUL; divisor of DIV and MOD.
        pub y: [T; LIMBS],
        /// Low half of the product for MUL; what a division leaves over, which by zero is all.
        pub rest: [T; LIMBS],
        /// Carries out of the 32-bit positions, two cells each.
        pub carries: [[T; 2]; WORD_LIMBS],
        /// Shows that the rest is below the divisor, unless that is zero.
        pub below: Below<T>,
    }
}
