//! Calls: steps that open a frame, with what they find in the state.

use std::collections::HashMap;

use alloy_primitives::U256;

use super::Execution;
use super::accounts::{AccountTouch, AccountUse};
use super::frame::PerformedFrame;
use super::step::{PerformedStep, is_call};
use super::storage_gas::WARM_GAS;
use crate::event::opcode::{CALL, CALLCODE};
use crate::event::trace::Halt;
use crate::region::near_bytes;
use crate::tables::growth::growth;

/// Gas of an access to a cold account (EIP-2929).
pub const COLD_ACCESS: u64 = 2600;
/// Gas of moving value (Yellow Paper, G_callvalue).
pub const CALL_VALUE: u64 = 9000;
/// Gas that a call with value gives beside what it is asked for (Yellow Paper, G_callstipend).
pub const STIPEND: u64 = 2300;
/// Gas of moving value to an account that does not exist (Yellow Paper, G_newaccount).
pub const NEW_ACCOUNT: u64 = 25_000;
/// The depth of the deepest frame, where that of the transaction's own is 1.
pub const DEEPEST: u64 = 1025;

/// A step that calls, or halts its frame for want of gas or because the frame is static.
#[derive(Clone, Copy, Debug)]
pub struct PerformedCall<'a> {
    /// The step.
    pub step: &'a PerformedStep,
    /// The frame that it opens, if it does not halt.
    pub frame: Option<&'a PerformedFrame>,
    /// The access to the account that it calls, or what that would have been; none of a step that halts because its frame is static.
    pub touch: Option<&'a AccountTouch>,
}

impl PerformedCall<'_> {
    /// The value that the stack has for it; zero for calls without one.
    pub fn value(&self) -> U256 {
        let value = self.step.popped.get(2).map(|word| word.value);
        let takes = matches!(self.step.opcode, CALL | CALLCODE);
        value.filter(|_| takes).unwrap_or_default()
    }

    /// Words of memory after the input has its place and after the output has, and what each costs; `None` if a region is far.
    pub fn growth(&self) -> Option<[(u64, u64); 2]> {
        let popped = &self.step.popped;
        let [.., input, input_length, output, output_length] = popped.as_slice() else {
            return None;
        };
        let grow = |words: u64, offset: U256, length: U256| match length.is_zero() {
            true => Some((words, 0)),
            false => growth(words, offset.try_into().ok()?, length.try_into().ok()?),
        };
        let words = self.step.before.words;
        let first = grow(words, input.value, input_length.value)?;
        let second = grow(first.0, output.value, output_length.value)?;
        Some([first, second])
    }

    /// First byte and length of its input and of where its output goes, where there are bytes and both numbers are below 2^32.
    pub fn regions(&self) -> [Option<[u64; 2]>; 2] {
        let [.., input, input_length, output, output_length] = self.step.popped.as_slice() else {
            return [None; 2];
        };
        let pairs = [(input, input_length), (output, output_length)];
        pairs.map(|(offset, length)| near_bytes(offset.value, length.value))
    }

    /// What it costs without what it gives to the frame; `None` if a region is far.
    pub fn cost(&self) -> Option<u64> {
        let [(_, input), (_, output)] = self.growth()?;
        let pays = !self.value().is_zero();
        let touch = self.touch?;
        let creates = pays && self.step.opcode == CALL && touch.before.account.is_empty();
        let access = if touch.was_warm() {
            WARM_GAS
        } else {
            COLD_ACCESS
        };
        let value = if pays { CALL_VALUE } else { 0 };
        let new = if creates { NEW_ACCOUNT } else { 0 };
        Some(input + output + access + value + new)
    }
}

/// All calls, in the order of time.
pub fn calls(execution: &Execution) -> Vec<PerformedCall<'_>> {
    let frames = execution.frames.iter();
    let frames: HashMap<u64, &PerformedFrame> = frames.map(|frame| (frame.opened, frame)).collect();
    let touches = execution.accounts.touches.iter();
    let touches = touches.filter(|touch| matches!(touch.by, AccountUse::Step | AccountUse::View));
    let touches: HashMap<u64, &AccountTouch> = touches.map(|touch| (touch.clock, touch)).collect();
    let here = |step: &&PerformedStep| {
        let halts = matches!(
            step.halt,
            None | Some(Halt::OutOfGas | Halt::StaticViolation)
        );
        halts && is_call(step.opcode)
    };
    let found = execution.steps.iter().filter(here);
    let call = |step: &'_ PerformedStep| {
        let frame = frames.get(&(step.clock + 1)).copied();
        (
            frame.filter(|_| step.halt.is_none()),
            touches.get(&step.clock).copied(),
        )
    };
    found
        .map(|step| {
            let (frame, touch) = call(step);
            PerformedCall { step, frame, touch }
        })
        .collect()
}
