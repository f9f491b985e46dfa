//! The curve secp256k1 (SEC 2, section 2.4.1): `y^2 = x^3 + 7` over the integers modulo `p`, a group of prime order `n`.
//!
//! Native arithmetic for filling traces, and what the tables share. It need not be constant-time: nothing here is secret.

pub mod folded;
pub mod offset;
pub mod recover;
pub mod scalar;

use alloy_primitives::{Address, U256, keccak256, uint};

use crate::limbs::{LIMBS, SIGN_OFFSET, limbs16};

/// The field's order, `2^256 - 2^32 - 977`.
pub const P: U256 = uint!(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f_U256);
/// The group's order.
pub const N: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
/// Half of the group's order, rounded down: `s` is low up to this (EIP-2).
pub const HALF_ORDER: U256 = N.wrapping_shr(1);
/// `2^256 - p`.
pub const P_COMPLEMENT: u64 = 0x1_0000_03d1;
/// The generator.
pub const GENERATOR: Affine = Affine {
    x: uint!(0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798_U256),
    y: uint!(0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8_U256),
};

/// A point that is not infinity. Coordinates are below `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    /// x.
    pub x: U256,
    /// y.
    pub y: U256,
}

/// Sum modulo `p` of numbers below `p`.
pub fn add(a: U256, b: U256) -> U256 {
    a.add_mod(b, P)
}

/// Difference modulo `p` of numbers below `p`.
pub fn sub(a: U256, b: U256) -> U256 {
    if a >= b { a - b } else { P - (b - a) }
}

/// Product modulo `p`.
pub fn mul(a: U256, b: U256) -> U256 {
    let mut wide = [0u64; 8];
    for (i, x) in a.as_limbs().iter().enumerate() {
        let mut carry = 0u128;
        for (j, y) in b.as_limbs().iter().enumerate() {
            carry += u128::from(wide[i + j]) + u128::from(*x) * u128::from(*y);
            wide[i + j] = carry as u64;
            carry >>= 64;
        }
        wide[i + 4] = carry as u64;
    }
    // 2^256 = P_COMPLEMENT mod p.
    let mut low = [0u64; 4];
    let mut carry = 0u128;
    for (i, limb) in low.iter_mut().enumerate() {
        carry += u128::from(wide[i]) + u128::from(wide[i + 4]) * u128::from(P_COMPLEMENT);
        *limb = carry as u64;
        carry >>= 64;
    }
    // The carry is below 2^34.
    let surplus = U256::from(carry * u128::from(P_COMPLEMENT));
    let (sum, wrapped) = U256::from_limbs(low).overflowing_add(surplus);
    // After a wrap the sum is below 2^67, so that this does not wrap again.
    let sum = if wrapped {
        sum + U256::from(P_COMPLEMENT)
    } else {
        sum
    };
    if sum >= P { sum - P } else { sum }
}

/// Inverse modulo `p`; zero has none.
pub fn invert(a: U256) -> Option<U256> {
    a.inv_mod(P)
}

/// A square root modulo `p`, if there is one.
pub fn square_root(a: U256) -> Option<U256> {
    // p = 3 mod 4.
    let exponent: U256 = (P + U256::ONE) >> 2;
    let mut root = U256::ONE;
    for bit in (0..256).rev() {
        root = mul(root, root);
        if exponent.bit(bit) {
            root = mul(root, a);
        }
    }
    (mul(root, root) == a).then_some(root)
}

impl Affine {
    /// The point with this x whose y has this parity.
    pub fn decompress(x: U256, odd_y: bool) -> Option<Self> {
        if x >= P {
            return None;
        }
        let y = square_root(add(mul(mul(x, x), x), U256::from(7)))?;
        // y = 0 has no other parity, but it is on no point: the group's order is odd.
        let y = if y.bit(0) == odd_y {
            y
        } else {
            sub(U256::ZERO, y)
        };
        Some(Self { x, y })
    }

    /// Whether the coordinates are below `p` and on the curve.
    pub fn is_on_curve(&self) -> bool {
        let Self { x, y } = *self;
        x < P && y < P && mul(y, y) == add(mul(mul(x, x), x), U256::from(7))
    }

    /// The address of the account with this public key: the last 20 bytes of its Keccak-256 hash.
    pub fn address(&self) -> Address {
        let (x, y) = (self.x.to_be_bytes::<32>(), self.y.to_be_bytes::<32>());
        Address::from_word(keccak256([x, y].concat()))
    }

    /// The inverse.
    pub fn negated(self) -> Self {
        Self {
            x: self.x,
            y: sub(U256::ZERO, self.y),
        }
    }

    /// The slope of the line through two points of different x.
    pub fn slope(&self, other: &Self) -> Option<U256> {
        let inverse = invert(sub(other.x, self.x))?;
        Some(mul(sub(other.y, self.y), inverse))
    }

    /// The slope of the tangent.
    pub fn tangent(&self) -> Option<U256> {
        let square = mul(self.x, self.x);
        let inverse = invert(add(self.y, self.y))?;
        Some(mul(add(add(square, square), square), inverse))
    }

    /// The inverse of the third point on the line of slope `slope` through two points with these x, one of them `self`.
    pub fn reflect(&self, other_x: U256, slope: U256) -> Self {
        let x = sub(sub(mul(slope, slope), self.x), other_x);
        let y = sub(mul(slope, sub(self.x, x)), self.y);
        Self { x, y }
    }

    /// Twice the point.
    pub fn doubled(&self) -> Option<Self> {
        Some(self.reflect(self.x, self.tangent()?))
    }

    /// The sum of two points of different x.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(self.reflect(other.x, self.slope(other)?))
    }
}

/// `2^15 * (1 + 2^16 + ... + 2^240)`: what the offsets of sixteen signed limbs come to.
const ALL_OFFSETS: U256 =
    uint!(0x8000800080008000800080008000800080008000800080008000800080008000_U256);

/// Sixteen limbs in [-2^15, 2^15) of a number that is `value < p` modulo `p`. Every residue has such a form since their
/// range covers 2^256 consecutive numbers.
pub fn signed_limbs(value: U256) -> [i64; LIMBS] {
    let shifted = match value.checked_add(ALL_OFFSETS) {
        Some(sum) => sum,
        None => value.wrapping_sub(P.wrapping_sub(ALL_OFFSETS)),
    };
    limbs16(shifted).map(|limb| limb as i64 - SIGN_OFFSET as i64)
}

/// Sixteen limbs in [0, 2^16).
pub fn unsigned_limbs(value: U256) -> [i64; LIMBS] {
    limbs16(value).map(|limb| limb as i64)
}

#[cfg(test)]
mod tests;
