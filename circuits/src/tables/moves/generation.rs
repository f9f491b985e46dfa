//! Filling `moves`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::air::{COPY_WORD, HASH_WORD, constant_gas};
use super::columns::{MovesColumns, Operand};
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::opcode::*;
use crate::event::trace::Halt;
use crate::execution::{Execution, PerformedStep, Popped, WORD_BYTES, moves_bytes};
use crate::limbs::low_limbs;
use crate::region::{Distance, near_bytes};
use crate::tables::growth::growth;
use crate::word::{limbs32, word};

/// Whether this table does the step, or shows that it halts.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    let here = matches!(
        step.halt,
        None | Some(Halt::OutOfGas | Halt::ReturnDataOutOfBounds)
    );
    here && moves_bytes(step.opcode)
}

/// What memory is asked to hold by a step with a row: the first byte, and how many. None if there are none, or a word is 2^32 or more.
pub(super) fn held(step: &PerformedStep) -> Option<[u64; 2]> {
    let word = |index: usize| step.popped.get(index).map(|popped| popped.value);
    let (offset, length) = match step.opcode {
        MCOPY => (word(0)?.max(word(1)?), word(2)?),
        CALLDATACOPY | CODECOPY | RETURNDATACOPY => (word(0)?, word(2)?),
        KECCAK256 => (word(0)?, word(1)?),
        _ => return None,
    };
    let asks = step.halt != Some(Halt::ReturnDataOutOfBounds);
    near_bytes(offset, length).filter(|_| asks)
}

