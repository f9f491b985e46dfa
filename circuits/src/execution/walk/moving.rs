//! Bytes that steps and calls move, along the traces.

use alloy_primitives::U256;

use super::{Open, Walk};
use crate::bus::{register, space};
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameResult, IDENTITY, TransactionTrace};
use crate::execution::copies::{self, CopyOrder, Known, Place};
use crate::execution::frame::{CallInput, Returned};
use crate::execution::logs::topics_of;
use crate::execution::memory::{WORD_BYTES, word_of};
use crate::execution::registers::return_data;
use crate::execution::step::PerformedStep;

impl Walk {
    /// Copies what a step copies.
    pub(super) fn move_bytes(
        &mut self,
        trace: &TransactionTrace,
        frame: &Frame,
        step: &PerformedStep,
    ) -> Result<(), &'static str> {
        if step.opcode == EXTCODECOPY {
            let word = |index: usize| step.popped.get(index).map(|word| word.value);
            let region = |offset, length| {
                Some(Returned {
                    offset: u64::try_from(word(offset)?).ok()?,
                    length: u64::try_from(word(length)?).ok()?,
                })
            };
            let region = region(1, 3).filter(|region| region.length > 0);
            self.external = region.map(|region| (step.frame, region, 2 * step.clock + 1));
        }
        let moves = copies::moves_bytes(step.opcode) || topics_of(step.opcode).is_some();
        if !moves || step.opcode == RETURNDATASIZE {
            return Ok(());
        }
        let performed = self.execution.frames.get(step.frame as usize - 1);
        let code = trace.codes.get(&frame.code_hash);
        let code = code.map(|code| code.as_ref()).unwrap_or_default();
        let known = Known {
            frame: performed.ok_or("a step of a frame that was not opened")?,
            code_size: code.len() as u64,
            returned: step.return_data.map(|register| register.after.value),
        };
        let Some(order) = copies::order_of(step, &known) else {
            return Ok(());
        };
        let constant = match order.source.space {
            space::CODE => code,
            _ => trace.input.as_ref(),
        };
        let copy = self.memories.copy(order, constant);
        self.execution.copies.push(copy);
        Ok(())
    }

    /// Words of a region of memory are now as they are there, by a step that no table does.
    pub(super) fn written_by_other(
        &mut self,
        frame: u64,
        region: Returned,
        timestamp: u64,
        memory: &[u8],
    ) {
        let end = region.offset + region.length;
        for index in region.offset / WORD_BYTES..end.div_ceil(WORD_BYTES) {
            let value = U256::from_be_bytes(word_of(memory, index));
            let written = self.memories.put(frame, index, value, timestamp);
            self.execution.written.push(written);
        }
    }

    /// What a frame without steps hands back.
    pub(super) fn output_of_precompile(
        &self,
        trace: &TransactionTrace,
        frame: &Frame,
        input: CallInput,
    ) -> Vec<u8> {
        match (frame.result, frame.code_address) {
            (FrameResult::Success, IDENTITY) => match input.frame {
                0 => trace.input.to_vec(),
                _ => self.memories.bytes(input.frame, input.offset, input.length),
            },
            (FrameResult::Success, _) => frame.precompile_output.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The caller of a frame that is closed takes what it hands back.
    pub(super) fn hand_back(&mut self, open: &Open<'_>, number: u64) {
        let Some(frame) = self.execution.frames.get(number as usize - 1) else {
            return;
        };
        let (parent, closed) = (frame.parent, frame.closed);
        if parent == 0 {
            return;
        }
        let creates = frame.kind.is_create();
        let returned = match frame.result {
            FrameResult::Success if creates => Returned::default(),
            _ => frame.returned,
        };
        let output = open.outputs.get(&number).copied().unwrap_or_default();
        let length = output.length.min(returned.length);
        if !creates && length > 0 {
            let place = |id, offset| Place {
                space: space::MEMORY,
                id,
                offset,
            };
            let order = CopyOrder {
                clock: closed,
                source: place(number, returned.offset),
                source_end: space::NO_END,
                target: place(parent, output.offset),
                length,
            };
            let copy = self.memories.copy(order, &[]);
            self.execution.copies.push(copy);
        }
        let value = return_data(number, returned);
        let noted = self
            .memories
            .put(parent, register::RETURN_DATA, value, 2 * closed + 1);
        if let Some(frame) = self.execution.frames.get_mut(number as usize - 1) {
            frame.noted = Some(noted);
        }
    }
}
