//! Scalars modulo the group's order.

use alloy_primitives::U256;

use super::N;

/// What turns `R = u1 G + u2 Q` into an equation with short scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halves {
    /// `z`, positive, below 2^128.
    pub z: U256,
    /// `|v|`, below 2^128.
    pub v: U256,
    /// Whether `v` is negative.
    pub negative: bool,
}

/// `z` and `v` with `v = z u mod n`, both below 2^128 in absolute value and `z > 0`: the extended Euclidean algorithm stopped
/// half way (Antipa et al., Accelerated Verification of ECDSA Signatures, SAC 2005).
pub fn halve(u: U256) -> Halves {
    // Invariant: `remainder = cofactor * u mod n`, where the cofactors' signs alternate; and
    // |next cofactor| * remainder <= n, so that the cofactor is below 2^128 while the remainder before it is not.
    let (mut before, mut remainder) = (N, u);
    let (mut cofactor_before, mut cofactor) = (U256::ZERO, U256::ONE);
    let mut negative = false;
    while remainder >> 128 != U256::ZERO {
        let (quotient, rest) = before.div_rem(remainder);
        (before, remainder) = (remainder, rest);
        (cofactor_before, cofactor) = (cofactor, cofactor_before + quotient * cofactor);
        negative = !negative;
    }
    // The cofactor's sign moves to `v`.
    Halves {
        z: cofactor,
        v: remainder,
        negative,
    }
}

/// The ladder adds `digit + 1` times its fixed points instead of `digit` times, so that the sum is never infinity. This is
/// what the ones come to: `(1 + 2^128) (1 + 16 + ... + 16^31)`.
pub const DIGIT_SURPLUS: U256 = U256::from_limbs([0x1111_1111_1111_1111; 4]);

/// The digits' value for the scalar `w`: `w - DIGIT_SURPLUS mod n`.
pub fn digits_of(w: U256) -> U256 {
    if w >= DIGIT_SURPLUS {
        w - DIGIT_SURPLUS
    } else {
        w + (N - DIGIT_SURPLUS)
    }
}

/// The low and the high half of a number.
pub fn split(value: U256) -> (u128, u128) {
    let [a, b, c, d] = *value.as_limbs();
    let join = |low: u64, high: u64| u128::from(low) | u128::from(high) << 64;
    (join(a, b), join(c, d))
}
