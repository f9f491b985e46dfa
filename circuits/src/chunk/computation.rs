//! Claims of what opcodes compute, as numbers.

use alloy_primitives::U256;
use braid_stark::{Felt, Message};
use plonky2::field::types::PrimeField64;

use super::claims::Claims;
use crate::bus::tag;
use crate::error::Error;
use crate::event::steps::arithmetic;
use crate::word::{WORD_LIMBS, number_of};

/// What a claim of the kind `Compute` or `Compute3` asks for; its result is computed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Computation {
    /// The opcode.
    pub opcode: u8,
    /// Its operands, from the top of the stack; zero where it has none.
    pub operands: [U256; 3],
}

impl Computation {
    /// What `message` asks for; `None` if it is of another kind.
    fn of(message: &Message<Felt>) -> Option<Self> {
        if ![tag::Compute, tag::Compute3].contains(&message.tag) {
            return None;
        }
        let (opcode, words) = message.payload.split_first()?;
        let mut operands = [U256::ZERO; 3];
        let (words, _) = words.split_last_chunk::<WORD_LIMBS>()?;
        for (operand, limbs) in operands.iter_mut().zip(words.chunks(WORD_LIMBS)) {
            *operand = number_of(limbs);
        }
        Some(Self {
            opcode: u8::try_from(opcode.to_canonical_u64()).ok()?,
            operands,
        })
    }

    /// What the opcode makes of the operands.
    ///
    /// # Errors
    /// [`Error::Events`] if the result depends on more than operands.
    pub fn result(&self) -> Result<U256, Error> {
        let [a, b, c] = self.operands;
        arithmetic::result(self.opcode, a, b, c).ok_or_else(|| self.refused())
    }

    /// What another opcode makes of the same operands.
    ///
    /// # Errors
    /// As [`Self::result`].
    pub fn result_of(self, opcode: u8) -> Result<U256, Error> {
        Self { opcode, ..self }.result()
    }

    /// That a table which was given this computation does not prove it.
    pub fn refused(&self) -> Error {
        Error::Events(format!("no such computation: {self:?}"))
    }
}

impl Claims {
    /// What is claimed of `opcodes`, in order.
    pub fn computations(&self, opcodes: &[u8]) -> impl Iterator<Item = Computation> {
        let claims = self.of(&[tag::Compute, tag::Compute3]);
        claims
            .filter_map(Computation::of)
            .filter(|computation| opcodes.contains(&computation.opcode))
    }
}
