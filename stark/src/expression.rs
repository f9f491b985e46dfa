//! What a constraint is written over.

use core::iter::{Product, Sum};
use core::ops::{Add, Mul, Neg, Sub};

use plonky2::field::extension::FieldExtension;
use plonky2::field::types::Field;

use crate::field::{Challenge, Felt};
use crate::packed::Packed;

/// A value that constraints compute with: a packed row of field elements, one extension element, or a node of a graph.
pub trait Expression:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + Sum
    + Product
{
    /// The expression that is `value` everywhere.
    fn constant(value: Felt) -> Self;

    /// The expression that is `value` (below `p`) everywhere.
    fn from_u64(value: u64) -> Self {
        Self::constant(Felt::from_canonical_u64(value))
    }

    /// The constant 0.
    fn zero() -> Self {
        Self::constant(Felt::ZERO)
    }

    /// The constant 1.
    fn one() -> Self {
        Self::constant(Felt::ONE)
    }

    /// `self` times the constant `factor` (below `p`).
    fn scale(self, factor: u64) -> Self {
        self * Self::from_u64(factor)
    }

    /// `1 - self`: the negation of a boolean.
    fn not(self) -> Self {
        Self::one() - self
    }

    /// `self * self`.
    fn squared(self) -> Self {
        self * self
    }

    /// `sum(limbs[i] * 2^(bits * i))`: the value of little-endian limbs. The sum must stay below `p` to be an integer.
    fn from_limbs(limbs: &[Self], bits: usize) -> Self {
        let base = Self::constant(Felt::from_canonical_u64(1 << bits));
        limbs
            .iter()
            .rev()
            .copied()
            .reduce(|high, low| high * base + low)
            .unwrap_or_else(Self::zero)
    }
}

impl Expression for Felt {
    fn constant(value: Felt) -> Self {
        value
    }
}

impl Expression for Packed {
    fn constant(value: Felt) -> Self {
        Self(value.into())
    }
}

impl Expression for Challenge {
    fn constant(value: Felt) -> Self {
        <Self as FieldExtension<2>>::from_basefield(value)
    }
}
