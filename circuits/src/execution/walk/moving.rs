//! Bytes that steps and calls move, along the traces.

use alloy_primitives::B256;

use super::{Found, Open, Walk};
use crate::bus::{register, space};
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameResult, IDENTITY, TransactionTrace};
use crate::execution::copies::{self, CopyOrder, Known, Place};
use crate::execution::frame::{PerformedFrame, Returned};
use crate::execution::logs::topics_of;
use crate::execution::precompiles::{self, ECRECOVER};
use crate::execution::recoveries::PerformedRecovery;
use crate::execution::registers::return_data;
use crate::execution::stack::Popped;
use crate::execution::step::PerformedStep;
use crate::region::near_bytes;
use crate::tables::ecrecover;

impl Walk {
    /// Copies what a step copies.
    pub(super) fn move_bytes(
        &mut self,
        trace: &TransactionTrace,
        frame: &Frame,
        step: &PerformedStep,
        external: Option<&B256>,
    ) -> Result<(), &'static str> {
        let moves = copies::moves_bytes(step.opcode)
            || topics_of(step.opcode).is_some()
            || step.opcode == EXTCODECOPY;
        if !moves || step.opcode == RETURNDATASIZE {
            return Ok(());
        }
        let performed = self.execution.frames.get(step.frame as usize - 1);
        let code = trace.codes.get(&frame.code_hash);
        let code = code.map(|code| code.as_ref()).unwrap_or_default();
        let external = external.and_then(|hash| trace.codes.get(hash));
        let external = external.map(|code| code.as_ref()).unwrap_or_default();
        let known = Known {
            frame: performed.ok_or("a step of a frame that was not opened")?,
            code_size: code.len() as u64,
            returned: step.return_data.map(|register| register.after.value),
            copied_size: external.len() as u64,
        };
        let Some(order) = copies::order_of(step, &known) else {
            return Ok(());
        };
        let constant = match order.source.space {
            space::CODE if step.opcode == EXTCODECOPY => external,
            space::CODE => code,
            _ => trace.input.as_ref(),
        };
        let copy = self.memories.copy(order, constant);
        self.execution.copies.push(copy);
        Ok(())
    }

    /// The number of the bytecode that EXTCODECOPY needs: none where it copies nothing, from an account without code, or from beyond all codes.
    pub(super) fn copied(&self, found: &Found<'_>, popped: &[Popped]) -> Result<u64, &'static str> {
        let (EXTCODECOPY, [_, _, source, length]) = (found.opcode, popped) else {
            return Ok(0);
        };
        let reads = near_bytes(source.value, length.value).is_some();
        match found.copied_code.filter(|_| reads) {
            None => Ok(0),
            Some(hash) => {
                let number = self.codes.get(&hash).copied();
                number.ok_or("the chunk does not have a bytecode that is copied")
            }
        }
    }

    /// What a frame without steps hands back, which it has in its own memory then.
    pub(super) fn output_of_precompile(
        &mut self,
        trace: &TransactionTrace,
        frame: &Frame,
        performed: &PerformedFrame,
    ) -> Result<Returned, &'static str> {
        if !frame.result.is_success() {
            return Ok(Returned::default());
        }
        let (number, clock) = (performed.number, performed.opened);
        let output = frame.precompile_output.as_ref();
        match performed.precompile.filter(|_| performed.parent != 0) {
            Some(precompiles::IDENTITY) => return Ok(self.repeat_input(performed)),
            Some(ECRECOVER) => return self.recover(performed, output),
            _ => {}
        }
        let output = match frame.code_address {
            IDENTITY => trace.input.as_ref(),
            _ => output,
        };
        let written = self.memories.write(number, 0, output, 2 * clock + 1);
        self.execution.written.extend(written);
        Ok(Returned {
            offset: 0,
            length: output.len() as u64,
        })
    }

    /// ECRECOVER looks at its input, with zeros after its end, and writes an address or nothing.
    fn recover(
        &mut self,
        performed: &PerformedFrame,
        output: &[u8],
    ) -> Result<Returned, &'static str> {
        let (input, clock) = (performed.input, performed.opened);
        let place = |space, id, offset| Place { space, id, offset };
        let order = CopyOrder {
            clock,
            source: place(space::MEMORY, input.frame, input.offset),
            source_end: input.offset + input.length,
            target: place(space::STRING, clock, 0),
            length: ecrecover::INPUT_BYTES,
        };
        let copy = self.memories.copy(order, &[]);
        let recovery = PerformedRecovery::of(performed.number, &copy);
        let mut recovery = recovery.ok_or("a precompile lacks input")?;
        self.execution.copies.push(copy);
        let address = recovery.address().map(|address| address.into_word());
        if address.as_ref().map_or(&[][..], |word| word.as_slice()) != output {
            return Err("a precompile finds another address than it says");
        }
        let written = self
            .memories
            .write(performed.number, 0, output, 2 * clock + 1);
        recovery.written = written.first().copied();
        self.execution.recoveries.push(recovery);
        Ok(Returned {
            offset: 0,
            length: output.len() as u64,
        })
    }

    /// The identity copies what it is called with from its caller's memory to its own.
    fn repeat_input(&mut self, performed: &PerformedFrame) -> Returned {
        let input = performed.input;
        let place = |id, offset| Place {
            space: space::MEMORY,
            id,
            offset,
        };
        if input.length > 0 {
            let order = CopyOrder {
                clock: performed.opened,
                source: place(input.frame, input.offset),
                source_end: space::NO_END,
                target: place(performed.number, 0),
                length: input.length,
            };
            let copy = self.memories.copy(order, &[]);
            self.execution.copies.push(copy);
        }
        Returned {
            offset: 0,
            length: input.length,
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
