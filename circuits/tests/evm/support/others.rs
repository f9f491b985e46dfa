//! What the tables say that are not here.

use alloy_primitives::{U256, keccak256};
use braid_circuits::bus::{Message, opening, outcome, space, string};
use braid_circuits::event::ChunkEvents;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{FrameResult, Halt};
use braid_circuits::execution::{
    Execution, FrameOpening, PerformedCopy, PerformedFrame, PerformedStep, Popped, ReadWord,
    Registers, TouchedWord, Version, accesses_memory, is_call, moves_bytes, precompile,
    reads_account, topics_of,
};
use braid_circuits::tables::opcode::{Class, HALTING};
use braid_circuits::tables::{arithmetic, register};
use braid_circuits::word::{address, hash_word, word};
use braid_stark::{Felt, Message as BusMessage};
use plonky2::field::types::Field;

use super::accounts::others_on_accounts;
use super::block_hashes::others_on_block_hashes;
use super::logs::others_on_logs;
use super::storage::{others_on_storage, steps_on_storage};
use super::{Balance, add};

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

/// What others do around the tables that are here.
#[derive(Default)]
pub struct Others {
    /// Messages that they send and receive.
    pub said: Balance,
    /// What they offer to lookups.
    pub offered: Vec<BusMessage<Felt>>,
}

const SEND: Felt = Felt::ONE;
const RECEIVE: Felt = Felt::NEG_ONE;

/// What the tables say that are not here: those that open a transaction's frame and are told of its end, do delegated steps, change memory in copies and calls, do precompiles, and answer for blocks and transactions.
pub fn others(execution: &Execution, events: &ChunkEvents) -> Others {
    let mut others = Others::default();
    let balance = &mut others.said;
    let around = !events.transactions.is_empty();
    others_on_accounts(execution, around, balance);
    others_on_logs(execution, events, balance);
    others_on_storage(execution, events.accounts.len(), around, balance);
    others_on_block_hashes(events, balance);
    for touched in &execution.written {
        add(balance, RECEIVE, memory_word(touched, &touched.before));
        add(balance, SEND, memory_word(touched, &touched.after));
    }
    for frame in &execution.frames {
        if !around || frame.kind.is_create() || frame.parent > 0 {
            opened(balance, execution, frame);
        }
    }
    for copy in &execution.copies {
        constant_words(balance, copy);
        hashed(balance, execution, copy);
    }
    for step in &execution.steps {
        assert!(step.code as usize <= events.codes.len());
        let class = Class::of(step.opcode);
        if step.halt.is_some() {
            halted(balance, step);
            continue;
        }
        match class.expect("an opcode") {
            Class::Step if done_here(step) => {}
            Class::Step => {
                let after = step.after.expect("a next step");
                add(balance, RECEIVE, delegate(step, &after));
                words(balance, step);
            }
            Class::Leave if is_elsewhere(step.opcode) => {
                add(balance, RECEIVE, leave(step));
                words(balance, step);
            }
            Class::Compute if operation(step.opcode).is_some_and(|known| known.inputs == 0) => {
                others.offered.push(block_value(step));
            }
            _ => {}
        }
    }
    match around {
        true => access_lists(&mut others.said, execution),
        false => transactions(&mut others.offered, execution),
    }
    others
}

/// Whether no table here ends or leaves a frame by this opcode.
fn is_elsewhere(opcode: u8) -> bool {
    !matches!(opcode, STOP | RETURN | REVERT) && !is_call(opcode)
}

/// What opens a frame and is told of its end, where no table here does: for transactions and creations.
fn opened(balance: &mut Balance, execution: &Execution, frame: &PerformedFrame) {
    let steps = || execution.steps.iter();
    if frame.parent == 0 || frame.kind.is_create() {
        add(balance, SEND, frame_start(frame));
        add(balance, RECEIVE, frame_result(frame));
    }
    if frame.kind.is_create()
        && let Some(noted) = &frame.noted
    {
        let next = steps().find(|step| step.clock == frame.closed + 1);
        let next = next.expect("a step after a creation");
        add(balance, SEND, enter(next));
        let returned = next.returned.expect("the result of a creation");
        add(balance, SEND, stack_word(next.frame, returned));
        add(balance, RECEIVE, memory_word(noted, &noted.before));
        add(balance, SEND, memory_word(noted, &noted.after));
    }
    if frame.opening() == FrameOpening::Precompile {
        add(balance, RECEIVE, precompile_call(frame));
        add(balance, SEND, end_of_frame(frame));
    }
    let last = steps().find(|step| step.clock == frame.ended);
    if last.is_some_and(|step| step.opcode == SELFDESTRUCT && step.halt.is_none()) {
        add(balance, SEND, end_of_frame(frame));
    }
}

