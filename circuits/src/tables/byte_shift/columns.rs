//! The columns of `byte_shift`.

/// Bytes of a limb.
pub(super) const LIMB: usize = 4;

braid_stark::columns! {
    /// A claim. Bytes start with the most significant.
    pub struct ByteShiftColumns<T> {
        /// Whether 1, 2 or 3 bytes of `first` stay.
        pub bytes: [T; LIMB - 1],
        /// The limb in which the value starts.
        pub first: [T; LIMB],
        /// The value.
        pub value: [T; 32],
        /// The limb in which it ends.
        pub last: [T; LIMB],
    }
}
