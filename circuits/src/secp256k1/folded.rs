//! Identities modulo `p = 2^256 - 2^32 - 977` with a short quotient.
//!
//! An identity is `V = 0 mod p`, where `V` is a sum of products, given by the 31 coefficients at powers of 2^16, and a
//! linear part, given by 8 limbs at powers of 2^32. As `2^256 = 2^32 + 977 mod p`, the coefficients from the 16th up are
//! folded onto the lower ones before anything is carried: coefficient 16 + k adds 977 of itself to coefficient k and one
//! of itself to coefficient k + 2 (where that is 16 again, it is folded once more). The folded number `V' = V mod p` is
//! little more than 2^256, so that its quotient by `p` fits the last carry: with carries `c_1 .. c_8` out of the eight
//! 32-bit positions `D_k` and `c_0 = 0`, the constraints
//! ```text
//! D_k + c_k + (977 c_8 if k = 0, c_8 if k = 1) = 2^32 c_(k+1)        k = 0 .. 7
//! ```
//! weighted with 2^(32 k) add up to `V' + (2^32 + 977) c_8 = 2^256 c_8`, which is `V' = c_8 p`.
//!
//! **Bounds.** Let every product of two limbs in a coefficient, or sum of such products that goes with one pair of limb
//! positions, be at most `M <= 5 * 2^30` in absolute value, and the linear limbs be at most 2^40. Coefficient k is a sum of
//! `min(k, 30 - k) + 1` products. After folding, coefficient 0 weighs at most 1 + 977 * 16 = 15633 products, coefficient 1
//! at most 2 + 977 * 14 = 13680, all others less. The worst position is the first:
//! `M (15633 + 2^16 * 13680) < 2^62.1`. Carries are in [-2^31, 2^31) by their range checks. The constraint's expression is
//! below 2^62.1 + 2^40 + 2^31 + 977 * 2^31 + 2^63 < 2^63.8 < 2^64 - 2^32 + 1 in absolute value: it vanishes in the field
//! only if it vanishes as an integer. True carries are below 2^30.2, so honest rows always fit.

use core::ops::{Add, Mul};

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::limbs::{COEFFICIENTS, LIMBS, carry_cells, checked_carry};
use crate::word::WORD_LIMBS;

/// Carry cells of one identity.
pub type Carries<X> = [[X; 2]; WORD_LIMBS];

/// Folds the upper coefficients onto the lower ones.
fn fold<T: Copy + Add<Output = T> + Mul<Output = T>>(
    small: T,
    coefficients: &[T; COEFFICIENTS],
) -> [T; LIMBS] {
    core::array::from_fn(|k| {
        let mut sum = coefficients[k];
        if let Some(upper) = coefficients.get(k + LIMBS) {
            sum = sum + *upper * small;
        }
        if let Some(upper) = coefficients.get(k + LIMBS - 2).filter(|_| k >= 2) {
            sum = sum + *upper;
        }
        // The last coefficient reaches position 16 through its 2^32 part and is folded again.
        let last = coefficients[COEFFICIENTS - 1];
        match k {
            0 => sum + last * small,
            2 => sum + last,
            _ => sum,
        }
    })
}

/// Demands that products and linear part together are zero modulo `p`, and range-checks the carries.
pub fn assert_zero<B: ConstraintBuilder>(
    builder: &mut B,
    label: &'static str,
    products: &[B::X; COEFFICIENTS],
    linear: &[B::X; WORD_LIMBS],
    carries: &Carries<B::X>,
) {
    let small = B::X::from_u64(977);
    let folded = fold(small, products);
    let carries = carries
        .each_ref()
        .map(|cells| checked_carry(builder, cells));
    let quotient = carries[WORD_LIMBS - 1];
    for k in 0..WORD_LIMBS {
        let position = B::X::from_limbs(&folded[2 * k..2 * k + 2], 16) + linear[k];
        let carry_in = match k {
            0 => quotient * small,
            1 => quotient + carries[0],
            _ => carries[k - 1],
        };
        builder.assert_eq(label, position + carry_in, carries[k].scale(1 << 32));
    }
}

/// The carries of an identity, or `None` if it does not hold.
pub fn carries(
    products: &[i64; COEFFICIENTS],
    linear: &[i64; WORD_LIMBS],
) -> Option<Carries<Felt>> {
    let folded = fold(977, products);
    let positions: [i128; WORD_LIMBS] = core::array::from_fn(|k| {
        i128::from(folded[2 * k]) + (i128::from(folded[2 * k + 1]) << 16) + i128::from(linear[k])
    });
    // V' = h 2^256 + L with 0 <= L < 2^256, and V' = q p: then q is h or h + 1.
    let high = positions
        .iter()
        .fold(0, |carry, position| (position + carry) >> 32);
    [high, high + 1].into_iter().find_map(|quotient| {
        let mut cells = [[Felt::ZERO; 2]; WORD_LIMBS];
        let mut carry = 0;
        for (k, position) in positions.iter().enumerate() {
            let extra = match k {
                0 => 977 * quotient,
                1 => quotient,
                _ => 0,
            };
            let sum = position + carry + extra;
            if sum & 0xffff_ffff != 0 {
                return None;
            }
            carry = sum >> 32;
            cells[k] = carry_cells(carry)?;
        }
        (carry == quotient).then_some(cells)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worst case of every position against the base field's order, with all products and carries at their limits.
    #[test]
    fn no_position_wraps() {
        let largest_product = 5i128 << 30;
        let products: [i128; COEFFICIENTS] = core::array::from_fn(|k| k.min(30 - k) as i128 + 1);
        let folded = fold(977, &products.map(|count| count * largest_product));
        for k in 0..WORD_LIMBS {
            let position = folded[2 * k] + (folded[2 * k + 1] << 16) + (1 << 40);
            let carries_in = 978i128 << 31;
            let expression = position + carries_in + (1 << 63);
            assert!(expression < 0xffff_ffff_0000_0001, "{k}");
            // A true carry: the position and what comes in, divided by 2^32.
            assert!((position + carries_in) >> 32 < 1 << 31, "{k}");
        }
    }

    /// Folding keeps the value modulo p: each coefficient by itself.
    #[test]
    fn folding_is_the_identity_modulo_p() {
        use super::super::{P, add, mul};
        use alloy_primitives::U256;

        let powers: Vec<U256> = core::iter::successors(Some(U256::ONE), |power| {
            Some(mul(*power, U256::from(1 << 16)))
        })
        .take(COEFFICIENTS)
        .collect();
        for (one, power) in powers.iter().enumerate() {
            let coefficients = core::array::from_fn(|k| u64::from(k == one));
            let folded = fold(977, &coefficients);
            let value = folded
                .iter()
                .zip(&powers)
                .fold(U256::ZERO, |sum, (coefficient, weight)| {
                    add(sum, mul(U256::from(*coefficient), *weight))
                });
            assert_eq!(value, *power % P, "{one}");
        }
    }
}
