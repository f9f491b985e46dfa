//! The pass over the traces.

mod moving;
mod words;

use std::collections::HashMap;

use alloy_primitives::{B256, U256};

use words::{close, input_of_call, output_of_call, popped, reason, returned_by};

use super::Execution;
use super::accounts::Accounts;
use super::frame::{self, CallInput, Counters, Opening, PerformedFrame, Returned};
use super::logs::{self, topics_of};
use super::memory::{Accessing, Memories, MemoryAccess, WORD_BYTES, accesses_memory};
use super::stack::{Left, Popped, Stack};
use super::step::{PerformedStep, Registers, is_call, takes_words_without_gas, writes_of};
use super::storage::{self, Storages};
use super::storage_gas::accesses_storage;
use super::transaction::{Listed, ListedTouch, PerformedRun, PerformedTransaction, Sent};
use crate::bus::register;
use crate::error::Error;
use crate::event::Rules;
use crate::event::code::CodeEvent;
use crate::event::opcode::*;
use crate::event::trace::{Frame, FrameKind, FrameResult, Halt, TransactionTrace};
use crate::tables::block::FIRST_CLOCK;
use crate::tables::opcode::Class;

const NO_STACK: &str = "the stack has too few words";

/// A step as the decoder gives it.
struct Found<'a> {
    index: u64,
    frame: usize,
    pc: u64,
    opcode: u8,
    gas: u64,
    memory: &'a [u8],
    stack: &'a [U256],
    refund: u64,
    copied_code: Option<B256>,
}

/// What has been found so far.
pub(super) struct Walk {
    execution: Execution,
    codes: HashMap<B256, u64>,
    memories: Memories,
    storages: Storages,
    accounts: Accounts,
    counters: Counters,
}

/// What is kept of the transaction that is being gone through.
struct Open<'a> {
    trace: &'a TransactionTrace,
    /// The chunk's number of the transaction's first frame.
    first_frame: u64,
    /// The transaction's place among those of the chunk.
    transaction: u64,
    /// Index of the frame that is opened next.
    next_frame: usize,
    /// The refund counter before the step before.
    refund: u64,
    stacks: HashMap<usize, Stack>,
    /// Where callers want what frames hand back, by the frame's number.
    outputs: HashMap<u64, Returned>,
    /// The frame of the step before, if it goes on with the next step.
    stays: Option<usize>,
}

