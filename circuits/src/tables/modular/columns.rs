//! The columns of `modular`.

use crate::below::Below;
use crate::limbs::LIMBS;

/// 32-bit positions of a 512-bit number but the last: each hands a carry on.
pub const CARRIES: usize = LIMBS - 1;

braid_stark::columns! {
    /// One operation. Limbs have 16 bits, least significant first.
    pub struct ModularColumns<T> {
        /// The row proves an ADDMOD.
        pub is_add: T,
        /// The row proves a MULMOD.
        pub is_mul: T,
        /// The modulus is zero on the stack and 1 here.
        pub by_zero: T,
        /// First operand.
        pub a: [T; LIMBS],
        /// Second operand.
        pub b: [T; LIMBS],
        /// Modulus.
        pub m: [T; LIMBS],
        /// Result.
        pub c: [T; LIMBS],
        /// Low half of the quotient.
        pub quotient: [T; LIMBS],
        /// High half of the quotient.
        pub high_quotient: [T; LIMBS],
        /// Carries of the identity, two cells each.
        pub carries: [[T; 2]; CARRIES],
        /// Shows that the result is below the modulus.
        pub below: Below<T>,
    }
}
