//! The decoder: an EVM without state. It computes what follows from what came before and takes the rest from the encoded steps.

use core::ops::Range;

use alloy_primitives::{Address, Bytes, U256, keccak256};

use super::arithmetic;
use super::memory::{Memory, Region};
use crate::Error;
use crate::event::codec::{Fault, Reader};
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameKind, FrameResult, IDENTITY, TransactionTrace};

/// Words that a stack holds at most.
const STACK_LIMIT: usize = 1024;

/// Frames that the transaction's own can open within each other at most.
const CALL_LIMIT: usize = 1024;

/// Bytes of memory of all open frames together that the decoder allows unless told otherwise. Some 100 MB is all that 30 million gas can buy.
const MEMORY_LIMIT: usize = 1 << 28;

/// Gas for a byte of created code.
const CODE_DEPOSIT: u64 = 200;

/// A step as it was about to be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Its index in the transaction.
    pub index: u64,
    /// Index of its frame.
    pub frame: u32,
    /// 1 in the transaction's own frame.
    pub depth: u32,
    /// Offset of the opcode in the code.
    pub pc: u64,
    /// The opcode; zero (STOP) after the end of the code.
    pub opcode: u8,
    /// Gas left before it.
    pub gas: u64,
    /// Gas that it takes away, with what it hands to a frame that it opens.
    pub gas_cost: u64,
    /// The refund counter before it, of the whole transaction.
    pub refund: u64,
    /// The stack before it, top last.
    pub stack: &'a [U256],
    /// The memory before it.
    pub memory: &'a [u8],
    /// What the last call returned.
    pub return_data: &'a [u8],
}

/// How much of calldata and return data [`Steps::with_payloads`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadLimits {
    /// Bytes of one.
    pub each: usize,
    /// Bytes of all together.
    pub total: usize,
}

/// Calldata and output of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FramePayload {
    /// Length of the calldata, or of the init code of a creation.
    pub input_length: u64,
    /// Its start, as far as the limits allow.
    pub input: Vec<u8>,
    /// Length of what it returned, or of the reason of a revert, or of the created code.
    pub output_length: u64,
    /// Its start, as far as the limits allow.
    pub output: Vec<u8>,
}

/// Code or calldata.
#[derive(Clone, Debug)]
enum Source<'a> {
    Bytes(&'a Bytes),
    Memory(Range<usize>),
}

impl Source<'_> {
    fn get<'b>(&'b self, memory: &'b Memory) -> Result<&'b [u8], Fault> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Memory(range) => memory.shared(range.clone()),
        }
    }
}

/// A frame that is running, or waits for one that it opened.
#[derive(Clone, Debug)]
struct Open<'a> {
    index: u32,
    frame: &'a Frame,
    code: Source<'a>,
    input: Source<'a>,
    pc: usize,
    gas: u64,
    /// The refund counter when it started.
    refund: i64,
    stack_start: usize,
    outer_memory: usize,
    return_data: Vec<u8>,
    /// Where the frame that it opened puts its output.
    result_region: Region,
}

/// What a step that was handed out will do.
#[derive(Clone, Copy, Debug)]
struct Pending {
    opcode: u8,
    gas_cost: u64,
    word: U256,
    refund: i64,
    code: u64,
    last: bool,
    failed: bool,
}

/// The steps of a transaction, one after the other. It returns nothing more after an error.
#[derive(Debug)]
pub struct Steps<'a> {
    trace: &'a TransactionTrace,
    reader: Reader<'a>,
    /// The step that is handed out next.
    index: u64,
    /// The frame that is opened next.
    next_frame: usize,
    open: Vec<Open<'a>>,
    stack: Vec<U256>,
    memory: Memory,
    refund: i64,
    pending: Option<Pending>,
    finished: bool,
    payloads: Vec<FramePayload>,
    limits: PayloadLimits,
}

const NO_STACK: Fault = "the stack has too few words";

impl<'a> Steps<'a> {
    pub(in crate::event) fn new(trace: &'a TransactionTrace) -> Self {
        Self {
            trace,
            reader: trace.steps.reader(),
            index: 0,
            next_frame: 0,
            open: Vec::new(),
            stack: Vec::new(),
            memory: Memory::new(MEMORY_LIMIT),
            refund: 0,
            pending: None,
            finished: false,
            payloads: Vec::new(),
            limits: PayloadLimits { each: 0, total: 0 },
        }
    }