impl Walk {
    /// Nothing yet, in a chunk with these bytecodes, slots and accounts.
    pub(super) fn new(
        codes: &[CodeEvent],
        storages: Storages,
        accounts: Accounts,
        rules: Rules,
    ) -> Self {
        let numbers = codes.iter().map(|code| code.keccak).zip(1..);
        Self {
            execution: Execution {
                rules,
                ..Execution::default()
            },
            codes: numbers.collect(),
            memories: Memories::default(),
            storages,
            accounts,
            counters: Counters {
                clock: FIRST_CLOCK,
                writes: 0,
            },
        }
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Execution {
        self.execution.storage = self.storages.finish();
        logs::count(&mut self.execution.logs, &self.execution.frames);
        self.execution.accounts = self.accounts.finish();
        self.execution.cells = self.memories.finish();
        self.execution
    }

    pub(super) fn transaction(&mut self, sent: &Sent<'_>) -> Result<(), Error> {
        let begins = self.counters.clock;
        let [sender, recipient, coinbase] = self.accounts.begin(sent, begins);
        self.counters.clock += 1;
        let mut performed = PerformedTransaction {
            ordinal: sent.ordinal,
            begins,
            ends: self.counters.clock,
            sender,
            recipient,
            coinbase,
            listed: Vec::new(),
            run: None,
        };
        if let Some(trace) = sent.trace {
            performed.listed = self.list(sent, performed.lists_from());
            performed.run = Some(self.run(sent, trace)?);
            performed.ends = self.counters.clock;
        }
        self.counters.clock += 1;
        self.execution.transactions.push(performed);
        Ok(())
    }

    /// Accesses what the access list has, one entry after the other, and goes on at the clock after the last.
    fn list(&mut self, sent: &Sent<'_>, first: u64) -> Vec<ListedTouch> {
        let entries = (first..).zip(&sent.listed);
        let touches = entries.map(|(timestamp, entry)| match *entry {
            Listed::Account(address) => {
                ListedTouch::Account(self.accounts.list(address, timestamp))
            }
            Listed::Slot(address, slot) => {
                let slot = (address, slot);
                ListedTouch::Slot(self.storages.list(sent.ordinal, slot, timestamp))
            }
        });
        let touches = Vec::from_iter(touches);
        self.counters.clock += 1 + touches.len() as u64;
        touches
    }

    /// Goes through the frames of a transaction, and through what it accesses when they are closed.
    fn run(&mut self, sent: &Sent<'_>, trace: &TransactionTrace) -> Result<PerformedRun, Error> {
        let mut open = Open {
            trace,
            first_frame: self.execution.frames.len() as u64 + 1,
            transaction: sent.ordinal,
            next_frame: 0,
            refund: 0,
            stacks: HashMap::new(),
            outputs: HashMap::new(),
            stays: None,
        };
        self.counters.writes = 0;
        self.storages.open(sent.ordinal, self.counters.clock);
        let fault = |item| move |fault| Error::ExecutionTrace { item, fault };
        let input = CallInput {
            length: trace.input.len() as u64,
            ..CallInput::default()
        };
        self.open(&mut open, 0, input).map_err(fault(0))?;
        let mut steps = trace.steps();
        while let Some(step) = steps.next_step()? {
            let found = Found {
                index: step.index,
                frame: step.frame as usize,
                pc: step.pc,
                opcode: step.opcode,
                gas: step.gas,
                memory: step.memory,
                stack: step.stack,
                refund: step.refund,
                copied_code: step.copied_code,
            };
            self.step(&mut open, &found).map_err(fault(found.index))?;
        }
        frame::settle(&mut self.execution.frames, open.first_frame);
        let [sender, coinbase] = self.accounts.end(sent, trace, self.counters.clock)?;
        Ok(PerformedRun {
            frame: open.first_frame,
            sender,
            coinbase,
        })
    }

    /// Opens the next frame of a transaction for `parent`, and closes it if it has no steps.
    fn open(
        &mut self,
        open: &mut Open<'_>,
        parent: u64,
        input: CallInput,
    ) -> Result<(), &'static str> {
        let frame = open.trace.frames.get(open.next_frame);
        let frame = frame.ok_or("a call opens no frame")?;
        open.next_frame += 1;
        let frames = &self.execution.frames;
        let is_static = parent
            .checked_sub(1)
            .and_then(|index| frames.get(index as usize))
            .is_some_and(|parent| parent.is_static);
        let opening = Opening {
            number: frames.len() as u64 + 1,
            transaction: open.transaction,
            parent,
            is_static: is_static || frame.kind == FrameKind::StaticCall,
            code: match frame.has_steps() {
                true => self.code(frame)?,
                false => 0,
            },
            input,
            rules: self.execution.rules,
        };
        let mut performed = PerformedFrame::open(frame, opening, &mut self.counters);
        self.accounts.open(&performed);
        let ends = !frame.has_steps();
        if ends {
            let returned = self.output_of_precompile(open.trace, frame, &performed)?;
            performed.end(returned, &mut self.counters);
            if !performed.result.is_success() {
                self.accounts.undo(&performed);
            }
        }
        self.execution.frames.push(performed);
        if ends {
            self.hand_back(open, opening.number);
        }
        Ok(())
    }

