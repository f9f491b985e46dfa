//! Arithmetic on limbs of 16 bits: products without carries, and carries at 32-bit positions.
//!
//! A 256-bit number is 16 limbs of 16 bits inside tables. The product of two of them has 31 coefficients; two neighbours
//! together (`low + 2^16 * high`) make one 32-bit position, whose surplus is carried to the next position. A carry may be
//! negative: it is `low + 2^16 * high` with a low cell in [0, 2^16) and a high cell in [-2^15, 2^15).

use core::ops::{Add, Mul};

use alloy_primitives::U256;
use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::Message;
use crate::word::{Word, limbs32};

/// Limbs of 16 bits in a 256-bit number.
pub const LIMBS: usize = 16;
/// Coefficients of the product of two such numbers.
pub const COEFFICIENTS: usize = 2 * LIMBS - 1;
/// What is added to a signed 16-bit cell before it is looked up.
pub const SIGN_OFFSET: u64 = 1 << 15;

/// The limbs of a number, least significant first.
pub fn limbs16(value: U256) -> [u64; LIMBS] {
    let words = value.as_limbs();
    core::array::from_fn(|i| (words[i / 4] >> (16 * (i % 4))) & 0xffff)
}

/// Limbs as field elements.
pub fn felts<const N: usize>(limbs: [u64; N]) -> [Felt; N] {
    limbs.map(Felt::from_canonical_u64)
}

/// A signed number below p in absolute value as a field element.
pub fn signed_felt(value: i128) -> Felt {
    let magnitude = Felt::from_noncanonical_u128(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// The low 16 bits of an element's number, and the rest, which is below 2^16 if the number is below 2^32.
pub fn halves(limb: Felt) -> [Felt; 2] {
    let limb = limb.to_canonical_u64();
    felts([limb & 0xffff, limb >> 16])
}

/// The coefficients of the product of two numbers given by limbs.
pub fn product<T>(a: &[T; LIMBS], b: &[T; LIMBS]) -> [T; COEFFICIENTS]
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    core::array::from_fn(|k| coefficient(a, b, k))
}

/// The first half of [`product`]: the coefficients below 2^256.
pub fn low_product<T>(a: &[T; LIMBS], b: &[T; LIMBS]) -> [T; LIMBS]
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    core::array::from_fn(|k| coefficient(a, b, k))
}

fn coefficient<T>(a: &[T; LIMBS], b: &[T; LIMBS], k: usize) -> T
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    let least = k.saturating_sub(LIMBS - 1);
    let rest = least + 1..=k.min(LIMBS - 1);
    rest.fold(a[least] * b[k - least], |sum, i| sum + a[i] * b[k - i])
}

/// The sum of the coefficients of [`product`] from 2^256 on, in few multiplications. If no limb is negative it is zero exactly where the limbs' product has no
/// coefficient there.
pub fn high_coefficients<T>(a: &[T; LIMBS], b: &[T; LIMBS]) -> T
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    // Limb `i` of `a` meets all limbs of `b` from `LIMBS - i` on.
    let met = b[LIMBS - 1];
    let (sum, _) = (2..LIMBS).fold((a[1] * met, met), |(sum, met), i| {
        let met = met + b[LIMBS - i];
        (sum + a[i] * met, met)
    });
    sum
}

/// The coefficients of a number's square: the product with itself in half as many multiplications.
pub fn square<T>(a: &[T; LIMBS]) -> [T; COEFFICIENTS]
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    core::array::from_fn(|k| {
        let least = k.saturating_sub(LIMBS - 1);
        // Pairs of different limbs come twice.
        let pairs = (least..).map(|i| (i, k - i)).take_while(|(i, j)| i < j);
        let pairs = pairs
            .map(|(i, j)| a[i] * a[j])
            .reduce(|sum, term| sum + term);
        let middle = (k % 2 == 0).then(|| a[k / 2] * a[k / 2]);
        match (pairs, middle) {
            (Some(pairs), Some(middle)) => pairs + pairs + middle,
            (Some(pairs), None) => pairs + pairs,
            // Coefficient 0 is a middle without pairs; there is none without both.
            (None, middle) => middle.unwrap_or(a[0]),
        }
    })
}

/// Limbs of 16 bits joined to 32-bit limbs.
pub fn join_limbs<X: Expression>(limbs: &[X; LIMBS]) -> Word<X> {
    core::array::from_fn(|k| X::from_limbs(&limbs[2 * k..2 * k + 2], 16))
}

