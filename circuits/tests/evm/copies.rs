//! Bytes that move, in real traces: copies, hashes, calldata and return data.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::tables::copy::Copy;
use braid_circuits::tables::moves::Moves;
use braid_stark::AnyTable;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;

use crate::memory::{load, push_word, run_of, store};
use crate::support::{Run, call_traces, push, traces_of_calls};

/// A contract beside the one that is called.
pub const OTHER: Address = Address::repeat_byte(0xc2);
/// The one that is called.
pub const MAIN: Address = Address::repeat_byte(0xc1);

/// An opcode with these operands, the topmost first.
pub fn with(opcode: u8, operands: &[u64]) -> Vec<u8> {
    let pushed = operands.iter().rev().flat_map(|word| push(*word));
    pushed.chain([opcode]).collect()
}

/// The same, with 2^`shift` in place of the operand at `place`.
pub fn with_far(opcode: u8, operands: &[u64], place: usize, shift: u64) -> Vec<u8> {
    let operands = operands.iter().enumerate().rev();
    let pushed = operands.flat_map(|(index, word)| match index == place {
        true => [push(1), push(shift), vec![SHL]].concat(),
        false => push(*word),
    });
    pushed.chain([opcode]).collect()
}

/// What is on top of the stack is dropped.
pub fn dropped(code: Vec<u8>) -> Vec<u8> {
    [code, vec![POP]].concat()
}

/// Memory with other bytes everywhere, up to 192.
pub fn filled() -> Vec<u8> {
    (0..6)
        .flat_map(|word| store(MSTORE, 40 * word as u8 + 1, 32 * word))
        .collect()
}

/// A call of [`OTHER`] with this input, and where its output goes.
pub fn call(input: (u64, u64), output: (u64, u64)) -> Vec<u8> {
    let words = [output.1, output.0, input.1, input.0, 0];
    let words = words.iter().flat_map(|word| push(*word));
    let target = [PUSH20].into_iter().chain(OTHER);
    words
        .chain(target)
        .chain(push(200_000))
        .chain([CALL, POP])
        .collect()
}

/// Places in two words and a bit: edges of words and limbs, and between.
const PLACES: [u64; 9] = [0, 1, 4, 7, 30, 31, 32, 36, 61];
const LENGTHS: [u64; 10] = [1, 3, 4, 31, 32, 33, 36, 64, 65, 100];

/// Every alignment of source and target, with every kind of end.
#[test]
fn memory_is_copied() {
    let mut parts = vec![filled()];
    for to in PLACES {
        for (from, length) in PLACES.into_iter().zip(LENGTHS) {
            parts.push(with(MCOPY, &[to, from, length]));
            parts.push(load(to + length / 2));
        }
    }
    for length in LENGTHS {
        parts.push(with(MCOPY, &[65, 33, length]));
        parts.push(with(MCOPY, &[33, 65, length]));
        parts.push(with(MCOPY, &[40, 40, length]));
    }
    // Far ahead, from there, and nowhere.
    parts.push(with(MCOPY, &[5_003, 1, 40]));
    parts.push(with(MCOPY, &[7, 9_001, 40]));
    parts.push(with(MCOPY, &[1 << 40, 1 << 50, 0]));
    parts.push(load(5_000));
    run_of(&parts);
}

#[test]
fn code_and_calldata_are_copied() {
    let mut parts = vec![filled()];
    for opcode in [CODECOPY, CALLDATACOPY] {
        for to in PLACES {
            for (from, length) in PLACES.into_iter().zip(LENGTHS) {
                parts.push(with(opcode, &[to, from, length]));
            }
        }
        // Across the end, beyond it, far beyond it, from a source that no memory has.
        for from in [300, 990, 1_015, 5_000, 0xffff_ffff, 1 << 32, u64::MAX] {
            parts.push(with(opcode, &[3, from, 70]));
            parts.push(load(10));
        }
        parts.push(with_far(opcode, &[3, 0, 70], 1, 255));
        parts.push(with(opcode, &[1 << 40, 1 << 50, 0]));
    }
    let code = parts.concat();
    let input: Vec<u8> = (0..333u64).map(|byte| (byte * 7 + 1) as u8).collect();
    for input in [input, Vec::new()] {
        let run = Run::of(&traces_of_calls(
            vec![(MAIN, code.clone())],
            input,
            &[10_000_000],
        ));
        assert_eq!(run.findings(), BTreeSet::new());
    }
}

