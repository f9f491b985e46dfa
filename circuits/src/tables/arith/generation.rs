//! Filling `arith`.

use alloy_primitives::{U256, U512};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::Arith;
use crate::error::Error;
use crate::limbs::{LIMBS, felts, fill_carries, limbs16, product};

/// What other tables ask `arith` to prove; the result follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `a + b`, which must be below 2^256.
    Add {
        /// First operand.
        a: U256,
        /// Second operand.
        b: U256,
    },
    /// `a * b`, which must be below 2^256.
    Mul {
        /// First operand.
        a: U256,
        /// Second operand.
        b: U256,
    },
    /// `a * b mod m` for `m != 0` with `a * b < m * 2^256`.
    MulMod {
        /// First operand.
        a: U256,
        /// Second operand.
        b: U256,
        /// Modulus.
        m: U256,
    },
}

impl Operation {
    /// The result and, for `MulMod`, the quotient.
    ///
    /// # Errors
    /// When the operands are not as the variants' descriptions demand.
    pub fn result(&self) -> Result<(U256, U256), Error> {
        let refused = || Error::Events(format!("arithmetic out of range: {self:?}"));
        match *self {
            Self::Add { a, b } => Ok((a.checked_add(b).ok_or_else(refused)?, U256::ZERO)),
            Self::Mul { a, b } => Ok((a.checked_mul(b).ok_or_else(refused)?, U256::ZERO)),
            Self::MulMod { m, .. } if m.is_zero() => Err(refused()),
            Self::MulMod { a, b, m } => {
                let full: U512 = a.widening_mul(b);
                let (quotient, rest) = full.div_rem(U512::from(m));
                if quotient > U512::from(U256::MAX) {
                    return Err(refused());
                }
                Ok((rest.to::<U256>(), quotient.to::<U256>()))
            }
        }
    }
}

/// The rows of `operations`, in order.
///
/// # Errors
/// When an operation is out of range; see [`Operation`].
pub fn generate(operations: &[Operation]) -> Result<Trace, Error> {
    let mut trace = Trace::new(Arith::<Felt>::WIDTH);
    for operation in operations {
        let (c, quotient) = operation.result()?;
        fill(trace.push(), operation, c, quotient)?;
    }
    Ok(trace)
}

fn fill(
    row: &mut Arith<Felt>,
    operation: &Operation,
    c: U256,
    quotient: U256,
) -> Result<(), Error> {
    let (a, b, m) = match *operation {
        Operation::Add { a, b } | Operation::Mul { a, b } => (a, b, U256::ZERO),
        Operation::MulMod { a, b, m } => (a, b, m),
    };
    let is_add = matches!(operation, Operation::Add { .. });
    let is_mul_mod = matches!(operation, Operation::MulMod { .. });
    row.is_add = Felt::from_bool(is_add);
    row.is_mul = Felt::from_bool(matches!(operation, Operation::Mul { .. }));
    row.is_mul_mod = Felt::from_bool(is_mul_mod);
    row.a = felts(limbs16(a));
    row.b = felts(limbs16(b));
    row.m = felts(limbs16(m));
    row.c = felts(limbs16(c));
    row.quotient = felts(limbs16(quotient));

    let signed = |value: U256| limbs16(value).map(i128::from);
    let (a, b, m_limbs, c_limbs, q) =
        (signed(a), signed(b), signed(m), signed(c), signed(quotient));
    let right = product(&q, &m_limbs);
    let mut coefficients: Vec<i128> = if is_add {
        a.iter().zip(&b).map(|(x, y)| x + y).collect()
    } else {
        product(&a, &b).to_vec()
    };
    coefficients.resize(2 * LIMBS, 0);
    for (coefficient, other) in coefficients.iter_mut().zip(right) {
        *coefficient -= other;
    }
    for (coefficient, other) in coefficients.iter_mut().zip(c_limbs) {
        *coefficient -= other;
    }
    fill_carries(&coefficients, &mut row.carries)
        .ok_or_else(|| Error::Events(format!("carry out of range: {operation:?}")))?;
    if is_mul_mod {
        fill_order(row, c, m);
    }
    Ok(())
}

fn fill_order(row: &mut Arith<Felt>, c: U256, m: U256) {
    // c < m, so nothing wraps.
    let difference = m.wrapping_sub(c).wrapping_sub(U256::ONE);
    row.difference = felts(limbs16(difference));
    for (position, carry) in row.order_carries.iter_mut().enumerate() {
        let mask = (U256::ONE << (32 * (position + 1))) - U256::ONE;
        let sum = (c & mask) + (difference & mask) + U256::ONE;
        *carry = Felt::from_bool(sum > mask);
    }
}