/// Neighbouring coefficients joined to 32-bit positions; a missing last neighbour is zero.
pub fn join_coefficients<X: Expression, const P: usize>(coefficients: &[X]) -> [X; P] {
    core::array::from_fn(|k| {
        let pair = coefficients.iter().skip(2 * k).take(2);
        let pair: Vec<X> = pair.copied().collect();
        X::from_limbs(&pair, 16)
    })
}

/// Where `flag` is 1: looks up that limbs are below 2^16.
pub fn range_check_when<B: ConstraintBuilder>(builder: &mut B, limbs: &[B::X], flag: B::X) {
    for value in limbs {
        builder.send(Message::U16 { value: *value }, flag);
    }
}

/// The lowest limbs of 16 bits of a number.
pub fn low_limbs<const N: usize>(value: u64) -> [Felt; N] {
    core::array::from_fn(|index| Felt::from_canonical_u64((value >> (16 * index)) & 0xffff))
}

/// Demands that every cell is below 2^16.
pub fn range_check<B: ConstraintBuilder>(builder: &mut B, cells: &[B::X]) {
    for cell in cells {
        builder.send(Message::U16 { value: *cell }, B::X::one());
    }
}

/// Demands that every cell is in [-2^15, 2^15).
pub fn signed_range_check<B: ConstraintBuilder>(builder: &mut B, cells: &[B::X]) {
    for cell in cells {
        let value = *cell + B::X::from_u64(SIGN_OFFSET);
        builder.send(Message::U16 { value }, B::X::one());
    }
}

/// Range-checks the two cells of a carry, which is then in [-2^31, 2^31), and gives its value.
pub fn checked_carry<B: ConstraintBuilder>(builder: &mut B, cells: &[B::X; 2]) -> B::X {
    range_check(builder, &cells[..1]);
    signed_range_check(builder, &cells[1..]);
    B::X::from_limbs(cells, 16)
}

/// The two cells of a carry, or `None` if it does not fit.
pub fn carry_cells(value: i128) -> Option<[Felt; 2]> {
    let value = i32::try_from(value).ok()?;
    Some([
        Felt::from_canonical_u64((value & 0xffff) as u64),
        signed_felt(i128::from(value >> 16)),
    ])
}

/// Fills the carries out of 32-bit positions, of which each is two neighbours of `coefficients`, from the lowest on. `None` if one does not fit.
pub fn fill_carries(coefficients: &[i128], carries: &mut [[Felt; 2]]) -> Option<()> {
    let mut carry = 0;
    for (pair, cells) in coefficients.chunks(2).zip(carries) {
        carry = (pair.iter().rev().fold(0, |high, low| (high << 16) + low) + carry) >> 32;
        *cells = carry_cells(carry)?;
    }
    Some(())
}

/// A constant as 32-bit limbs.
pub fn constant_word<X: Expression>(value: U256) -> Word<X> {
    limbs32(value).map(X::from_u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_products() {
        let a: [i64; LIMBS] = core::array::from_fn(|i| (i as i64 * 7919 - 40_000) % 65_536);
        assert_eq!(square(&a), product(&a, &a));
        let b = a.map(|limb| limb / 3 - 5);
        let value = |limbs: &[i64]| {
            limbs
                .iter()
                .rev()
                .fold(0i128, |sum, x| (3 * sum + i128::from(*x)) % 1_000_003)
        };
        assert_eq!(value(&product(&a, &b)), value(&a) * value(&b) % 1_000_003);
    }

    #[test]
    fn halves_of_products_are_those_of_the_whole() {
        let a: [i64; LIMBS] = core::array::from_fn(|i| i as i64 * 7919 % 65_536);
        let b = a.map(|limb| limb / 3 + 5);
        let whole = product(&a, &b);
        assert_eq!(low_product(&a, &b), whole[..LIMBS]);
        let high: i64 = whole[LIMBS..].iter().sum();
        assert_eq!(high_coefficients(&a, &b), high);
    }

    #[test]
    fn carries_have_cells_within_31_bits() {
        for value in [0, 1, -1, (1 << 31) - 1, -(1 << 31), 65_536, -65_536] {
            let [low, high] = carry_cells(value).unwrap();
            assert_eq!(
                low + high * Felt::from_canonical_u64(1 << 16),
                signed_felt(value)
            );
        }
        assert!(carry_cells(1 << 31).is_none() && carry_cells(-(1 << 31) - 1).is_none());
    }
}
