//! As many field elements as one vector register holds.

use core::iter::{Product, Sum};
use core::ops::{Add, Mul, Neg, Sub};

use plonky2::field::packable::Packable;
use plonky2::field::packed::PackedField;

use crate::expression::Expression;
use crate::field::Felt;

/// The vector type that plonky2 offers on this target: one element wide where it offers none.
pub type Lanes = <Felt as Packable>::Packing;

/// [`Lanes`] as an [`Expression`]: [`Packed::WIDTH`] rows at once.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Packed(pub Lanes);

impl Packed {
    /// How many rows one value holds.
    pub const WIDTH: usize = <Lanes as PackedField>::WIDTH;
}

impl Add for Packed {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Packed {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Packed {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Neg for Packed {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Packed {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.reduce(|a, b| a + b).unwrap_or_else(Self::zero)
    }
}

impl Product for Packed {
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.reduce(|a, b| a * b).unwrap_or_else(Self::one)
    }
}
