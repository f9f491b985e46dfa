//! Runs of contract code, the step table filled from them, and what the tables around it would say.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use alloy_primitives::{Address, U256};
use braid_circuits::bus::{Message, outcome};
use braid_circuits::chunk::{ChunkTable, generate_with};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{Halt, TransactionTrace};
use braid_circuits::event::{BlockEnvironment, Checkpoint, ChunkEvents};
use braid_circuits::execution::{
    Execution, PerformedStep, Popped, Registers, TouchedWord, Version, accesses_memory,
};
use braid_circuits::registry::{self, system_of};
use braid_circuits::tables::opcode::{Class, HALTING};
use braid_circuits::word::word;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::message::signed;
use braid_stark::table::OfferedBy;
use braid_stark::{Columns, Felt, Message as BusMessage, System, Trace};
use braid_witness::block_file::{AllocAccount, Block, BlockFile};
use braid_witness::execution::blocks::{Settings, execute_file};
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::state::State;
use braid_witness::trace::{BlockCodes, TraceInput, TraceOptions, trace_block};
use plonky2::field::types::{Field, PrimeField64};

/// The traces of a file's only block; `None` if it is invalid.
pub fn traces(file: &BlockFile) -> Option<Vec<TransactionTrace>> {
    let (executed, _) = execute_file(file, Settings::default()).ok()?;
    let block = executed.blocks.first()?;
    let state = State::new(&file.alloc).ok()?;
    let outcomes = block.transactions.iter().zip(&block.execution.transactions);
    let reads: Vec<_> = outcomes
        .map(|(transaction, outcome)| TraceInput {
            transaction,
            reads: &outcome.access().expect("accesses").reads,
            receipt: Some(&outcome.receipt),
        })
        .collect();
    let codes = BlockCodes {
        state: &state,
        created: &block.execution.changes.codes,
    };
    let mut traces = Vec::new();
    let context = block.context(executed.chain_id);
    trace_block(
        context,
        &reads,
        &codes,
        TraceOptions::default(),
        &mut traces,
    )
    .expect("traces");
    Some(traces)
}

/// Messages as multiplicities by kind and payload.
type Balance = BTreeMap<(&'static str, Vec<u64>), Felt>;

fn payload_of(message: &BusMessage<Felt>) -> Vec<u64> {
    message
        .payload
        .iter()
        .map(|x| x.to_canonical_u64())
        .collect()
}

fn add(balance: &mut Balance, count: Felt, message: BusMessage<Felt>) {
    let key = (message.tag.name, payload_of(&message));
    *balance.entry(key).or_insert(Felt::ZERO) += count;
}

/// Tables of contract execution, and those that they ask.
const TABLES: &[&str] = &[
    "u16",
    "u8",
    "poseidon",
    "clock",
    "opcode",
    "evm",
    "stack_end",
    "code",
    "code_hash",
    "push",
    "halt",
    "narrow",
    "bits",
    "shift",
    "product",
    "signed",
    "cells",
    "growth",
    "window",
    "byte_shift",
    "byte_store",
    "memory",
];

/// Log2 of the rows of `clock` here.
const LOG_CLOCK: usize = 17;

fn tables() -> Vec<Box<dyn ChunkTable>> {
    let mut tables = registry::tables();
    tables.retain(|table| TABLES.contains(&table.name()));
    tables
}

/// What can be looked up of one kind.
enum Offered {
    Computed(fn(&[Felt]) -> Option<usize>, usize),
    Known(HashSet<Vec<u64>>),
}

impl Offered {
    fn has(&self, message: &BusMessage<Felt>) -> bool {
        match self {
            Self::Computed(row_of, height) => {
                row_of(&message.payload).is_some_and(|row| row < *height)
            }
            Self::Known(payloads) => payloads.contains(&payload_of(message)),
        }
    }
}

/// Contract code that ran: the tables filled from it, and what everybody else says.
pub struct Run {
    pub execution: Execution,
    system: System,
    traces: Vec<Trace>,
    others: Balance,
}

impl Run {
    pub fn of(traces: &[TransactionTrace]) -> Self {
        let events = ChunkEvents {
            executions: traces.to_vec(),
            codes: codes_of(traces),
            ..nothing()
        };
        let execution = Execution::of(&events.executions, &events.codes).expect("an execution");
        let others = others(&execution, &events.codes);
        let filled = generate_with(&tables(), &events).expect("filled tables");
        let system = system_of(tables());
        let mut heights = filled.least_log_heights(&system);
        heights[system.position("clock").expect("the table")] = LOG_CLOCK;
        let traces = filled.pad(&system, &heights).expect("padded tables");
        Self {
            execution,
            system,
            traces,
            others,
        }
    }

    fn position(&self, table: &str) -> usize {
        self.system.position(table).expect("a table")
    }

    /// The rows of a table.
    pub fn trace(&self, table: &str) -> &Trace {
        &self.traces[self.position(table)]
    }

    /// A row of a table, to forge.
    pub fn row<C: Columns<Felt>>(&mut self, table: &str, row: usize) -> &mut C {
        let position = self.position(table);
        C::from_slice_mut(self.traces[position].row_mut(row))
    }

    /// What is offered to lookups, whatever it is counted.
    fn offered(&self) -> BTreeMap<&'static str, Offered> {
        let mut offered = BTreeMap::new();
        for (table, trace) in self.system.tables.iter().zip(&self.traces) {
            for lookup in table.lookups() {
                let offers = match lookup.rows {
                    OfferedBy::Computed(row_of) => Offered::Computed(row_of, trace.height()),
                    OfferedBy::Search => {
                        let mut counted = trace.clone();
                        counted
                            .rows_mut()
                            .for_each(|row| row[lookup.multiplicity] = Felt::ONE);
                        let said = interactions_of(&**table, &counted).into_iter();
                        let said = said.filter(|(_, said)| said.message.tag == lookup.tag);
                        Offered::Known(said.map(|(_, said)| payload_of(&said.message)).collect())
                    }
                };
                offered.insert(lookup.tag.name, offers);
            }
        }
        offered
    }

    /// Labels of constraints that fail, kinds of message that do not balance, and kinds of lookup that nobody answers.
    pub fn findings(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut balance = self.others.clone();
        let offered = self.offered();
        for (table, trace) in self.system.tables.iter().zip(&self.traces) {
            let violations = check_table(&**table, trace);
            found.extend(
                violations
                    .iter()
                    .map(|violation| violation.label.to_owned()),
            );
            for (_, said) in interactions_of(&**table, trace) {
                let kind = said.message.tag.name;
                match offered.get(kind) {
                    None => add(&mut balance, said.multiplicity, said.message),
                    // Who answers counts anew.
                    Some(_) if signed(said.multiplicity) < 0 => {}
                    Some(offers) if offers.has(&said.message) => {}
                    Some(_) => {
                        found.insert(kind.to_owned());
                    }
                }
            }
        }
        balance.retain(|_, count| *count != Felt::ZERO);
        found.extend(balance.into_keys().map(|(kind, _)| kind.to_owned()));
        found
    }

    /// The first step of this opcode that does not halt: its row in `evm`.
    pub fn find(&self, opcode: u8) -> usize {
        let found = |step: &PerformedStep| step.opcode == opcode && step.halt.is_none();
        let index = self.execution.steps.iter().position(found);
        index.unwrap_or_else(|| panic!("no step {opcode:#x}"))
    }
}