/// A row for each step that this table does, or shows to halt.
///
/// # Errors
/// [`Error::Events`] when a step leaves other registers than it can, or does not lack what it is said to lack.
pub fn generate(execution: &Execution, codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(MovesColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        if !has_row(step) {
            continue;
        }
        fill(trace.push(), step, execution, codes).ok_or_else(|| {
            let (clock, opcode) = (step.clock, step.opcode);
            Error::Events(format!(
                "step {clock} of the chunk does what opcode {opcode:#x} cannot do"
            ))
        })?;
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn operand(popped: Option<&Popped>) -> Operand<Felt> {
    Operand {
        value: word(popped.map_or(U256::ZERO, |popped| popped.value)),
        pushed: felt(popped.map_or(0, |popped| popped.pushed)),
    }
}

/// The sum of all limbs but the lowest.
fn high(operand: &Operand<Felt>) -> Felt {
    operand.value[1..].iter().copied().sum()
}

fn inverse(value: Felt) -> Felt {
    value.try_inverse().unwrap_or_default()
}

/// The lowest limb of an operand.
fn low(popped: Option<&Popped>) -> u64 {
    popped.map_or(0, |popped| limbs32(popped.value)[0])
}

/// Fills a row; `None` if the step is another.
fn fill(
    row: &mut MovesColumns<Felt>,
    step: &PerformedStep,
    execution: &Execution,
    codes: &[CodeEvent],
) -> Option<()> {
    let flags = &mut row.opcode;
    let flag = match step.opcode {
        CALLDATACOPY => &mut flags.input_copy,
        CODECOPY => &mut flags.code_copy,
        RETURNDATACOPY => &mut flags.return_copy,
        MCOPY => &mut flags.memory_copy,
        KECCAK256 => &mut flags.hash,
        CALLDATALOAD => &mut flags.load,
        _ => &mut flags.size,
    };
    *flag = Felt::ONE;
    let copies = matches!(
        step.opcode,
        CALLDATACOPY | CODECOPY | RETURNDATACOPY | MCOPY
    );
    let own_memory = matches!(step.opcode, MCOPY | KECCAK256);
    row.step = Delegated::of(step);
    let popped = &step.popped;
    let [target, source, length] = match (copies, step.opcode) {
        (true, _) => [popped.first(), popped.get(1), popped.get(2)],
        (false, KECCAK256) => [None, popped.first(), popped.get(1)],
        _ => [None, popped.first(), None],
    };
    row.target = operand(target);
    row.source = operand(source);
    row.length = operand(length);
    row.length_inverse = inverse(row.length.value.iter().copied().sum());
    let mut distance = Distance::of(&row.length.value);
    if copies {
        distance = distance + Distance::of(&row.target.value);
    }
    if own_memory {
        distance = distance + Distance::of(&row.source.value);
    }
    (row.high, row.higher) = (distance.high, distance.higher);
    origin(row, step, execution, codes)?;
    if let Some(pushed) = step.pushed.filter(|_| step.halt.is_none()) {
        row.result = word(pushed);
    }
    let (target, source, length) = (low(target), low(source), low(length));
    let farther = step.opcode == MCOPY && source > target;
    row.farther = Felt::from_bool(farther);
    let reach = match step.opcode {
        _ if farther => source,
        KECCAK256 => source,
        _ if copies => target,
        _ => 0,
    };
    row.reach = felt(reach);
    row.next_words = felt(step.before.words);
    let constant = constant_gas(step.opcode);
    row.cost = felt(constant);
    let case = &mut row.case;
    if step.halt == Some(Halt::ReturnDataOutOfBounds) {
        let beyond = high(&row.source) + high(&row.length);
        if beyond != Felt::ZERO {
            case.far_over = Felt::ONE;
            row.high_inverse = inverse(beyond);
        } else {
            case.over = Felt::ONE;
            let [_, _, bytes, ..] = limbs32(step.return_data.as_ref()?.after.value);
            row.excess = low_limbs((source + length).checked_sub(bytes + 1)?);
        }
        return Some(());
    }
    let named = row.length.value != [Felt::ZERO; 8];
    if named && row.high != Felt::ZERO {
        step.halt?;
        row.case.far = Felt::ONE;
        (row.beyond, row.high_inverse) = distance.shown(step.before.gas)?;
        return Some(());
    }
    let mut cost = constant;
    let mut words = step.before.words;
    if named {
        let (next_words, grown) = growth(words, reach, length)?;
        let price = if copies { COPY_WORD } else { HASH_WORD };
        cost += grown + price * length.div_ceil(WORD_BYTES);
        row.growth = felt(grown);
        row.next_words = felt(next_words);
        row.last = low_limbs((length - 1) / WORD_BYTES);
        row.rest = felt((length - 1) % WORD_BYTES);
        row.cost = felt(cost);
        if step.opcode == MCOPY {
            row.margin = low_limbs(source.abs_diff(target));
        }
        words = next_words;
    }
    if step.halt.is_some() {
        match named {
            true => row.case.lacks = Felt::ONE,
            false => row.case.lacks_plain = Felt::ONE,
        }
        row.excess = low_limbs(cost.checked_sub(step.before.gas + 1)?);
        return Some(());
    }
    let after = step.after?;
    if after.words != words || after.gas + cost != step.before.gas {
        return None;
    }
    if matches!(step.opcode, CALLDATACOPY | CODECOPY | CALLDATALOAD) {
        let beyond = high(&row.source);
        row.distant = Felt::from_bool(beyond != Felt::ZERO);
        row.high_inverse = inverse(beyond);
    }
    if step.opcode == RETURNDATACOPY {
        let [_, _, bytes, ..] = limbs32(step.return_data.as_ref()?.after.value);
        row.margin = low_limbs(bytes.checked_sub(source + length)?);
    }
    if !named {
        row.case.plain = Felt::ONE;
    } else if words == step.before.words {
        row.case.fits = Felt::ONE;
        row.excess = low_limbs(WORD_BYTES * words - reach - length);
    } else {
        row.case.grows = Felt::ONE;
    }
    Some(())
}

/// Where bytes come from.
fn origin(
    row: &mut MovesColumns<Felt>,
    step: &PerformedStep,
    execution: &Execution,
    codes: &[CodeEvent],
) -> Option<()> {
    match step.opcode {
        CALLDATACOPY | CALLDATALOAD => {
            let frame = execution.frames.get(step.frame as usize - 1)?;
            row.input_frame = felt(frame.input.frame);
            row.frame_inverse = inverse(row.input_frame);
            row.transaction = felt(frame.transaction);
            row.base = felt(frame.input.offset);
            row.bytes = felt(frame.input.length);
            row.outer = Felt::from_bool(frame.input.frame == 0);
            row.origin = match frame.input.frame {
                0 => row.transaction,
                _ => row.input_frame,
            };
        }
        CODECOPY => {
            let code = codes.get(step.code.checked_sub(1)? as usize)?;
            row.origin = felt(step.code);
            row.bytes = felt(code.size().ok()?.into());
        }
        MCOPY | KECCAK256 => row.origin = felt(step.frame),
        _ => {
            if let Some(register) = &step.return_data {
                let value = word(register.after.value);
                [row.origin, row.base, row.bytes, ..] = value;
                row.accessed = felt(register.before.timestamp);
            }
        }
    }
    Some(())
}
