//! The decoder: an EVM without state. It computes what follows from what came before and takes the rest from the encoded steps.

mod execute;
mod frames;

use core::ops::Range;

use alloy_primitives::{B256, Bytes, U256};

use super::memory::{Memory, Region};
use crate::Error;
use crate::event::codec::{Fault, Reader};
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameResult, TransactionTrace};

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
    /// Keccak-256 of the bytecode that it copies, of EXTCODECOPY from an account that has one.
    pub copied_code: Option<B256>,
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
    /// [`Error::ExecutionTrace`] if the encoding contradicts itself, or a bytecode is not at hand.
    pub fn next_step(&mut self) -> Result<Option<Step<'_>>, Error> {
        if self.finished {
            return Ok(None);
        }
        match self.advance() {
            Err(fault) => {
                self.finished = true;
                Err(Error::ExecutionTrace {
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
                let copied = self.pending.as_ref().map_or(0, |pending| pending.code);
                let copied = copied.checked_sub(1).map(usize::try_from);
                let copied = copied.and_then(|index| self.trace.codes.at(index.ok()?));
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
                    copied_code: copied.map(|(hash, _)| *hash),
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
}

/// Words that an opcode takes from the stack.
fn inputs_of(opcode: u8) -> usize {
    operation(opcode).map_or(0, |operation| operation.inputs.into())
}
