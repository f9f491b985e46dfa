//! Arithmetic on limbs of 16 bits: products without carries, and carries at 32-bit positions.
//!
//! A 256-bit number is 16 limbs of 16 bits inside tables. The product of two of them has 31 coefficients; two neighbours
//! together (`low + 2^16 * high`) make one 32-bit position, whose surplus is carried to the next position. A carry may be
//! negative: it is `low + 2^16 * high` with a low cell in [0, 2^16) and a high cell in [-2^15, 2^15).

use core::ops::{Add, Mul};

use alloy_primitives::U256;
use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::bus::Message;
use crate::word::{WORD_LIMBS, Word};

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

/// The coefficients of the product of two numbers given by limbs.
pub fn product<T>(zero: T, a: &[T; LIMBS], b: &[T; LIMBS]) -> [T; COEFFICIENTS]
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    let mut sum: [Option<T>; COEFFICIENTS] = [None; COEFFICIENTS];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let term = *x * *y;
            let place = &mut sum[i + j];
            *place = Some(place.map_or(term, |so_far| so_far + term));
        }
    }
    sum.map(|coefficient| coefficient.unwrap_or(zero))
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

/// A constant as 32-bit limbs.
pub fn constant_word<X: Expression>(value: U256) -> Word<X> {
    let words = value.as_limbs();
    let limbs: [u64; WORD_LIMBS] =
        core::array::from_fn(|i| (words[i / 2] >> (32 * (i % 2))) & 0xffff_ffff);
    limbs.map(X::from_u64)
}
