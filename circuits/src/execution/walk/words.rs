//! What a step takes from the stack and leaves there, and what its words say.

use alloy_primitives::U256;

use super::{Found, NO_STACK};
use crate::event::opcode::*;
use crate::event::trace::Halt;
use crate::execution::frame::{CallInput, Returned};
use crate::execution::stack::{Popped, Stack};
use crate::execution::step::{PerformedStep, Registers};
use crate::tables::opcode::Class;

/// Offset and length of a region of memory, where the words that say so are at these places among those popped. A region without bytes is nowhere.
fn region_of(step: &PerformedStep, offset: usize) -> Option<(u64, u64)> {
    let word = |index: usize| step.popped.get(index).map(|word| word.value);
    let length = u64::try_from(word(offset + 1)?).ok()?;
    match length {
        0 => Some((0, 0)),
        _ => Some((u64::try_from(word(offset)?).ok()?, length)),
    }
}

/// What the frame is called with that a step opens.
pub(super) fn input_of_call(step: &PerformedStep) -> Result<CallInput, &'static str> {
    let place = match step.opcode {
        CREATE | CREATE2 => 1,
        CALL | CALLCODE => 3,
        _ => 2,
    };
    let (offset, length) = region_of(step, place).ok_or("a call with more than there can be")?;
    Ok(CallInput {
        frame: step.frame,
        offset,
        length,
    })
}

/// Where a step that opens a frame wants what it hands back.
pub(super) fn output_of_call(step: &PerformedStep) -> Returned {
    let place = match step.opcode {
        CREATE | CREATE2 => return Returned::default(),
        CALL | CALLCODE => 5,
        _ => 4,
    };
    let (offset, length) = region_of(step, place).unwrap_or_default();
    Returned { offset, length }
}

/// What a step hands back that ends its frame.
pub(super) fn returned_by(step: &PerformedStep) -> Returned {
    let hands_back = step.halt.is_none() && matches!(step.opcode, RETURN | REVERT);
    let region = hands_back.then(|| region_of(step, 0)).flatten();
    let (offset, length) = region.unwrap_or_default();
    Returned { offset, length }
}

/// Why a step halts. What it costs may be known before its operands are looked at, and gas be the reason, although there are none.
pub(super) fn reason(halt: Halt, found: &Found<'_>) -> Halt {
    let delegated = matches!(Class::of(found.opcode), Some(Class::Step | Class::Leave));
    let inputs = operation(found.opcode).map_or(0, |known| known.inputs);
    let lacks = found.stack.len() < usize::from(inputs);
    let early = matches!(halt, Halt::OutOfGas | Halt::StaticViolation);
    if early && delegated && lacks {
        return Halt::StackUnderflow;
    }
    halt
}

/// Takes the words that a step takes, and puts back those that only move.
pub(super) fn popped(
    class: Option<Class>,
    opcode: u8,
    stack: &mut Stack,
    clock: u64,
) -> Result<Vec<Popped>, &'static str> {
    let writes = 2 * clock + 1;
    let at = |stack: &Stack, depth: u8| stack.peek(depth.into()).ok_or(NO_STACK);
    match class {
        Some(Class::Duplicate(depth)) => {
            let word = at(stack, depth)?;
            stack.put(depth.into(), word.value, writes);
            stack.push(word.value, writes);
            Ok(vec![word])
        }
        Some(Class::Swap(depth)) => {
            let (top, below) = (at(stack, 0)?, at(stack, depth)?);
            stack.put(0, below.value, writes);
            stack.put(depth.into(), top.value, writes);
            Ok(vec![top, below])
        }
        _ => {
            let inputs = operation(opcode).map_or(0, |known| known.inputs);
            (0..inputs).map(|_| stack.pop().ok_or(NO_STACK)).collect()
        }
    }
}

/// Notes what the step before left: registers, and the word that it pushed.
pub(super) fn close(
    step: &mut PerformedStep,
    stack: &mut Stack,
    after: Registers,
    words: &[U256],
) -> Result<(), &'static str> {
    step.after = Some(after);
    match Class::of(step.opcode) {
        Some(Class::Duplicate(_) | Class::Swap(_)) => step.pushed = words.last().copied(),
        _ => {
            let outputs = operation(step.opcode).map_or(0, |known| known.outputs);
            if outputs > 0 {
                let word = *words.last().ok_or(NO_STACK)?;
                stack.push(word, 2 * step.clock + 1);
                step.pushed = Some(word);
            }
        }
    }
    Ok(())
}