    /// Allows this many bytes of memory of all open frames together, instead of 256 MiB. A transaction with billions of gas may need them.
    pub fn with_memory_limit(mut self, bytes: usize) -> Self {
        self.memory = Memory::new(bytes);
        self
    }

    /// Keeps calldata and output of every frame for [`Self::payloads`].
    pub fn with_payloads(mut self, limits: PayloadLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Calldata and output of the frames that were opened so far, in order. Complete when there are no more steps.
    pub fn payloads(&self) -> &[FramePayload] {
        &self.payloads
    }

    /// The next step.
    ///
    /// # Errors
    /// [`Error::Trace`] if the encoding contradicts itself, or a bytecode is not at hand.
    pub fn next_step(&mut self) -> Result<Option<Step<'_>>, Error> {
        if self.finished {
            return Ok(None);
        }
        match self.advance() {
            Err(fault) => {
                self.finished = true;
                Err(Error::Trace {
                    item: self.index,
                    fault,
                })
            }
            Ok(None) => {
                self.finished = true;
                Ok(None)
            }
            Ok(Some((opcode, gas_cost))) => {
                let Some(open) = self.open.last() else {
                    return Ok(None);
                };
                Ok(Some(Step {
                    index: self.index - 1,
                    frame: open.index,
                    depth: open.frame.depth,
                    pc: open.pc as u64,
                    opcode,
                    gas: open.gas,
                    gas_cost,
                    refund: u64::try_from(self.refund).unwrap_or_default(),
                    stack: self.stack.get(open.stack_start..).unwrap_or_default(),
                    memory: self.memory.inner(),
                    return_data: &open.return_data,
                }))
            }
        }
    }

    /// Carries out the step that was handed out last and prepares the next one.
    fn advance(&mut self) -> Result<Option<(u8, u64)>, Fault> {
        match self.pending.take() {
            Some(pending) => self.apply(pending)?,
            None => self.start()?,
        }
        if self.open.is_empty() {
            if self.index != self.trace.steps.count() || !self.reader.is_empty() {
                return Err("steps follow the last frame");
            }
            if self.next_frame != self.trace.frames.len() {
                return Err("a frame was never opened");
            }
            return Ok(None);
        }
        if self.index == self.trace.steps.count() {
            return Err("the steps end before the frames");
        }
        let pending = self.prepare()?;
        self.index += 1;
        self.pending = Some(pending);
        Ok(Some((pending.opcode, pending.gas_cost)))
    }

    /// Opens the transaction's own frame.
    fn start(&mut self) -> Result<(), Fault> {
        let trace = self.trace;
        let frame = trace.frames.first().ok_or("there are no frames")?;
        if frame.parent.is_some() {
            return Err("the first frame has a parent");
        }
        self.enter(frame, Source::Bytes(&trace.input))
    }