/// The input of a frame that another calls: the caller's memory, up to its end.
#[test]
fn input_of_calls_is_read() {
    let mut callee = Vec::new();
    for offset in [0, 1, 4, 27, 32, 35, 50, 68, 69, 100, 0xffff_ffff, 1 << 32] {
        callee.push(dropped(with(CALLDATALOAD, &[offset])));
        callee.push(with(CALLDATACOPY, &[offset & 63, offset, 40]));
    }
    callee.push(dropped(with_far(CALLDATALOAD, &[0], 0, 255)));
    let callee = callee.concat();
    let mut parts = vec![filled()];
    for input in [(0, 68), (32, 64), (5, 69), (190, 1), (0, 0), (3, 50)] {
        parts.push(call(input, (0, 0)));
    }
    let contracts = vec![(MAIN, parts.concat()), (OTHER, callee.clone())];
    let run = Run::of(&traces_of_calls(contracts, Vec::new(), &[10_000_000]));
    assert_eq!(run.findings(), BTreeSet::new());
    let input: Vec<u8> = (0..69).map(|byte| byte * 3 + 1).collect();
    let run = Run::of(&traces_of_calls(vec![(MAIN, callee)], input, &[10_000_000]));
    assert_eq!(run.findings(), BTreeSet::new());
}

/// What hands back so many bytes of its memory, or gives them with REVERT.
pub fn returns(opcode: u8, offset: u64, length: u64) -> Vec<u8> {
    [filled(), with(opcode, &[offset, length])].concat()
}

#[test]
fn return_data_is_read() {
    for (opcode, offset, length) in [
        (RETURN, 0, 64),
        (REVERT, 5, 70),
        (RETURN, 9, 0),
        (INVALID, 0, 0),
    ] {
        let mut parts = vec![
            filled(),
            with(RETURNDATASIZE, &[]),
            with(RETURNDATACOPY, &[0, 0, 0]),
        ];
        for output in [(3, 40), (32, 32), (64, 200), (190, 7)] {
            parts.push(call((0, 4), output));
            parts.push(load(output.0));
            parts.push(dropped(with(RETURNDATASIZE, &[])));
            for (from, bytes) in [(0, length), (length / 2, length - length / 2), (length, 0)] {
                parts.push(with(RETURNDATACOPY, &[13, from, bytes]));
            }
            parts.push(load(20));
        }
        let callee = returns(opcode, offset, length);
        let contracts = vec![(MAIN, parts.concat()), (OTHER, callee)];
        let run = Run::of(&traces_of_calls(contracts, Vec::new(), &[10_000_000]));
        assert_eq!(run.findings(), BTreeSet::new(), "{opcode:#x}");
        assert!(run.execution.steps.last().expect("a step").halt.is_none());
    }
}

#[test]
fn memory_is_hashed() {
    let mut parts = vec![filled()];
    for offset in PLACES {
        for length in [0, 1, 4, 31, 32, 33, 64, 65, 135, 136, 137] {
            parts.push(dropped(with(KECCAK256, &[offset, length])));
        }
    }
    parts.push(dropped(with(KECCAK256, &[1 << 40, 0])));
    parts.push(dropped(with(KECCAK256, &[3_000, 40])));
    run_of(&parts);
}

/// With the sponge and the permutations.
#[test]
fn hashes_are_proved() {
    let mut parts = vec![filled()];
    for (offset, length) in [
        (0, 0),
        (0, 64),
        (3, 32),
        (1, 33),
        (5, 135),
        (9, 136),
        (2, 140),
    ] {
        parts.push(dropped(with(KECCAK256, &[offset, length])));
    }
    let run = Run::hashing(&call_traces(parts.concat(), 10_000_000));
    assert_eq!(run.findings(), BTreeSet::new());
}

/// The identity hands its input back; what it writes lies in its own frame's memory.
#[test]
fn output_of_precompiles_is_read() {
    let mut parts = vec![filled()];
    for (input, output) in [((3, 70), (100, 50)), ((0, 33), (31, 40)), ((0, 0), (0, 9))] {
        let words = [output.1, output.0, input.1, input.0, 0, 4, 10_000];
        let words = words.iter().flat_map(|word: &u64| push(*word));
        parts.push(words.chain([CALL, POP]).collect());
        parts.push(load(output.0));
        parts.push(with(RETURNDATACOPY, &[1, 0, input.1]));
        parts.push(load(1));
    }
    run_of(&parts);
}

