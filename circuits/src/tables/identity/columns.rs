//! The columns of `identity`.

braid_stark::columns! {
    /// A call.
    pub struct IdentityColumns<T> {
        /// It is carried out.
        pub done: T,
        /// It costs more than it is given.
        pub lacks: T,
        /// Its input is not empty.
        pub has_bytes: T,
        /// The frame.
        pub frame: T,
        /// When it opens.
        pub clock: T,
        /// Gas that it is given.
        pub gas: T,
        /// Writes so far that can be undone.
        pub writes: T,
        /// Its transaction.
        pub transaction: T,
        /// The frame in whose memory the input is.
        pub input_frame: T,
        /// The inverse of that.
        pub frame_inverse: T,
        /// The first byte of the input.
        pub offset: T,
        /// Bytes of the input.
        pub length: T,
        /// The inverse of that, where it is not zero.
        pub length_inverse: T,
        /// Words of the input, but one, in limbs of 16 bits.
        pub last: [T; 2],
        /// Bytes of the last of them, but one.
        pub rest: T,
        /// Gas that is left, or missing but one, in limbs ([`crate::gas`]).
        pub difference: [T; 4],
    }
}
