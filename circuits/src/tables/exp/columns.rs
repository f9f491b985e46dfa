//! The columns of `exp`.

use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// One bit of an exponent.
    pub struct ExpColumns<T> {
        /// The first row of a power: its exponent's highest bit.
        pub starts: T,
        /// The next row belongs to the same power.
        pub goes_on: T,
        /// The last row of a power: its exponent's lowest bit.
        pub ends: T,
        /// The bit of the next row is 1.
        pub multiplies: T,
        /// The base.
        pub base: [T; WORD_LIMBS],
        /// The base to the power of the bits so far.
        pub power: [T; WORD_LIMBS],
        /// The square of that.
        pub square: [T; WORD_LIMBS],
        /// The bits so far of the exponent's limb that the row is in, as a number.
        pub limb: T,
        /// The exponent's limbs above it, the next one first.
        pub upper: [T; WORD_LIMBS - 1],
        /// Bits of the limb that are still to come.
        pub left: T,
        /// None is: the next row is in the next limb.
        pub full: T,
    }
}
