//! The columns of `secp_base`.

use crate::limbs::LIMBS;
use crate::word::WORD_LIMBS;

braid_stark::columns! {
    /// A row.
    pub struct SecpBaseColumns<T> {
        /// How often the row's point is asked for.
        pub count: T,
    }
}

braid_stark::columns! {
    /// What a row offers.
    pub struct Fixed<T> {
        /// Digit of the low half of the scalar.
        pub low: T,
        /// Digit of the high half.
        pub high: T,
        /// The point's x, limbs of 16 bits.
        pub x: [T; LIMBS],
        /// The point's y, limbs of 32 bits.
        pub y: [T; WORD_LIMBS],
    }
}
