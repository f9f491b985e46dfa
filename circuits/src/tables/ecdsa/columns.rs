//! The columns of `ecdsa`. Words are 8 limbs of 32 bits.

use crate::limbs::LIMBS;
use crate::secp256k1::folded::Carries;
use crate::secp256k1::offset::CHOICES;
use crate::word::Word;

braid_stark::columns! {
    /// A point of the curve.
    pub struct Point<T> {
        /// x, limbs of 16 bits.
        pub x: [T; LIMBS],
        /// y, limbs of 16 bits.
        pub y: [T; LIMBS],
        /// A number below 2^256 that is `x^2` modulo p, limbs of 16 bits.
        pub x_squared: [T; LIMBS],
        /// Carries of the identity of `x_squared`.
        pub square_carries: Carries<T>,
        /// Carries of the curve's equation.
        pub curve_carries: Carries<T>,
    }
}

braid_stark::columns! {
    /// One signature.
    pub struct EcdsaColumns<T> {
        /// Whether the row proves a signature.
        pub active: T,
        /// Whether the row proves that there is no public key but infinity.
        pub infinite: T,
        /// What was signed.
        pub hash: Word<T>,
        /// Parity of R's y.
        pub odd_y: T,
        /// Half of what is left of the lowest limb of R's y without its parity.
        pub half_y: T,
        /// s.
        pub s: Word<T>,
        /// R; its x is r.
        pub nonce_point: Point<T>,
        /// Q.
        pub key: Point<T>,
        /// One-hot: the ladder's offset.
        pub offset: [T; CHOICES],
        /// z, below 2^128.
        pub z: [T; 4],
        /// v, below 2^128.
        pub v: [T; 4],
        /// The ladder's digits of w, low half first.
        pub digits: Word<T>,
        /// w.
        pub w: Word<T>,
        /// Whether n is taken off from the digits and their surplus.
        pub w_reduced: T,
        /// Carries of `digits + surplus = w + n`, each -1, 0 or 1.
        pub w_carries: [T; 7],
        /// `s w mod n = z hash mod n`.
        pub hash_product: Word<T>,
        /// `z r mod n`.
        pub r_product: Word<T>,
        /// `s v mod n`.
        pub v_product: Word<T>,
        /// Whether `v_product = n - r_product` and `Q' = -Q`.
        pub negative: T,
        /// Inverses of the sums of limbs of z, r and s.
        pub inverses: [T; 3],
        /// `2^256 - n + r`.
        pub r_room: Word<T>,
        /// `2^256 - n / 2 - 1 + s`.
        pub s_room: Word<T>,
        /// `2^256 - p + y` for R.
        pub nonce_y_room: Word<T>,
        /// `2^256 - p + x` for Q.
        pub key_x_room: Word<T>,
        /// `2^256 - p + y` for Q.
        pub key_y_room: Word<T>,
        /// Keccak-256 of Q's 64 bytes.
        pub digest: Word<T>,
    }
}

braid_stark::columns! {
    /// The fixed columns.
    pub struct Fixed<T> {
        /// The row's number, from 1.
        pub signature: T,
    }
}