    fn step(&mut self, open: &mut Open<'_>, found: &Found<'_>) -> Result<(), &'static str> {
        let frame = open.trace.frames.get(found.frame);
        let frame = frame.ok_or("there is no such frame")?;
        let number = open.first_frame + found.frame as u64;
        let clock = self.counters.clock;
        let enters = open.stays != Some(found.frame);
        let changes_refund = found.refund != open.refund;
        open.refund = found.refund;
        if let (false, Some(last)) = (enters, self.execution.steps.last()) {
            self.counters.writes += writes_of(last.opcode, changes_refund);
        }
        let before = Registers {
            sp: found.stack.len() as u64,
            gas: found.gas,
            words: found.memory.len() as u64 / WORD_BYTES,
            writes: self.counters.writes,
        };
        let mut returned = None;
        let stack = open.stacks.entry(found.frame).or_default();
        if enters {
            // A call has put its result on the stack of the frame that goes on now.
            let result = found
                .stack
                .last()
                .filter(|_| stack.len() < found.stack.len());
            if let Some(result) = result {
                stack.push(*result, (2 * clock).saturating_sub(1));
                returned = stack.peek(0);
            }
        } else if let Some(last) = self.execution.steps.last_mut() {
            close(last, stack, before, found.stack)?;
        }
        if stack.len() != found.stack.len() {
            return Err("a step leaves another stack than it can");
        }
        let ends = found.index + 1 == frame.end_step;
        let halt = match frame.result {
            FrameResult::Halt(halt) if ends => Some(reason(halt, found)),
            _ => None,
        };
        let class = match halt {
            Some(_) => None,
            None => Class::of(found.opcode),
        };
        let leaves = matches!(class, None | Some(Class::Leave));
        if class.is_none() && halt.is_none() {
            return Err("a step does what is no opcode");
        }
        if halt.is_none() && !is_defined(found.opcode, self.execution.rules) {
            return Err("a step does what is no opcode by the rules");
        }
        let code = self.code(frame)?;
        let takes = match halt {
            None | Some(Halt::InvalidJump | Halt::ReturnDataOutOfBounds) => true,
            Some(Halt::OutOfGas) => takes_words_without_gas(found.opcode, found.gas),
            Some(Halt::StaticViolation) => is_call(found.opcode),
            _ => false,
        };
        let popped = match takes {
            true => popped(class, found.opcode, stack, clock)?,
            false => Vec::new(),
        };
        let memory = match halt {
            None if accesses_memory(found.opcode) => Some(self.access(number, found, &popped)?),
            _ => None,
        };
        if halt.is_none() || halt == Some(Halt::OutOfGas) && takes {
            self.access_storage(number, found, &popped, halt.is_some());
        }
        if halt.is_none() && topics_of(found.opcode).is_some() {
            let log = logs::log(clock, number, &popped, found.memory);
            self.execution.logs.push(log);
        }
        let asks = matches!(found.opcode, RETURNDATASIZE | RETURNDATACOPY);
        let return_data = match halt {
            None | Some(Halt::ReturnDataOutOfBounds) if asks => {
                Some(self.memories.read(number, register::RETURN_DATA, 2 * clock))
            }
            _ => None,
        };
        let copied = match halt {
            None => self.copied(found, &popped)?,
            Some(_) => 0,
        };
        let step = PerformedStep {
            clock,
            frame: number,
            code,
            pc: found.pc,
            opcode: found.opcode,
            halt,
            enters,
            returned,
            before,
            after: None,
            popped,
            pushed: None,
            memory,
            return_data,
            copied,
        };
        if let Some(frame) = self.execution.frames.get(number as usize - 1) {
            self.accounts.step(&step, frame);
        }
        if halt.is_none() {
            let external = found.copied_code;
            self.move_bytes(open.trace, frame, &step, external.as_ref())?;
        }
        self.counters.clock += 1;
        open.stays = (!leaves).then_some(found.frame);
        if ends {
            if !leaves {
                return Err("a frame ends with a step that does not end it");
            }
            let stack = open.stacks.remove(&found.frame).unwrap_or_default();
            self.left(number, stack);
            let ended = self.execution.frames.get_mut(number as usize - 1);
            let ended = ended.ok_or("a step of a frame that was not opened")?;
            let returned = returned_by(&step);
            ended.end(returned, &mut self.counters);
            if ended.undone_at != 0 {
                self.storages.undo(ended);
                self.accounts.undo(ended);
            }
            self.hand_back(open, number);
        } else if leaves {
            let input = input_of_call(&step);
            let opens = self.execution.frames.len() as u64 + 1;
            open.outputs.insert(opens, output_of_call(&step));
            self.execution.steps.push(step);
            self.counters.writes += writes_of(found.opcode, false);
            return self.open(open, number, input?);
        }
        self.execution.steps.push(step);
        Ok(())
    }

    /// What a step reads or writes in its frame's memory.
    fn access(
        &mut self,
        frame: u64,
        found: &Found<'_>,
        popped: &[Popped],
    ) -> Result<MemoryAccess, &'static str> {
        self.memories.access(&Accessing {
            clock: self.counters.clock,
            frame,
            opcode: found.opcode,
            offset: popped.first().ok_or(NO_STACK)?.value,
            value: popped.get(1).map(|word| word.value),
            memory: found.memory,
        })
    }

    /// What a step does to a slot.
    fn access_storage(&mut self, frame: u64, found: &Found<'_>, popped: &[Popped], halts: bool) {
        let frame = self.execution.frames.get(frame as usize - 1);
        if let (true, Some(frame), Some(slot)) =
            (accesses_storage(found.opcode), frame, popped.first())
        {
            self.storages.access(&storage::Accessing {
                clock: self.counters.clock,
                opcode: found.opcode,
                frame,
                writes: self.counters.writes,
                slot: slot.value,
                value: popped.get(1).map(|word| word.value),
                halts,
            });
        }
    }

    /// The number of a frame's bytecode.
    fn code(&self, frame: &Frame) -> Result<u64, &'static str> {
        let code = self.codes.get(&frame.code_hash);
        code.copied()
            .ok_or("the chunk does not have a frame's bytecode")
    }

    fn left(&mut self, frame: u64, mut stack: Stack) {
        while let Some(word) = stack.pop() {
            self.execution.left.push(Left { frame, word });
        }
    }
}
