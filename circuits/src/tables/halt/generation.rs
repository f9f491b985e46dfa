//! Filling `halt`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::HaltColumns;
use crate::bus::DATA;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::Rules;
use crate::event::code::CodeEvent;
use crate::event::opcode::{CLZ, JUMP, JUMPDEST, JUMPI, operation, push_length};
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep, Popped};
use crate::limbs::low_limbs;
use crate::statement::rules_element;
use crate::tables::code::padded_size;
use crate::tables::opcode::{Class, Needs};
use crate::word::word;

/// Whether the step halts its frame for a reason that this table shows.
pub(super) fn is_shown_here(step: &PerformedStep) -> bool {
    match step.halt {
        Some(Halt::StackUnderflow | Halt::StackOverflow | Halt::InvalidJump) => true,
        Some(Halt::UndefinedOpcode | Halt::InvalidOpcode) => true,
        Some(Halt::OutOfGas) => !matches!(
            Class::of(step.opcode),
            None | Some(Class::Step | Class::Leave)
        ),
        _ => false,
    }
}

/// A row for each step that halts its frame for a reason that this table shows.
///
/// # Errors
/// [`Error::Events`] when the reason that a trace gives is none.
pub fn generate(execution: &Execution, codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(HaltColumns::<Felt>::WIDTH);
    let steps = execution.steps.iter();
    for step in steps.filter(|step| is_shown_here(step)) {
        fill(trace.push(), step, codes, execution.rules).ok_or_else(|| {
            let (clock, halt) = (step.clock, step.halt);
            Error::Events(format!(
                "step {clock} of the chunk does not halt by {halt:?}"
            ))
        })?;
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// Fills a row; `None` if the reason does not hold.
fn fill(
    row: &mut HaltColumns<Felt>,
    step: &PerformedStep,
    codes: &[CodeEvent],
    rules: Rules,
) -> Option<()> {
    let before = &step.before;
    row.step = Delegated::of(step);
    row.opcode = Felt::from_canonical_u8(step.opcode);
    row.needs = Needs::of(step.opcode);
    let known = operation(step.opcode);
    let excess = match step.halt? {
        Halt::OutOfGas => {
            row.out_of_gas = Felt::ONE;
            u64::from(known?.gas)
                .checked_sub(before.gas)?
                .checked_sub(1)?
        }
        // revm calls it an overflow where DUP lacks a word.
        Halt::StackUnderflow | Halt::StackOverflow => {
            let known = known?;
            let (inputs, outputs) = (u64::from(known.inputs), u64::from(known.outputs));
            match inputs.checked_sub(before.sp) {
                Some(lacking) if lacking > 0 => {
                    row.underflow = Felt::ONE;
                    lacking - 1
                }
                _ => {
                    row.overflow = Felt::ONE;
                    (before.sp + outputs).checked_sub(inputs + 1025)?
                }
            }
        }
        Halt::UndefinedOpcode if step.opcode == CLZ && rules < Rules::Osaka => {
            row.too_early = Felt::ONE;
            row.rules = rules_element(rules);
            0
        }
        Halt::UndefinedOpcode | Halt::InvalidOpcode => {
            row.undefined = row.needs.defined.eq(&Felt::ZERO).then_some(Felt::ONE)?;
            0
        }
        Halt::InvalidJump => jump(row, step, codes)?,
        _ => return None,
    };
    row.excess = low_limbs(excess);
    Some(())
}

/// Fills why there is no JUMPDEST; gives by how much the target is too large.
fn jump(row: &mut HaltColumns<Felt>, step: &PerformedStep, codes: &[CodeEvent]) -> Option<u64> {
    let mut popped = step.popped.iter();
    let mut take = |value: &mut [Felt; 8], pushed: &mut Felt| {
        let word_of: &Popped = popped.next()?;
        *value = word(word_of.value);
        *pushed = felt(word_of.pushed);
        Some(word_of.value)
    };
    let target = take(&mut row.target, &mut row.target_pushed)?;
    match step.opcode {
        JUMP => row.jumps = Felt::ONE,
        JUMPI => {
            row.jumps_if = Felt::ONE;
            take(&mut row.condition, &mut row.condition_pushed)?;
            let sum: Felt = row.condition.into_iter().sum();
            row.condition_inverse = sum.try_inverse()?;
        }
        _ => return None,
    }
    let code = codes.get(usize::try_from(step.code).ok()?.checked_sub(1)?)?;
    let size = code.bytes.len() as u64;
    if target >= U256::from(1u64 << 32) {
        row.far = Felt::ONE;
        let high: Felt = row.target[1..].iter().copied().sum();
        row.inverse = high.try_inverse()?;
        return Some(0);
    }
    let target = target.as_limbs()[0];
    if target >= size {
        row.beyond = Felt::ONE;
        row.size = felt(size);
        return Some(target - size);
    }
    row.other = Felt::ONE;
    row.found = felt(instruction(&code.bytes, target));
    let difference = row.found - Felt::from_canonical_u8(JUMPDEST);
    row.inverse = difference.try_inverse()?;
    Some(0)
}

/// What the table `code` offers at this place.
fn instruction(code: &[u8], place: u64) -> u64 {
    let mut starts = 0;
    while starts < place && starts < padded_size(code.len()) as u64 {
        let opcode = code.get(starts as usize).copied().unwrap_or(0);
        starts += 1 + u64::from(push_length(opcode));
    }
    let byte = u64::from(code.get(place as usize).copied().unwrap_or(0));
    if starts == place { byte } else { byte + DATA }
}
