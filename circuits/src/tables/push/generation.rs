//! Filling.

use std::collections::BTreeMap;

use braid_stark::{Columns, Expression, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{BYTES, PushColumns};
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::opcode::{PC, push_length};
use crate::word::WORD_LIMBS;

/// An instruction whose value follows from code and position: a PUSH or PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Immediate {
    /// The code that it is in, counted from 1.
    pub code: u64,
    /// Where it is there.
    pub pc: u64,
    /// The opcode.
    pub opcode: u8,
}

impl Immediate {
    /// The data of the instruction, filled up with zeros where the code ends early.
    ///
    /// # Errors
    /// [`Error::Events`] when the code has no such opcode there.
    fn data(&self, codes: &[CodeEvent]) -> Result<Vec<u8>, Error> {
        let index = |number| usize::try_from(number).ok();
        let code = self.code.checked_sub(1).and_then(index);
        let code = code.and_then(|position| codes.get(position));
        let rest = code.and_then(|code| code.bytes.get(index(self.pc)?..));
        match rest.and_then(|rest| rest.split_first()) {
            Some((opcode, rest)) if *opcode == self.opcode => {
                let length = usize::from(push_length(self.opcode));
                let zeros = core::iter::repeat(0);
                Ok(rest.iter().copied().chain(zeros).take(length).collect())
            }
            _ => Err(Error::Events(format!("there is no such code: {self:?}"))),
        }
    }
}

/// The rows of `immediates`, each with how often it is claimed.
///
/// # Errors
/// [`Error::Events`] when a code does not have the instruction.
pub fn generate(
    codes: &[CodeEvent],
    immediates: &BTreeMap<Immediate, u64>,
) -> Result<Trace, Error> {
    let mut trace = Trace::new(PushColumns::<Felt>::WIDTH);
    for (immediate, count) in immediates {
        fill(&mut trace, immediate, &immediate.data(codes)?, *count);
    }
    Ok(trace)
}

/// How many rows an instruction takes with so many bytes of data.
pub(super) fn rows_of(bytes: usize) -> usize {
    bytes.div_ceil(BYTES).max(1)
}

/// The rows of one instruction: the first takes what the others, which take a limb each, leave.
fn fill(trace: &mut Trace, immediate: &Immediate, data: &[u8], count: u64) {
    let rows = rows_of(data.len());
    let (first, others) = data.split_at(data.len() - BYTES * (rows - 1));
    let limbs = core::iter::once(first).chain(others.chunks(BYTES));
    let mut high = [Felt::ZERO; WORD_LIMBS - 1];
    let mut taken = Felt::ZERO;
    for (position, limb) in (1..).zip(limbs) {
        let row: &mut PushColumns<Felt> = trace.push();
        row.code = Felt::from_noncanonical_u64(immediate.code);
        row.pc = Felt::from_noncanonical_u64(immediate.pc);
        for ((takes, byte), value) in row
            .takes
            .iter_mut()
            .zip(&mut row.bytes)
            .zip(limb.iter().rev())
        {
            *takes = Felt::ONE;
            *byte = Felt::from_canonical_u8(*value);
            taken += Felt::ONE;
        }
        row.taken = taken;
        row.high = high;
        row.continues = Felt::from_bool(position < rows);
        high.rotate_right(1);
        high[0] = Felt::from_limbs(&row.bytes, 8);
        if position == rows {
            row.count = Felt::from_noncanonical_u64(count);
        }
        if immediate.opcode == PC {
            row.is_pc = Felt::ONE;
            row.bytes[0] = row.pc;
        }
    }
}
