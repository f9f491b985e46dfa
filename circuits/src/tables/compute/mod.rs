//! Claims of the kind [`Compute`](crate::bus::Message::Compute), and the one choice of who proves which.
//!
//! Several tables receive this kind of message. Which of them takes a claim is nothing that constraints say: any of them that accepts a claim
//! has proved it. The choice here decides only whose rows are filled, and goes for the fewest cells: what takes a narrow row gets one.

use alloy_primitives::U256;
use braid_stark::{Felt, Message};
use plonky2::field::types::PrimeField64;

use crate::bus::tag;
use crate::chunk::Claims;
use crate::error::Error;
use crate::event::opcode::*;
use crate::event::steps::arithmetic;
use crate::execution::Execution;
use crate::tables::opcode::Class;
use crate::word::{WORD_LIMBS, limbs32, number_of};

#[cfg(test)]
pub mod test_support;
#[cfg(test)]
mod tests;

/// A 32-bit limb of ones.
pub const FULL_LIMB: u64 = (1 << 32) - 1;

/// A table that proves `Compute` claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prover {
    /// [`narrow`](crate::tables::narrow).
    Narrow,
    /// [`bits`](crate::tables::bits).
    Bits,
    /// [`shift`](crate::tables::shift).
    Shift,
}

/// An opcode with its operands: what is asked of the tables; the result follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The opcode.
    pub opcode: u8,
    /// First operand, from the top of the stack.
    pub a: U256,
    /// Second operand; zero where the opcode takes one.
    pub b: U256,
}

impl Operation {
    /// What a `Compute` claim asks for; `None` for what no claim of an opcode looks like.
    pub fn of_claim(claim: &Message<Felt>) -> Option<Self> {
        if claim.tag != tag::Compute {
            return None;
        }
        let (opcode, words) = claim.payload.split_first()?;
        let mut words = words.chunks_exact(WORD_LIMBS).map(number_of);
        Some(Self {
            opcode: u8::try_from(opcode.to_canonical_u64()).ok()?,
            a: words.next()?,
            b: words.next()?,
        })
    }

    /// The result; `None` if the opcode's result does not follow from these operands.
    pub fn result(&self) -> Option<U256> {
        arithmetic::result(self.opcode, self.a, self.b, U256::ZERO)
    }

    /// Which table's row proves it; `None` if none of these tables does.
    pub fn prover(&self) -> Option<Prover> {
        match self.opcode {
            ADD | SUB | LT | GT | SLT | SGT | EQ | ISZERO | NOT => Some(Prover::Narrow),
            AND if is_limb_mask(self.a, self.b) => Some(Prover::Narrow),
            SHL | SHR if moves_limbs(self.a) => Some(Prover::Narrow),
            AND | OR | XOR => Some(Prover::Bits),
            SHL | SHR | SAR | BYTE | SIGNEXTEND | CLZ => Some(Prover::Shift),
            _ => None,
        }
    }

    /// That no row of `table` proves this.
    pub(crate) fn refused(&self, table: &str) -> Error {
        Error::Events(format!("table {table} does not compute {self:?}"))
    }
}

/// Whether each limb of one operand or of the other has no ones or nothing but ones.
fn is_limb_mask(a: U256, b: U256) -> bool {
    let plain = |limb: u64| limb == 0 || limb == FULL_LIMB;
    let mut limbs = limbs32(a).into_iter().zip(limbs32(b));
    limbs.all(|(a, b)| plain(a) || plain(b))
}

/// Whether a shift by `amount` moves whole limbs, not all of them out of the word.
fn moves_limbs(amount: U256) -> bool {
    amount < U256::from(256) && amount.as_limbs()[0].is_multiple_of(32)
}

/// The operations that steps claim which do not halt.
pub(crate) fn performed(execution: &Execution) -> impl Iterator<Item = Operation> {
    let steps = execution.steps.iter();
    let steps =
        steps.filter(|step| step.halt.is_none() && Class::of(step.opcode) == Some(Class::Compute));
    steps.map(|step| {
        let word = |place: usize| step.popped.get(place).map_or(U256::ZERO, |word| word.value);
        Operation {
            opcode: step.opcode,
            a: word(0),
            b: word(1),
        }
    })
}

/// How many of them `prover` is filled with.
pub(crate) fn performed_by(execution: &Execution, prover: Prover) -> usize {
    let operations = performed(execution);
    let own = operations.filter(|operation| operation.prover() == Some(prover));
    own.count()
}

/// The operations that tables ask `prover` for.
pub(crate) fn claimed(claims: &Claims, prover: Prover) -> Vec<Operation> {
    let claims = claims.of(&[tag::Compute]);
    let operations = claims.filter_map(Operation::of_claim);
    operations
        .filter(|operation| operation.prover() == Some(prover))
        .collect()
}