/// Events of a chunk in which nothing happens.
fn nothing() -> ChunkEvents {
    ChunkEvents {
        chain_id: 1,
        start: Checkpoint::default(),
        opens: None,
        transactions: Vec::new(),
        executions: Vec::new(),
        codes: Vec::new(),
        accounts: Vec::new(),
        seals: false,
        end: Checkpoint::default(),
    }
}

/// The bytecodes that run, init code left out: whether the traces run any is for the caller to see.
pub fn codes_of(traces: &[TransactionTrace]) -> Vec<CodeEvent> {
    let mut known = BTreeSet::new();
    let mut codes = Vec::new();
    for trace in traces {
        for frame in trace.frames.iter().filter(|frame| frame.has_steps()) {
            if let Some(bytes) = trace.codes.get(&frame.code_hash)
                && known.insert(frame.code_hash)
            {
                codes.push(CodeEvent::new(bytes.clone()));
            }
        }
    }
    codes
}

/// Whether a transaction runs init code.
pub fn creates(traces: &[TransactionTrace]) -> bool {
    let mut frames = traces.iter().flat_map(|trace| &trace.frames);
    frames.any(|frame| frame.kind.is_create() && frame.has_steps())
}

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn stack_word(frame: u64, popped: Popped) -> BusMessage<Felt> {
    let message = Message::StackWord {
        frame: felt(frame),
        index: felt(popped.index),
        value: word(popped.value),
        timestamp: felt(popped.pushed),
    };
    message.into()
}

fn memory_word(touched: &TouchedWord, version: &Version) -> BusMessage<Felt> {
    let message = Message::MemoryWord {
        frame: felt(touched.frame),
        index: felt(touched.index),
        value: word(version.value),
        timestamp: felt(version.timestamp),
    };
    message.into()
}