/// What halts a frame in what another table does.
fn halted(balance: &mut Balance, step: &PerformedStep) {
    let class = Class::of(step.opcode);
    let elsewhere = match class {
        Some(Class::Step) => !done_here(step),
        Some(Class::Leave) => is_elsewhere(step.opcode),
        _ => false,
    };
    let shown = matches!(step.halt, Some(Halt::StackUnderflow | Halt::StackOverflow));
    if elsewhere && !shown {
        add(balance, RECEIVE, leave(step));
        add(balance, SEND, frame_end(step));
        words(balance, step);
    }
}

/// What a step takes from the stack, and puts there.
fn words(balance: &mut Balance, step: &PerformedStep) {
    for popped in &step.popped {
        add(balance, RECEIVE, stack_word(step.frame, *popped));
    }
    if let (Some(pushed), Some(after)) = (step.pushed, step.after) {
        let word = Popped {
            index: after.sp - 1,
            value: pushed,
            pushed: 2 * step.clock + 1,
        };
        add(balance, SEND, stack_word(step.frame, word));
    }
}

fn block_value(step: &PerformedStep) -> BusMessage<Felt> {
    let message = Message::BlockValue {
        opcode: Felt::from_canonical_u8(step.opcode),
        value: word(step.pushed.expect("a value")),
    };
    message.into()
}

/// Entries of access lists take the time at which they begin.
fn access_lists(balance: &mut Balance, execution: &Execution) {
    for sent in &execution.transactions {
        for _ in &sent.listed {
            let start = Message::AccessListStart {
                transaction: felt(sent.ordinal),
                timestamp: felt(2 * sent.begins + 3),
            };
            add(balance, RECEIVE, start.into());
        }
    }
}

/// What transactions say of themselves: who signed them, as their first frame has it, and what they pay for gas, as steps have it.
fn transactions(offered: &mut Vec<BusMessage<Felt>>, execution: &Execution) {
    let mut say = |transaction: u64, opcode: u8, value: U256| {
        let message = Message::TransactionValue {
            transaction: felt(transaction),
            opcode: Felt::from_canonical_u8(opcode),
            value: word(value),
        };
        offered.push(message.into());
    };
    for frame in execution.frames.iter().filter(|frame| frame.parent == 0) {
        let origin = U256::from_be_bytes(frame.caller.into_word().0);
        say(frame.transaction, ORIGIN, origin);
    }
    for step in &execution.steps {
        if let (GASPRICE, Some(price)) = (step.opcode, step.pushed) {
            let frame = &execution.frames[step.frame as usize - 1];
            say(frame.transaction, GASPRICE, price);
        }
    }
}

fn frame_start(frame: &PerformedFrame) -> BusMessage<Felt> {
    let (opening, code) = match frame.opening() {
        FrameOpening::Empty => (opening::EMPTY, 0),
        FrameOpening::Code => (opening::CODE, frame.code),
        FrameOpening::Refused => (opening::REFUSED, 0),
        FrameOpening::Precompile => {
            let number = precompile(frame.code_address);
            (opening::PRECOMPILE, number.unwrap_or_default())
        }
    };
    let message = Message::FrameStart {
        frame: felt(frame.number),
        transaction: felt(frame.transaction),
        parent: felt(frame.parent),
        depth: felt(frame.depth),
        is_static: Felt::from_bool(frame.is_static),
        address: address(frame.address),
        caller: address(frame.caller),
        value: word(frame.value),
        opening: felt(opening),
        code: felt(code),
        input_frame: felt(frame.input.frame),
        input_offset: felt(frame.input.offset),
        input_length: felt(frame.input.length),
        gas: felt(frame.gas),
        opened: felt(frame.opened),
        writes: felt(frame.writes),
        first_writes: felt(frame.first_writes),
    };
    message.into()
}