    fn inner(&self) -> Result<&Open<'a>, Fault> {
        self.open.last().ok_or("no frame is open")
    }

    fn inner_mut(&mut self) -> Result<&mut Open<'a>, Fault> {
        self.open.last_mut().ok_or("no frame is open")
    }

    /// A word of the stack, 0 for the top.
    fn peek(&self, depth: usize) -> Result<U256, Fault> {
        let index = self.stack.len().checked_sub(depth + 1).ok_or(NO_STACK)?;
        self.stack.get(index).copied().ok_or(NO_STACK)
    }

    fn region(&self, offset: usize, length: usize) -> Result<Region, Fault> {
        Region::new(self.peek(offset)?, self.peek(length)?)
    }

    /// Finds out opcode, gas and what is stored of the next step.
    fn prepare(&mut self) -> Result<Pending, Fault> {
        let open = self.inner()?;
        let frame = open.frame;
        let code = open.code.get(&self.memory)?;
        let opcode = code.get(open.pc).copied().unwrap_or(STOP);
        let height = self.stack.len() - open.stack_start;
        let gas = open.gas;
        let mut pending = Pending {
            opcode,
            gas_cost: 0,
            word: U256::ZERO,
            refund: 0,
            code: 0,
            last: self.index + 1 == frame.end_step,
            failed: false,
        };
        if pending.last && matches!(frame.result, FrameResult::Halt(_)) {
            pending.failed = true;
            pending.gas_cost = self.reader.number()?;
        } else {
            let operation = operation(opcode).ok_or("an undefined opcode did not fail")?;
            let ends = matches!(opcode, STOP | RETURN | REVERT | SELFDESTRUCT);
            if ends != pending.last {
                return Err("a frame ends without its last step, or goes on after it");
            }
            let inputs = usize::from(operation.inputs);
            if height < inputs {
                return Err(NO_STACK);
            }
            if height - inputs + usize::from(operation.outputs) > STACK_LIMIT {
                return Err("the stack has too many words");
            }
            let memory_gas = self.dynamic_gas(opcode)?;
            match operation.stored {
                Stored::Nothing | Stored::Word => {
                    pending.gas_cost = memory_gas.saturating_add(operation.gas.into());
                }
                _ => {
                    pending.gas_cost = self.reader.number()?;
                    if pending.gas_cost < memory_gas {
                        return Err("memory was not paid for");
                    }
                }
            }
            match operation.stored {
                Stored::Word | Stored::GasAndWord => pending.word = self.reader.word()?,
                Stored::GasAndRefund => pending.refund = self.reader.signed()?,
                Stored::GasAndCode => pending.code = self.reader.number()?,
                Stored::Nothing | Stored::Gas => {}
            }
        }
        if pending.gas_cost > gas {
            return Err("a step costs more gas than there is");
        }
        Ok(pending)
    }

    /// Gas beyond the constant part of an opcode, as far as it follows from the stack.
    fn dynamic_gas(&self, opcode: u8) -> Result<u64, Fault> {
        let (per_word, per_byte, regions) = match opcode {
            EXP => return Ok(50 * self.peek(1)?.byte_len() as u64),
            MLOAD | MSTORE => (0, 0, [Region::new(self.peek(0)?, U256::from(32))?; 2]),
            MSTORE8 => (0, 0, [Region::new(self.peek(0)?, U256::ONE)?; 2]),
            KECCAK256 => (6, 0, [self.region(0, 1)?; 2]),
            CALLDATACOPY | CODECOPY | RETURNDATACOPY => (3, 0, [self.region(0, 2)?; 2]),
            MCOPY => (3, 0, [self.region(0, 2)?, self.region(1, 2)?]),
            LOG0..=LOG4 => (0, 8, [self.region(0, 1)?; 2]),
            RETURN | REVERT => (0, 0, [self.region(0, 1)?; 2]),
            EXTCODECOPY => (0, 0, [self.region(1, 3)?; 2]),
            CREATE | CREATE2 => (0, 0, [self.region(1, 2)?; 2]),
            CALL | CALLCODE => (0, 0, [self.region(3, 4)?, self.region(5, 6)?]),
            DELEGATECALL | STATICCALL => (0, 0, [self.region(2, 3)?, self.region(4, 5)?]),
            _ => return Ok(0),
        };
        let [first, _] = regions;
        let gas = self.memory.gas(&regions)?;
        Ok(gas + per_word * first.words() + per_byte * first.length as u64)
    }

    /// Does what a step does.
    fn apply(&mut self, pending: Pending) -> Result<(), Fault> {
        let opcode = pending.opcode;
        let open = self.inner_mut()?;
        open.gas -= pending.gas_cost;
        let pc = open.pc;
        open.pc += 1;
        if pending.failed {
            return self.leave(Vec::new(), opcode);
        }
        if let Stored::Word | Stored::GasAndWord = stored(opcode) {
            self.drop_words(inputs_of(opcode))?;
            self.stack.push(pending.word);
            return Ok(());
        }
        match opcode {
            STOP | SELFDESTRUCT => return self.leave(Vec::new(), opcode),
            RETURN | REVERT => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                let output = self.memory.read(region)?.to_vec();
                return self.leave(output, opcode);
            }
            PUSH0..=PUSH32 => {
                let length = usize::from(opcode - PUSH0);
                let open = self.inner()?;
                let code = open.code.get(&self.memory)?;
                let mut word = [0; 32];
                let given = code.get(pc + 1..).unwrap_or_default();
                let target = word.get_mut(32 - length..).unwrap_or_default();
                target
                    .iter_mut()
                    .zip(given)
                    .for_each(|(to, from)| *to = *from);
                self.stack.push(U256::from_be_bytes(word));
                self.inner_mut()?.pc += length;
            }
            DUP1..=DUP16 => {
                let word = self.peek(usize::from(opcode - DUP1))?;
                self.stack.push(word);
            }
            SWAP1..=SWAP16 => {
                let top = self.stack.len() - 1;
                let other = top - usize::from(opcode - SWAP1) - 1;
                self.stack.swap(top, other);
            }
            POP | TSTORE => self.drop_words(inputs_of(opcode))?,
            SSTORE => {
                self.drop_words(2)?;
                self.refund = self
                    .refund
                    .checked_add(pending.refund)
                    .ok_or("the refund counter overflows")?;
            }
            JUMP => {
                let target = self.pop()?;
                self.jump(target)?;
            }
            JUMPI => {
                let (target, condition) = (self.pop()?, self.pop()?);
                if !condition.is_zero() {
                    self.jump(target)?;
                }
            }
            JUMPDEST => {}
            LOG0..=LOG4 => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                self.drop_words(inputs_of(opcode))?;
            }
            CREATE | CREATE2 => return self.create(opcode),
            CALL | CALLCODE | DELEGATECALL | STATICCALL => return self.call(opcode),
            MLOAD | MSTORE | MSTORE8 | MCOPY | KECCAK256 => self.use_memory(opcode)?,
            CALLDATACOPY | CODECOPY | RETURNDATACOPY | EXTCODECOPY => {
                self.copy(opcode, pending.code)?;
            }
            CALLDATALOAD => {
                let offset = usize::try_from(self.pop()?).unwrap_or(usize::MAX);
                let input = self.inner()?.input.get(&self.memory)?;
                let given = input.get(offset..).unwrap_or_default();
                let mut word = [0; 32];
                word.iter_mut()
                    .zip(given)
                    .for_each(|(to, from)| *to = *from);
                self.stack.push(U256::from_be_bytes(word));
            }
            _ => self.compute(opcode, pc)?,
        }
        Ok(())
    }

    /// Arithmetic, and what the frame and the decoder know.
    fn compute(&mut self, opcode: u8, pc: usize) -> Result<(), Fault> {
        let word = |address: Address| U256::from_be_bytes(address.into_word().0);
        let inputs = inputs_of(opcode);
        let operand = |index| match index < inputs {
            true => self.peek(index),
            false => Ok(U256::ZERO),
        };
        let (a, b, c) = (operand(0)?, operand(1)?, operand(2)?);
        let open = self.inner()?;
        let origin = || self.trace.frames.first().map(|frame| frame.caller);
        let value = match opcode {
            ADDRESS => word(open.frame.address),
            CALLER => word(open.frame.caller),
            ORIGIN => word(origin().unwrap_or_default()),
            CALLVALUE => open.frame.value,
            CALLDATASIZE => U256::from(open.input.get(&self.memory)?.len()),
            CODESIZE => U256::from(open.code.get(&self.memory)?.len()),
            RETURNDATASIZE => U256::from(open.return_data.len()),
            PC => U256::from(pc),
            MSIZE => U256::from(self.memory.inner().len()),
            GAS => U256::from(open.gas),
            _ => arithmetic::result(opcode, a, b, c).ok_or("the opcode cannot succeed")?,
        };
        self.drop_words(inputs)?;
        self.stack.push(value);
        Ok(())
    }

    fn use_memory(&mut self, opcode: u8) -> Result<(), Fault> {
        match opcode {
            MLOAD => {
                let region = Region::new(self.pop()?, U256::from(32))?;
                self.memory.grow(region)?;
                let word = U256::from_be_slice(self.memory.read(region)?);
                self.stack.push(word);
            }
            KECCAK256 => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                let digest = keccak256(self.memory.read(region)?);
                self.drop_words(2)?;
                self.stack.push(digest.into());
            }
            MCOPY => {
                let (to, from) = (self.region(0, 2)?, self.region(1, 2)?);
                self.memory.grow(to)?;
                self.memory.grow(from)?;
                self.memory.copy(to, from)?;
                self.drop_words(3)?;
            }
            _ => {
                let (offset, value) = (self.pop()?, self.pop()?);
                let bytes = value.to_be_bytes::<32>();
                let bytes = match opcode {
                    MSTORE8 => bytes.get(31..),
                    _ => bytes.get(..),
                };
                let bytes = bytes.unwrap_or_default();
                let region = Region::new(offset, U256::from(bytes.len()))?;
                self.memory.grow(region)?;
                self.memory.fill(region, bytes, U256::ZERO)?;
            }
        }
        Ok(())
    }

    fn copy(&mut self, opcode: u8, code: u64) -> Result<(), Fault> {
        if opcode == EXTCODECOPY {
            self.pop()?;
        }
        let (region, offset) = (self.region(0, 2)?, self.peek(1)?);
        self.memory.grow(region)?;
        let trace = self.trace;
        // Not `Self::inner`: memory is borrowed beside it.
        let open = self.open.last().ok_or("no frame is open")?;
        let source = match opcode {
            CALLDATACOPY => open.input.clone(),
            CODECOPY => open.code.clone(),
            RETURNDATACOPY => {
                self.memory.fill(region, &open.return_data, offset)?;
                return self.drop_words(3);
            }
            _ => match code.checked_sub(1) {
                None => Source::Memory(0..0),
                Some(index) => {
                    let index = usize::try_from(index).ok();
                    let code = index.and_then(|index| trace.codes.at(index));
                    Source::Bytes(&code.ok_or("there is no such code")?.1)
                }
            },
        };
        match source {
            Source::Bytes(bytes) => self.memory.fill(region, bytes, offset)?,
            Source::Memory(range) => self.memory.fill_shared(region, range, offset)?,
        }
        self.drop_words(3)
    }

    fn pop(&mut self) -> Result<U256, Fault> {
        self.stack.pop().ok_or(NO_STACK)
    }

    fn drop_words(&mut self, count: usize) -> Result<(), Fault> {
        let length = self.stack.len().checked_sub(count).ok_or(NO_STACK)?;
        self.stack.truncate(length);
        Ok(())
    }

    fn jump(&mut self, target: U256) -> Result<(), Fault> {
        let memory = &self.memory;
        let open = self.open.last_mut().ok_or("no frame is open")?;
        let code = open.code.get(memory)?;
        let target = usize::try_from(target).unwrap_or(usize::MAX);
        if code.get(target) != Some(&JUMPDEST) {
            return Err("a jump to what is no JUMPDEST did not fail");
        }
        open.pc = target;
        Ok(())
    }

    fn call(&mut self, opcode: u8) -> Result<(), Fault> {
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

    fn create(&mut self, opcode: u8) -> Result<(), Fault> {
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
    fn child(&self, kind: impl Fn(FrameKind) -> bool) -> Result<&'a Frame, Fault> {
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
    fn enter(&mut self, frame: &'a Frame, given: Source<'a>) -> Result<(), Fault> {
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
    fn leave(&mut self, output: Vec<u8>, opcode: u8) -> Result<(), Fault> {
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
    fn finish(&mut self, index: u32, frame: &'a Frame, output: Vec<u8>) -> Result<(), Fault> {
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

    fn keep_input(&mut self, given: &Source<'_>) -> Result<(), Fault> {
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

    fn keep_output(&mut self, index: u32, output: &[u8]) {
        if let Some(payload) = self.payloads.get_mut(index as usize) {
            let kept = output.len().min(self.limits.each).min(self.limits.total);
            self.limits.total -= kept;
            payload.output_length = output.len() as u64;
            payload.output = output.get(..kept).unwrap_or_default().to_vec();
        }
    }
}

/// Words that an opcode takes from the stack.
fn inputs_of(opcode: u8) -> usize {
    operation(opcode).map_or(0, |operation| operation.inputs.into())
}
