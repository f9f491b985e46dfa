//! Runs of contract code, the step table filled from them, and what the tables around it would say.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_circuits::bus::{Message, tag};
use braid_circuits::event::BlockEnvironment;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::execution::{Execution, PerformedStep, Popped, Registers};
use braid_circuits::tables::clock::{Clock, ClockColumns};
use braid_circuits::tables::evm::{Evm, generate};
use braid_circuits::tables::opcode::{Class, HALTING, OpcodeColumns, OpcodeTable};
use braid_circuits::tables::range16::{self, Range16};
use braid_circuits::word::word;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::lookup::fill_multiplicities;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, Error, Felt, Message as BusMessage, System, Table, Tag, Trace};
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

fn add(balance: &mut Balance, count: Felt, message: BusMessage<Felt>) {
    let payload = message.payload.iter().map(|x| x.to_canonical_u64());
    *balance
        .entry((message.tag.name, payload.collect()))
        .or_insert(Felt::ZERO) += count;
}

/// Kinds that fixed tables answer.
const LOOKUPS: [Tag; 3] = [tag::U16, tag::Clock, tag::Opcode];

/// Log2 of the rows of `clock` here.
const LOG_CLOCK: usize = 17;

/// Steps, the table filled from them, and what everybody else says.
pub struct Run {
    pub execution: Execution,
    pub trace: Trace,
    others: Balance,
}

impl Run {
    pub fn of(traces: &[TransactionTrace]) -> Self {
        let execution = Execution::of(traces).expect("an execution");
        let mut trace = generate(&execution).expect("rows");
        let height = (trace.height() + 1).next_power_of_two();
        Table::pad(&Evm, &mut trace, height);
        let codes = codes_of(traces);
        let others = others(&execution, &codes);
        Self {
            execution,
            trace,
            others,
        }
    }

    /// Labels of constraints that fail and kinds of message that do not balance.
    pub fn findings(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        found.extend(
            check_table(&Evm, &self.trace)
                .iter()
                .map(|v| v.label.to_owned()),
        );
        let mut balance = self.others.clone();
        for (_, said) in interactions_of(&Evm, &self.trace) {
            if !LOOKUPS.contains(&said.message.tag) {
                add(&mut balance, said.multiplicity, said.message);
            }
        }
        balance.retain(|_, count| *count != Felt::ZERO);
        found.extend(balance.into_keys().map(|(kind, _)| kind.to_owned()));
        let system = System::new(
            vec![
                Box::new(Evm),
                Box::new(OpcodeTable),
                Box::new(Clock),
                Box::new(Range16),
            ],
            NoPublicValues,
        );
        let mut numbers = range16::generate();
        Table::pad(&Range16, &mut numbers, range16::ENTRIES);
        let mut tables = vec![
            self.trace.clone(),
            Trace::zero(OpcodeColumns::<Felt>::WIDTH, 2 * HALTING),
            Trace::zero(ClockColumns::<Felt>::WIDTH, 1 << LOG_CLOCK),
            numbers,
        ];
        match fill_multiplicities(&system, &mut tables) {
            Err(Error::LookupMissing { tag, .. }) => {
                found.insert(tag.to_owned());
            }
            counted => counted.expect("counted lookups"),
        }
        found
    }

    /// The first step of this opcode that does not halt.
    pub fn find(&self, opcode: u8) -> usize {
        let found = |step: &PerformedStep| step.opcode == opcode && !step.halts;
        let index = self.execution.steps.iter().position(found);
        index.unwrap_or_else(|| panic!("no step {opcode:#x}"))
    }
}

fn codes_of(traces: &[TransactionTrace]) -> BTreeMap<B256, Bytes> {
    let frames = traces.iter().flat_map(|trace| {
        let hashes = trace.frames.iter().map(|frame| frame.code_hash);
        hashes.filter_map(|hash| Some((hash, trace.codes.get(&hash)?.clone())))
    });
    frames.collect()
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

/// What the tables around `evm` say: those that enter frames and are told of their ends, do delegated steps, answer for results, know the code, and drain stacks.
fn others(execution: &Execution, codes: &BTreeMap<B256, Bytes>) -> Balance {
    let mut balance = Balance::new();
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    for left in &execution.left {
        add(&mut balance, receive, stack_word(left.frame, left.word));
    }
    for step in &execution.steps {
        if step.enters {
            add(&mut balance, send, enter(step));
            if let Some(returned) = step.returned {
                add(&mut balance, send, stack_word(step.frame, returned));
            }
        }
        let hash = execution.codes[step.code as usize - 1];
        let instruction = match codes.get(&hash) {
            Some(code) => code.get(step.pc as usize).copied().unwrap_or(STOP),
            // Init code is in no list.
            None => step.opcode,
        };
        let instruction = Message::Instruction {
            code: felt(step.code),
            pc: felt(step.pc),
            opcode: Felt::from_canonical_u8(instruction),
        };
        add(&mut balance, receive, instruction.into());
        if step.halts {
            add(&mut balance, receive, leave(step));
            continue;
        }
        let delegated = match Class::of(step.opcode).expect("an opcode") {
            Class::Step => {
                let after = step.after.expect("a next step");
                add(&mut balance, receive, delegate(step, &after));
                true
            }
            Class::Leave => {
                add(&mut balance, receive, leave(step));
                true
            }
            Class::Compute | Class::Immediate | Class::Environment => {
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
    let index = usize::from(step.opcode) + if step.halts { HALTING } else { 0 };
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
        Some(Class::Immediate) => U256::from(step.pc) + (U256::from(step.code) << 32),
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
fn push(value: u64) -> Vec<u8> {
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

/// Traces of a block with calls of all that.
pub fn sample_traces() -> Vec<TransactionTrace> {
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
    file.alloc.insert(MAIN, account(main_code(), 0));
    file.alloc.insert(CALLED, account(called_code(), 0));
    let calls = (1..3).map(|nonce| {
        let draft = Draft {
            nonce,
            to: Some(MAIN),
            gas_limit: 400_000,
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

/// [`Run`] of [`sample_traces`].
pub fn sample() -> Run {
    let run = Run::of(&sample_traces());
    assert_eq!(run.findings(), BTreeSet::new());
    run
}