fn outcome_of(frame: &PerformedFrame) -> Felt {
    felt(match frame.result {
        FrameResult::Success => outcome::SUCCESS,
        FrameResult::Revert | FrameResult::Refused(_) => outcome::REVERT,
        FrameResult::Halt(_) => outcome::HALT,
    })
}

fn frame_result(frame: &PerformedFrame) -> BusMessage<Felt> {
    let message = Message::FrameResult {
        frame: felt(frame.number),
        outcome: outcome_of(frame),
        gas: felt(frame.gas_left),
        writes: felt(frame.end_writes),
        offset: felt(frame.returned.offset),
        length: felt(frame.returned.length),
        closed: felt(frame.closed),
    };
    message.into()
}

fn precompile_call(frame: &PerformedFrame) -> BusMessage<Felt> {
    let message = Message::Precompile {
        frame: felt(frame.number),
        clock: felt(frame.opened),
        number: felt(precompile(frame.code_address).unwrap_or_default()),
        gas: felt(frame.gas),
        writes: felt(frame.first_writes),
    };
    message.into()
}

fn end_of_frame(frame: &PerformedFrame) -> BusMessage<Felt> {
    let message = Message::FrameEnd {
        clock: felt(frame.ended),
        frame: felt(frame.number),
        outcome: outcome_of(frame),
        gas: felt(frame.gas_left),
        writes: felt(frame.end_writes),
        offset: felt(frame.returned.offset),
        length: felt(frame.returned.length),
    };
    message.into()
}

/// Whether some table here does steps of this opcode.
fn done_here(step: &PerformedStep) -> bool {
    let opcode = step.opcode;
    accesses_memory(opcode)
        || arithmetic::does(opcode)
        || register::does(opcode)
        || steps_on_storage(step)
        || reads_account(opcode)
        || topics_of(opcode).is_some()
        || moves_bytes(opcode)
}

/// Who knows the calldata proves its words.
fn constant_words(balance: &mut Balance, copy: &PerformedCopy) {
    let source = copy.order.source;
    for row in copy.rows.iter().filter(|_| source.space == space::CALLDATA) {
        if let ReadWord::Constant(value) = row.read {
            let message = Message::SourceWord {
                source: felt(source.space),
                source_id: felt(source.id),
                index: felt(row.index),
                value: word(value),
            };
            add(balance, Felt::NEG_ONE, message.into());
        }
    }
}

/// The sponge takes the strings of KECCAK256.
fn hashed(balance: &mut Balance, execution: &Execution, copy: &PerformedCopy) {
    let mut steps = execution.steps.iter();
    let step = steps.find(|step| step.clock == copy.order.clock);
    let Some(step) = step.filter(|step| step.opcode == KECCAK256) else {
        return;
    };
    let (kind, index) = (felt(string::HASHED_MEMORY), felt(step.clock));
    let length = copy.order.length;
    let rows = copy.rows.iter().skip(usize::from(copy.order.leads()));
    let bytes = rows.flat_map(|row| row.window.to_be_bytes::<32>());
    let bytes: Vec<u8> = bytes.take(length as usize).collect();
    let digest = Message::Digest {
        kind,
        index,
        length: felt(length),
        digest: hash_word(keccak256(&bytes)),
    };
    add(balance, Felt::NEG_ONE, digest.into());
    let size = if length.is_multiple_of(4) { 4 } else { 1 };
    for (position, piece) in (0..).step_by(size).zip(bytes.chunks(size)) {
        let position = felt(position);
        let number = piece
            .iter()
            .fold(0, |number, byte| (number << 8) + u64::from(*byte));
        let message = match size {
            4 => Message::HashLimb {
                kind,
                index,
                position,
                limb: felt(number),
            },
            _ => Message::HashByte {
                kind,
                index,
                position,
                byte: felt(number),
            },
        };
        add(balance, Felt::NEG_ONE, message.into());
    }
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
