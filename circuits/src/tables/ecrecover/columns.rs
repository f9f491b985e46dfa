//! The columns of `ecrecover`.

use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// Why no address is found.
    pub struct Failures<T> {
        /// The lowest limb of `v` is neither 27 nor 28.
        pub wrong_v: T,
        /// Another limb of `v` is not zero.
        pub high_v: T,
        /// `r` is zero.
        pub zero_r: T,
        /// `s` is zero.
        pub zero_s: T,
        /// `r` is not below the group's order.
        pub large_r: T,
        /// `s` is not below the group's order.
        pub large_s: T,
        /// `r` is no x of a point.
        pub no_point: T,
        /// The key would be infinity.
        pub infinite: T,
    }
}

braid_stark::columns! {
    /// That `r` is no x of a point: all modulo p.
    pub struct NoPoint<T> {
        /// `r^2`.
        pub square: Word<T>,
        /// `r^3`.
        pub cube: Word<T>,
        /// A square root of `-(r^3 + 7)`.
        pub root: Word<T>,
        /// The square of that.
        pub root_squared: Word<T>,
        /// That and 7, not reduced.
        pub sum: Word<T>,
        /// The same, reduced.
        pub reduced: Word<T>,
    }
}

braid_stark::columns! {
    /// A call.
    pub struct EcrecoverColumns<T> {
        /// It costs more than it is given.
        pub lacks: T,
        /// It finds an address.
        pub recovers: T,
        /// Why it finds none.
        pub fails: Failures<T>,
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
        /// The first byte of what it is given.
        pub offset: T,
        /// Bytes that it is given.
        pub length: T,
        /// Gas that is left, or missing but one, in limbs ([`crate::gas`]).
        pub difference: [T; 4],
        /// What was signed.
        pub hash: Word<T>,
        /// Tells the parity of R's y.
        pub v: Word<T>,
        /// x of R.
        pub r: Word<T>,
        /// s.
        pub s: Word<T>,
        /// The inverse of `(v - 27) (v - 28)` in the lowest limb, where that is not zero.
        pub low_inverse: T,
        /// The inverse of the sum of the other limbs of `v`, where that is not zero.
        pub high_inverse: T,
        /// Whether R's y is odd.
        pub odd_y: T,
        /// `s` is in the upper half.
        pub flips: T,
        /// `s` or `n - s`, in the lower half.
        pub low_s: Word<T>,
        /// What `r` or `s` have beyond the group's order.
        pub excess: Word<T>,
        /// That `r` is no x of a point.
        pub point: NoPoint<T>,
        /// The address.
        pub address: AddressLimbs<T>,
    }
}