/// Programs whose last step halts, what they are called with, and why.
pub fn halting() -> Vec<(Vec<u8>, u64, Halt)> {
    let lacks = |code: Vec<u8>, gas| (code, gas, Halt::OutOfGas);
    let over = |code: Vec<u8>| (code, 100_000, Halt::ReturnDataOutOfBounds);
    let mut programs = Vec::new();
    for opcode in [CALLDATACOPY, CODECOPY, MCOPY] {
        // The constant gas, with and without a length; one less than all of it.
        programs.push(lacks(with(opcode, &[1, 1, 0]), 21_010));
        programs.push(lacks(with(opcode, &[1, 1, 64]), 21_010));
        programs.push(lacks(with(opcode, &[1, 1, 64]), 21_009 + 3 + 6 + 9 - 1));
        programs.push(lacks(with_far(opcode, &[1, 1, 64], 0, 32), 100_000));
        programs.push(lacks(with_far(opcode, &[1, 1, 64], 2, 32), 100_000));
        programs.push(lacks(with(opcode, &[0xffff_ffff, 1, 0xffff_ffff]), 100_000));
    }
    programs.push(lacks(with_far(MCOPY, &[1, 1, 64], 1, 40), 100_000));
    programs.push(lacks(with(MCOPY, &[1, 1 << 31, 64]), 100_000));
    programs.push(lacks(with(KECCAK256, &[1, 64]), 21_006 + 30 + 12 + 9 - 1));
    programs.push(lacks(with(KECCAK256, &[1, 0]), 21_005 + 29));
    programs.push(lacks(with_far(KECCAK256, &[1, 64], 0, 64), 100_000));
    programs.push(lacks(with_far(KECCAK256, &[1, 64], 1, 255), 100_000));
    programs.push(lacks(with(CALLDATALOAD, &[1]), 21_005));
    programs.push(lacks(with(RETURNDATASIZE, &[]), 21_001));
    programs.push(over(with(RETURNDATACOPY, &[1, 1, 0])));
    programs.push(over(with(RETURNDATACOPY, &[1, 0, 1])));
    programs.push(over(with(RETURNDATACOPY, &[1, 0xffff_ffff, 0xffff_ffff])));
    programs.push(over(with_far(RETURNDATACOPY, &[1, 0, 1], 1, 32)));
    programs.push(over(with_far(RETURNDATACOPY, &[1, 0, 0], 1, 255)));
    programs
}

#[test]
fn halts_are_shown() {
    for (program, (code, gas, halt)) in halting().into_iter().enumerate() {
        let run = Run::of(&call_traces(code, gas));
        let last = run.execution.steps.last().expect("a step");
        assert_eq!(last.halt, Some(halt), "program {program}");
        assert_eq!(run.findings(), BTreeSet::new(), "program {program}");
    }
}

#[test]
fn degrees_are_supported() {
    assert!(SymbolicTable::of(&Moves).excessive_degrees().is_empty());
    assert!(SymbolicTable::of(&Copy).excessive_degrees().is_empty());
}

/// A program with something of everything.
pub fn everything() -> Run {
    let callee = [
        dropped(with(CALLDATALOAD, &[3])),
        with(CALLDATACOPY, &[2, 4, 40]),
        with_far(CALLDATACOPY, &[2, 4, 40], 1, 33),
        returns(RETURN, 1, 70),
    ];
    let main = [
        push_word(9),
        vec![POP],
        filled(),
        with(CALLDATACOPY, &[9, 5, 80]),
        dropped(with(CALLDATALOAD, &[1])),
        with(CODECOPY, &[0, 0, 32]),
        with(CODECOPY, &[7, 30, 4_000]),
        with(MCOPY, &[33, 2, 70]),
        with(MCOPY, &[2, 34, 64]),
        with(MCOPY, &[0, 0, 0]),
        dropped(with(KECCAK256, &[1, 64])),
        dropped(with(KECCAK256, &[0, 37])),
        dropped(with(KECCAK256, &[0, 0])),
        call((3, 40), (5, 50)),
        dropped(with(RETURNDATASIZE, &[])),
        with(RETURNDATACOPY, &[0, 5, 60]),
    ];
    let input: Vec<u8> = (0..77).map(|byte| byte * 3 + 1).collect();
    let contracts = vec![(MAIN, main.concat()), (OTHER, callee.concat())];
    let run = Run::of(&traces_of_calls(contracts, input, &[10_000_000]));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Columns of a table that no change of a used row shows, in any of these runs.
pub fn free_columns<'a>(
    table: &dyn AnyTable,
    runs: impl IntoIterator<Item = &'a Run>,
) -> BTreeSet<String> {
    let ignored = [
        braid_circuits::bus::tag::U16,
        braid_circuits::bus::tag::Clock,
    ];
    let mut free = BTreeSet::from_iter(table.column_names());
    for run in runs {
        let trace = run.trace(table.name());
        let rows: Vec<_> = (0..trace.height()).collect();
        let here = BTreeSet::from_iter(unnoticed_columns(table, trace, &rows, &ignored));
        free.retain(|name| here.contains(name));
    }
    free
}

#[test]
fn every_column_is_bound() {
    let mut runs = vec![everything()];
    for (code, gas, _) in halting() {
        runs.push(Run::of(&call_traces(code, gas)));
    }
    let tables = braid_circuits::registry::tables();
    for name in ["copy", "moves", "string", "code_words", "merge"] {
        let table = tables
            .iter()
            .find(|table| table.name() == name)
            .expect("a table");
        assert_eq!(
            free_columns(table.as_ref(), &runs),
            BTreeSet::new(),
            "{name}"
        );
    }
}