/// What the tables say that are not here: those that enter frames and are told of their ends, do delegated steps, change memory in copies and calls, and answer for results.
fn others(execution: &Execution, codes: &[CodeEvent]) -> Balance {
    let mut balance = Balance::new();
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    for touched in &execution.changed_elsewhere {
        add(&mut balance, receive, memory_word(touched, &touched.before));
        add(&mut balance, send, memory_word(touched, &touched.after));
    }
    for step in &execution.steps {
        assert!(step.code as usize <= codes.len());
        if step.enters {
            add(&mut balance, send, enter(step));
            if let Some(returned) = step.returned {
                add(&mut balance, send, stack_word(step.frame, returned));
            }
        }
        let class = Class::of(step.opcode);
        if let Some(halt) = step.halt {
            // Out of gas in what another table does.
            let elsewhere = matches!(class, Some(Class::Step | Class::Leave));
            let elsewhere = elsewhere && !accesses_memory(step.opcode);
            let shown = matches!(halt, Halt::StackUnderflow | Halt::StackOverflow);
            if elsewhere && !shown {
                add(&mut balance, receive, leave(step));
            } else {
                add(&mut balance, receive, frame_end(step));
            }
            continue;
        }
        let delegated = match class.expect("an opcode") {
            Class::Step if accesses_memory(step.opcode) => false,
            Class::Step => {
                let after = step.after.expect("a next step");
                add(&mut balance, receive, delegate(step, &after));
                true
            }
            Class::Leave => {
                add(&mut balance, receive, leave(step));
                true
            }
            // Without blobs there is no hash of one.
            Class::Environment | Class::Compute if matches!(step.opcode, BLOBHASH) => {
                add(&mut balance, receive, result(step));
                false
            }
            Class::Environment => {
                add(&mut balance, receive, result(step));
                false
            }
            _ => false,
        };
        if delegated {
            for popped in &step.popped {
                add(&mut balance, receive, stack_word(step.frame, *popped));
            }
            if let (Some(pushed), Some(after)) = (step.pushed, step.after) {
                let word = Popped {
                    index: after.sp - 1,
                    value: pushed,
                    pushed: 2 * step.clock + 1,
                };
                add(&mut balance, send, stack_word(step.frame, word));
            }
        }
    }
    balance
}

fn frame_end(step: &PerformedStep) -> BusMessage<Felt> {
    let message = Message::FrameEnd {
        clock: felt(step.clock),
        frame: felt(step.frame),
        outcome: felt(outcome::HALT),
        gas: Felt::ZERO,
        writes: felt(step.before.writes),
        offset: Felt::ZERO,
        length: Felt::ZERO,
    };
    message.into()
}

fn enter(step: &PerformedStep) -> BusMessage<Felt> {
    let Registers {
        sp,
        gas,
        words,
        writes,
    } = step.before;
    let message = Message::Enter {
        clock: felt(step.clock),
        frame: felt(step.frame),
        code: felt(step.code),
        pc: felt(step.pc),
        sp: felt(sp),
        gas: felt(gas),
        words: felt(words),
        writes: felt(writes),
    };
    message.into()
}

fn leave(step: &PerformedStep) -> BusMessage<Felt> {
    let index = usize::from(step.opcode) + if step.halt.is_some() { HALTING } else { 0 };
    let message = Message::Leave {
        clock: felt(step.clock),
        frame: felt(step.frame),
        code: felt(step.code),
        pc: felt(step.pc),
        index: felt(index as u64),
        sp: felt(step.before.sp),
        gas: felt(step.before.gas),
        words: felt(step.before.words),
        writes: felt(step.before.writes),
    };
    message.into()
}

fn delegate(step: &PerformedStep, after: &Registers) -> BusMessage<Felt> {
    let before = &step.before;
    let message = Message::Step {
        clock: felt(step.clock),
        frame: felt(step.frame),
        opcode: Felt::from_canonical_u8(step.opcode),
        sp: felt(before.sp),
        next_sp: felt(after.sp),
        gas: felt(before.gas),
        next_gas: felt(after.gas),
        words: felt(before.words),
        next_words: felt(after.words),
        writes: felt(before.writes),
        next_writes: felt(after.writes),
    };
    message.into()
}

fn result(step: &PerformedStep) -> BusMessage<Felt> {
    let operand = |index: usize| step.popped.get(index).map_or(U256::ZERO, |word| word.value);
    let a = match Class::of(step.opcode) {
        Some(Class::Environment) => U256::from(step.frame),
        _ => operand(0),
    };
    let message = Message::Compute {
        opcode: Felt::from_canonical_u8(step.opcode),
        a: word(a),
        b: word(operand(1)),
        c: word(step.pushed.expect("a result")),
    };
    message.into()
}

const MAIN: Address = Address::repeat_byte(0xc1);
const CALLED: Address = Address::repeat_byte(0xc2);

