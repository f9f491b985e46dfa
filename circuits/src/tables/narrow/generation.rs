//! Filling `narrow`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Comparison, NarrowColumns};
use crate::error::Error;
use crate::event::opcode::*;
use crate::limbs::halves;
use crate::tables::compute::{FULL_LIMB, Operation, Prover};
use crate::word::{WORD_LIMBS, Word, limbs32, word};

/// The booleans of a row; all other cells follow from them and from the operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choice {
    /// See [`NarrowColumns::bits`].
    pub bits: [bool; WORD_LIMBS],
    /// See [`Comparison::less`].
    pub less: bool,
    /// Signs of the operands.
    pub signs: [bool; 2],
}

impl Choice {
    /// The true one.
    fn of(operation: &Operation) -> Self {
        let Operation { opcode, a, b } = *operation;
        let limbs = limbs32(a).into_iter().zip(limbs32(b));
        let mut choice = Self::default();
        let mut carry = false;
        for (bit, (a, b)) in choice.bits.iter_mut().zip(limbs.clone()) {
            *bit = match opcode {
                ADD => a + b + u64::from(carry) > FULL_LIMB,
                SUB => a < b + u64::from(carry),
                // The limb of the other operand is then a mask's, unless it is one itself.
                AND => a == FULL_LIMB || (b == FULL_LIMB && a != 0),
                _ => false,
            };
            carry = *bit;
        }
        match opcode {
            SHL | SHR => {
                let limbs = a.as_limbs()[0] / 32;
                choice.bits = core::array::from_fn(|position| position as u64 == limbs);
            }
            LT | GT | SLT | SGT | EQ | ISZERO => {
                let highest = limbs.enumerate().rfind(|(_, (a, b))| a != b);
                let highest = highest.map(|(position, _)| position);
                choice.bits = core::array::from_fn(|position| Some(position) == highest);
                choice.less = a < b;
            }
            _ => {}
        }
        if let SLT | SGT = opcode {
            choice.signs = [a, b].map(|operand| operand.bit(255));
            choice.less = (a < b) ^ choice.signs[0] ^ choice.signs[1];
        }
        choice
    }
}

/// The rows of `operations`, in order.
///
/// # Errors
/// When an operation is not this table's.
pub fn generate(operations: &[Operation]) -> Result<Trace, Error> {
    let mut trace = Trace::new(NarrowColumns::<Felt>::WIDTH);
    for operation in operations {
        if operation.prover() != Some(Prover::Narrow) {
            return Err(operation.refused("narrow"));
        }
        fill(trace.push(), operation, Choice::of(operation));
    }
    Ok(trace)
}

/// Fills a row from its booleans. For those that are not true, cells are what the constraints ask for, in range or not.
pub(super) fn fill(row: &mut NarrowColumns<Felt>, operation: &Operation, choice: Choice) {
    let Operation { opcode, a, b } = *operation;
    let flag = match opcode {
        ADD => &mut row.is_add,
        SUB => &mut row.is_sub,
        LT | SLT => &mut row.is_less,
        GT | SGT => &mut row.is_greater,
        EQ | ISZERO => &mut row.is_equal,
        NOT => &mut row.is_not,
        AND => &mut row.is_and,
        SHL => &mut row.is_shl,
        _ => &mut row.is_shr,
    };
    *flag = Felt::ONE;
    row.a = word(a);
    row.b = word(b);
    row.bits = choice.bits.map(Felt::from_bool);
    if let LT | GT | SLT | SGT | EQ | ISZERO = opcode {
        compare(row, matches!(opcode, SLT | SGT | ISZERO), choice);
        return;
    }
    let result = result_of(opcode, a, b, &row.bits);
    for (cells, limb) in row.result.chunks_exact_mut(2).zip(result) {
        cells.copy_from_slice(&halves(limb));
    }
}

/// The limbs that the constraints ask for.
fn result_of(opcode: u8, a: U256, b: U256, bits: &Word<Felt>) -> Word<Felt> {
    let (a, b) = (word(a), word(b));
    let full = Felt::from_canonical_u64(FULL_LIMB);
    let base = full + Felt::ONE;
    let moved = |position: &dyn Fn(usize) -> Option<usize>| -> Felt {
        let limbs = bits.iter().enumerate();
        let limbs = limbs.filter_map(|(limbs, bit)| Some(*bit * *b.get(position(limbs)?)?));
        limbs.sum()
    };
    core::array::from_fn(|limb| {
        let below = limb.checked_sub(1).and_then(|below| bits.get(below));
        let carry_in = below.copied().unwrap_or(Felt::ZERO);
        match opcode {
            ADD => a[limb] + b[limb] + carry_in - base * bits[limb],
            SUB => a[limb] - b[limb] - carry_in + base * bits[limb],
            NOT => full - a[limb],
            AND => a[limb] * b[limb] * full.inverse(),
            SHL => moved(&|limbs| limb.checked_sub(limbs)),
            _ => moved(&|limbs| limb.checked_add(limbs)),
        }
    })
}

fn compare(row: &mut NarrowColumns<Felt>, variant: bool, choice: Choice) {
    let base = Felt::from_canonical_u64(1 << 32);
    let signs = choice.signs.map(Felt::from_bool);
    let chosen = |position: usize| row.bits[position] * (row.b[position] - row.a[position]);
    let mut difference: Felt = (0..WORD_LIMBS).map(chosen).sum();
    if row.is_equal == Felt::ZERO {
        difference += row.bits[WORD_LIMBS - 1] * base * (signs[0] - signs[1]);
    }
    let top = |operand: &Word<Felt>, sign| operand[WORD_LIMBS - 1].double() - base * sign;
    let rests = [top(&row.a, signs[0]), top(&row.b, signs[1])];
    let comparison: &mut Comparison<Felt> = Comparison::from_slice_mut(&mut row.result);
    comparison.less = Felt::from_bool(choice.less);
    comparison.variant = Felt::from_bool(variant);
    [comparison.sign_a, comparison.sign_b] = signs;
    if choice.bits.contains(&true) {
        let distance = if choice.less { difference } else { -difference };
        comparison.difference = halves(distance - Felt::ONE);
    }
    // Used where signs are: other rows leave them out.
    if variant && row.is_equal == Felt::ZERO {
        [comparison.rest_a, comparison.rest_b] = rests.map(halves);
    }
}
