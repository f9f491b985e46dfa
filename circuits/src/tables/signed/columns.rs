//! The columns of `signed`.

use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// A word and its opposite modulo 2^256.
    pub struct Opposite<T> {
        /// The word, limbs of 32 bits.
        pub word: [T; WORD_LIMBS],
        /// Whether the opposite is meant, not the word itself.
        pub negative: T,
        /// Carries of adding up word and opposite: 1 from the lowest limb on that is not zero. All zero unless the opposite is meant.
        pub carries: [T; WORD_LIMBS],
        /// The inverse of that lowest limb.
        pub inverse: T,
    }
}

braid_stark::columns! {
    /// One operation.
    pub struct SignedColumns<T> {
        /// The row proves an SDIV.
        pub is_div: T,
        /// The row proves an SMOD.
        pub is_mod: T,
        /// First operand, and with `negative` its absolute value.
        pub a: Opposite<T>,
        /// Second operand, and with `negative` its absolute value.
        pub b: Opposite<T>,
        /// What DIV or MOD makes of the absolute values, and with `negative` the result.
        pub magnitude: Opposite<T>,
        /// Bits 16 to 30 of the highest limb of each operand.
        pub high_bits: [T; 2],
    }
}