/// Bytes of a PUSH with its data.
pub fn push(value: u64) -> Vec<u8> {
    let bytes = U256::from(value).to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

/// A loop of arithmetic that goes round five times, then everything else that the step table does itself, then three calls: of code that stores, and of code that halts in two ways.
fn main_code() -> Vec<u8> {
    let mut code = push(5);
    let start = code.len() as u64;
    code.push(JUMPDEST);
    // i -> i - 1, while i != 0.
    code.extend([push(1), vec![SWAP1, SUB, DUP1], push(start), vec![JUMPI]].concat());
    code.extend([
        CALLER, ADDRESS, DUP2, XOR, SWAP2, ISZERO, POP, PC, POP, LT, POP,
    ]);
    // A jump over a byte that looks like a JUMPDEST inside of a PUSH.
    let target = code.len() as u64 + 5;
    code.extend([push(target), vec![JUMP, PUSH1, JUMPDEST, JUMPDEST]].concat());
    // A condition that does not hold.
    code.extend([push(0), push(7), vec![JUMPI]].concat());
    // A push of 32 bytes, high ones included; memory; DUP16 and SWAP16.
    code.push(PUSH32);
    code.extend([0xab; 32]);
    code.extend([push(64), vec![MSTORE]].concat());
    (0..17).for_each(|value| code.extend(push(value)));
    code.extend([DUP16, SWAP16, GAS, MSIZE, ADD]);
    code.extend([POP; 19]);
    for selector in 0..3u64 {
        // One byte of input says what to do.
        code.extend([push(selector), push(0), vec![MSTORE8]].concat());
        for value in [0, 0, 1, 0, 0] {
            code.extend(push(value));
        }
        code.push(PUSH20);
        code.extend(CALLED);
        code.extend([push(30_000), vec![CALL, POP]].concat());
    }
    // The code ends without a STOP, with something left on the stack.
    code.extend(push(3));
    code
}

/// Jumps to where its input says: to a STOP after a store, to INVALID, or to what is no JUMPDEST.
fn called_code() -> Vec<u8> {
    // calldata[0] >> 248: 0, 1, 2.
    let mut code = [push(0), vec![CALLDATALOAD], push(248), vec![SHR]].concat();
    let (stores, halts) = (15, 21);
    code.extend(
        [
            vec![DUP1],
            push(halts),
            vec![JUMPI],
            push(stores),
            vec![JUMP],
        ]
        .concat(),
    );
    code.resize(stores as usize, INVALID);
    code.extend([vec![JUMPDEST], push(9), push(0), vec![SSTORE, STOP]].concat());
    assert_eq!(code.len(), halts as usize);
    // 1: INVALID; 2: a jump to the data of the PUSH before it.
    code.extend(
        [
            vec![JUMPDEST],
            push(2),
            vec![EQ],
            push(30),
            vec![JUMPI, INVALID],
        ]
        .concat(),
    );
    code.resize(30, INVALID);
    code.extend([JUMPDEST, PUSH1, JUMPDEST, POP, PUSH1, 32, JUMP]);
    code
}

/// Traces of a block with these calls of [`MAIN`], in a state with these contracts.
fn called(contracts: Vec<(Address, Vec<u8>)>, calls: &[u64]) -> Vec<TransactionTrace> {
    let key = SampleKey::new(1, 1).expect("a key");
    let account = |code: Vec<u8>, balance: u64| AllocAccount {
        balance: U256::from(balance),
        code: code.into(),
        nonce: 1,
        ..AllocAccount::default()
    };
    let mut file = BlockFile {
        chain_id: 1,
        ..BlockFile::default()
    };
    file.alloc
        .insert(key.address(), account(Vec::new(), u64::MAX));
    for (address, code) in contracts {
        file.alloc.insert(address, account(code, 0));
    }
    let calls = (1..).zip(calls).map(|(nonce, gas_limit)| {
        let draft = Draft {
            nonce,
            to: Some(MAIN),
            gas_limit: *gas_limit,
            ..Draft::default()
        };
        draft.sign(&key).expect("a signature")
    });
    let block = Block {
        environment: BlockEnvironment {
            number: 1,
            timestamp: 1,
            gas_limit: 30_000_000,
            base_fee: U256::from(7),
            ..BlockEnvironment::default()
        },
        transactions: calls.collect(),
        ..Block::default()
    };
    file.blocks.push(block);
    traces(&file).expect("a valid block")
}

/// Traces of a call of this code with this gas limit.
pub fn call_traces(code: Vec<u8>, gas_limit: u64) -> Vec<TransactionTrace> {
    called(vec![(MAIN, code)], &[gas_limit])
}

/// Traces of a block with calls of all that.
pub fn sample_traces() -> Vec<TransactionTrace> {
    let contracts = vec![(MAIN, main_code()), (CALLED, called_code())];
    called(contracts, &[400_000; 2])
}

/// [`Run`] of [`sample_traces`].
pub fn sample() -> Run {
    let run = Run::of(&sample_traces());
    assert_eq!(run.findings(), BTreeSet::new());
    run
}
