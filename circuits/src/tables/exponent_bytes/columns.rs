//! The columns of `exponent_bytes`.

use crate::word::WORD_LIMBS;

/// Bytes of a limb.
pub const LIMB_BYTES: usize = 4;

braid_stark::columns! {
    /// One exponent.
    pub struct ExponentBytesColumns<T> {
        /// The row proves a claim.
        pub used: T,
        /// The exponent.
        pub exponent: [T; WORD_LIMBS],
        /// Marks its highest limb that is not zero.
        pub highest: [T; WORD_LIMBS],
        /// Marks how many bytes, less 1, that limb has.
        pub limb_bytes: [T; LIMB_BYTES],
        /// That limb, shifted so that its first byte is the highest of 32 bits: limbs of 16 bits.
        pub shifted: [T; 2],
    }
}
