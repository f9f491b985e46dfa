//! What the tables say that are not here.

use alloy_primitives::U256;
use braid_circuits::bus::{Message, outcome, space, string};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::execution::{
    Execution, PerformedCopy, PerformedStep, Popped, ReadWord, Registers, TouchedWord, Version,
    accesses_memory, moves_bytes,
};
use braid_circuits::tables::opcode::{Class, HALTING};
use braid_circuits::word::word;
use braid_stark::{Felt, Message as BusMessage};
use plonky2::field::types::Field;

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

/// What the tables say that are not here: those that enter frames and are told of their ends, do delegated steps, change memory in copies and calls, and answer for results.
pub fn others(execution: &Execution, codes: &[CodeEvent]) -> Balance {
    let mut balance = Balance::new();
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    for touched in execution.written.iter().chain(&execution.registers) {
        add(&mut balance, receive, memory_word(touched, &touched.before));
        add(&mut balance, send, memory_word(touched, &touched.after));
    }
    for copy in &execution.copies {
        constant_words(&mut balance, copy);
        hashed(&mut balance, execution, copy);
        if !execution
            .steps
            .iter()
            .any(|step| step.clock == copy.order.clock)
        {
            add(&mut balance, send, order(copy));
        }
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
            let elsewhere = elsewhere && !done_here(step.opcode);
            let shown = matches!(halt, Halt::StackUnderflow | Halt::StackOverflow);
            if elsewhere && !shown {
                add(&mut balance, receive, leave(step));
            } else {
                add(&mut balance, receive, frame_end(step));
            }
            continue;
        }
        let delegated = match class.expect("an opcode") {
            Class::Step if done_here(step.opcode) => false,
            Class::Step => {
                let after = step.after.expect("a next step");
                add(&mut balance, receive, delegate(step, &after));
                true
            }
            Class::Leave => {
                add(&mut balance, receive, leave(step));
                true
            }
            // Of the block; and without blobs there is no hash of one.
            Class::Compute if operation(step.opcode).is_some_and(|known| known.inputs == 0) => {
                add(&mut balance, receive, result(step));
                false
            }
            Class::Compute if step.opcode == BLOBHASH => {
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

/// Whether a table does this delegated step.
fn done_here(opcode: u8) -> bool {
    accesses_memory(opcode) || moves_bytes(opcode)
}

/// What is copied at the end of a call.
fn order(copy: &PerformedCopy) -> BusMessage<Felt> {
    let order = &copy.order;
    let message = Message::Copy {
        clock: felt(order.clock),
        source: felt(order.source.space),
        source_id: felt(order.source.id),
        source_offset: felt(order.source.offset),
        source_end: felt(order.source_end),
        target: felt(order.target.space),
        target_id: felt(order.target.id),
        target_offset: felt(order.target.offset),
        length: felt(order.length),
    };
    message.into()
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
        digest: word(step.pushed.expect("a digest")),
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

/// What the tables that are not here offer to be looked up.
pub fn offers(execution: &Execution) -> Vec<BusMessage<Felt>> {
    let mut offers = Vec::new();
    for frame in &execution.frames {
        let input = Message::FrameInput {
            frame: felt(frame.number),
            input_frame: felt(frame.input.frame),
            offset: felt(frame.input.offset),
            length: felt(frame.input.length),
            transaction: felt(frame.transaction),
        };
        let code = Message::FrameCode {
            frame: felt(frame.number),
            code: felt(frame.code),
        };
        offers.extend([input.into(), code.into()]);
    }
    offers
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
