//! Frames: how they open and what they hand back.

use alloy_primitives::U256;

use super::super::memory::Region;
use super::{CALL_LIMIT, CODE_DEPOSIT, FramePayload, Open, Source, Steps, inputs_of};
use crate::event::codec::Fault;
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameKind, FrameResult, IDENTITY};

impl<'a> Steps<'a> {
    pub(super) fn call(&mut self, opcode: u8) -> Result<(), Fault> {
        let (kind, first) = match opcode {
            CALL => (FrameKind::Call, 3),
            CALLCODE => (FrameKind::CallCode, 3),
            DELEGATECALL => (FrameKind::DelegateCall, 2),
            _ => (FrameKind::StaticCall, 2),
        };
        let input = self.region(first, first + 1)?;
        let output = self.region(first + 2, first + 3)?;
        self.memory.grow(input)?;
        self.memory.grow(output)?;
        self.drop_words(first + 4)?;
        self.inner_mut()?.result_region = output;
        let frame = self.child(|found| found == kind)?;
        self.enter(frame, Source::Memory(self.memory.range(input)))
    }

    pub(super) fn create(&mut self, opcode: u8) -> Result<(), Fault> {
        let region = self.region(1, 2)?;
        self.memory.grow(region)?;
        self.drop_words(inputs_of(opcode))?;
        self.inner_mut()?.result_region = Region {
            offset: 0,
            length: 0,
        };
        let kind = match opcode {
            CREATE => FrameKind::Create,
            _ => FrameKind::Create2,
        };
        let frame = self.child(|found| found == kind)?;
        self.enter(frame, Source::Memory(self.memory.range(region)))
    }

    /// The frame that the innermost one opens now.
    pub(super) fn child(&self, kind: impl Fn(FrameKind) -> bool) -> Result<&'a Frame, Fault> {
        let parent = self.inner()?;
        let frame = self.trace.frames.get(self.next_frame);
        let frame = frame.ok_or("a call without a frame")?;
        let fits = kind(frame.kind)
            && frame.parent == Some(parent.index)
            && frame.depth == parent.frame.depth.saturating_add(1);
        match fits {
            true => Ok(frame),
            false => Err("a call and its frame do not agree"),
        }
    }

    /// Opens a frame with this calldata or init code.
    pub(super) fn enter(&mut self, frame: &'a Frame, given: Source<'a>) -> Result<(), Fault> {
        let index = u32::try_from(self.next_frame).map_err(|_| "there are too many frames")?;
        self.next_frame += 1;
        if frame.first_step != self.index || frame.end_step < frame.first_step {
            return Err("a frame does not start where it says");
        }
        self.keep_input(&given)?;
        if !frame.has_steps() {
            let output = match (frame.result, frame.code_address) {
                (FrameResult::Success, IDENTITY) => given.get(&self.memory)?.to_vec(),
                (FrameResult::Success, _) => frame.precompile_output.to_vec(),
                _ => Vec::new(),
            };
            return self.finish(index, frame, output);
        }
        if self.open.len() > CALL_LIMIT {
            return Err("too many frames are open");
        }
        let (code, input) = match frame.kind.is_create() {
            true => (given, Source::Memory(0..0)),
            false => {
                let code = self.trace.codes.get(&frame.code_hash);
                (Source::Bytes(code.ok_or("a code is not at hand")?), given)
            }
        };
        let outer_memory = self.memory.open();
        self.open.push(Open {
            index,
            frame,
            code,
            input,
            pc: 0,
            gas: frame.gas,
            refund: self.refund,
            stack_start: self.stack.len(),
            outer_memory,
            return_data: Vec::new(),
            result_region: Region {
                offset: 0,
                length: 0,
            },
        });
        Ok(())
    }

    /// Ends the innermost frame.
    pub(super) fn leave(&mut self, output: Vec<u8>, opcode: u8) -> Result<(), Fault> {
        let open = self.open.pop().ok_or("no frame is open")?;
        let frame = open.frame;
        let deposit = match frame.kind.is_create() {
            true => CODE_DEPOSIT * output.len() as u64,
            false => 0,
        };
        let left = match (frame.result, opcode == REVERT) {
            (FrameResult::Success, false) => open.gas.checked_sub(deposit),
            (FrameResult::Revert, true) => Some(open.gas),
            (FrameResult::Halt(_), _) => Some(0),
            _ => None,
        };
        if left != Some(frame.gas_left) {
            return Err("a frame does not end as it says");
        }
        if !frame.result.is_success() {
            self.refund = open.refund;
        }
        self.stack.truncate(open.stack_start);
        self.memory.close(open.outer_memory);
        self.finish(open.index, frame, output)
    }

    /// Hands a frame's result to the one that opened it.
    pub(super) fn finish(
        &mut self,
        index: u32,
        frame: &'a Frame,
        output: Vec<u8>,
    ) -> Result<(), Fault> {
        self.keep_output(index, &output);
        let Some(parent) = self.open.last_mut() else {
            return Ok(());
        };
        let gas = parent.gas.checked_add(frame.gas_left);
        parent.gas = gas.ok_or("a frame returns more gas than there can be")?;
        let success = frame.result.is_success();
        self.stack.push(match (success, frame.kind.is_create()) {
            (false, _) => U256::ZERO,
            (true, false) => U256::ONE,
            (true, true) => U256::from_be_bytes(frame.address.into_word().0),
        });
        let region = parent.result_region;
        if frame.kind.is_create() {
            parent.return_data = match frame.result {
                FrameResult::Revert => output,
                _ => Vec::new(),
            };
            return Ok(());
        }
        if success || frame.result == FrameResult::Revert {
            let region = Region {
                offset: region.offset,
                length: region.length.min(output.len()),
            };
            self.memory.fill(region, &output, U256::ZERO)?;
        }
        parent.return_data = output;
        Ok(())
    }

    pub(super) fn keep_input(&mut self, given: &Source<'_>) -> Result<(), Fault> {
        if self.limits.total == 0 && self.limits.each == 0 {
            return Ok(());
        }
        let bytes = given.get(&self.memory)?;
        let kept = bytes.len().min(self.limits.each).min(self.limits.total);
        self.limits.total -= kept;
        self.payloads.push(FramePayload {
            input_length: bytes.len() as u64,
            input: bytes.get(..kept).unwrap_or_default().to_vec(),
            ..FramePayload::default()
        });
        Ok(())
    }

    pub(super) fn keep_output(&mut self, index: u32, output: &[u8]) {
        if let Some(payload) = self.payloads.get_mut(index as usize) {
            let kept = output.len().min(self.limits.each).min(self.limits.total);
            self.limits.total -= kept;
            payload.output_length = output.len() as u64;
            payload.output = output.get(..kept).unwrap_or_default().to_vec();
        }
    }
}
