//! MLOAD, MSTORE and MSTORE8 in real traces.

use std::collections::BTreeSet;

use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::Halt;
use braid_circuits::execution::{Execution, accesses_memory};
use braid_circuits::tables::memory::{Memory, MemoryColumns};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Felt};
use plonky2::field::types::Field;

use crate::support::{Run, call_traces, push};

/// A push of 32 bytes that are all different, and differ by `seed`.
pub fn push_word(seed: u8) -> Vec<u8> {
    let bytes = (0..32).map(|byte: u8| byte.wrapping_mul(7).wrapping_add(seed));
    [PUSH32].into_iter().chain(bytes).collect()
}

/// A store of `seed`'s word.
pub fn store(opcode: u8, seed: u8, offset: u64) -> Vec<u8> {
    [push_word(seed), push(offset), vec![opcode]].concat()
}

/// A load that drops what it reads.
pub fn load(offset: u64) -> Vec<u8> {
    [push(offset), vec![MLOAD, POP]].concat()
}

/// A run of these instructions, with enough gas.
pub fn run_of(parts: &[Vec<u8>]) -> Run {
    let run = Run::of(&call_traces(parts.concat(), 10_000_000));
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Whether all of a run's steps on memory are rows of the table.
fn rows_of(run: &Run) -> usize {
    let rows = run.trace("memory");
    let used = (0..rows.height()).map(|row| rows.row(row));
    used.filter(|row| row.iter().any(|cell| *cell != Felt::ZERO))
        .count()
}

fn accesses(execution: &Execution) -> usize {
    let steps = execution.steps.iter();
    steps.filter(|step| accesses_memory(step.opcode)).count()
}

/// Every offset within two words, read and written, over what is there already and over zeros.
#[test]
fn every_offset_balances() {
    for opcode in [MSTORE, MSTORE8] {
        let mut parts = vec![store(MSTORE, 9, 32), load(3)];
        for offset in 0..=64u8 {
            parts.push(store(opcode, offset, offset.into()));
            parts.push(load(u64::from(offset) / 2));
            parts.push(load(offset.into()));
        }
        let run = run_of(&parts);
        assert_eq!(rows_of(&run), accesses(&run.execution));
    }
}

/// Growth at its edges: to the last byte of a word and to the next, far away, and none.
#[test]
fn growth_balances() {
    let offsets = [
        0,
        1,
        33,
        32,
        64,
        95,
        96,
        22 * 32,
        23 * 32,
        30_000,
        0,
        200_000,
    ];
    let mut parts = Vec::new();
    for offset in offsets {
        parts.push(load(offset));
        parts.push(store(MSTORE8, 1, offset + 32));
    }
    parts.push([load(1 << 20), store(MSTORE, 4, (1 << 20) - 3)].concat());
    let run = run_of(&parts);
    assert_eq!(rows_of(&run), accesses(&run.execution));
    // What is paid for and not touched takes no row.
    assert!(run.execution.cells.len() < 40);
}

/// Programs whose last step lacks the gas for its access, and what they are called with.
pub fn out_of_gas() -> Vec<(Vec<u8>, u64)> {
    let far = |shift: u64, opcode| {
        let offset = [push(1), push(shift), vec![SHL]].concat();
        [push_word(1), offset, vec![opcode]].concat()
    };
    // PUSH0 costs 2 gas, other pushes 3.
    vec![
        // 0: the constant gas.
        (load(0), 21_004),
        (store(MSTORE, 1, 0), 21_007),
        // One less than the growth by a word.
        (load(0), 21_007),
        (store(MSTORE8, 1, 31), 21_011),
        // 4: a word that is there, but for the constant gas.
        ([store(MSTORE, 1, 0), load(0)].concat(), 21_015),
        // Far away: millions of gas, more than any, and more than any number of words.
        (load(4_000_000), 100_000),
        (store(MSTORE, 1, 0xffff_ffff), 100_000),
        (store(MSTORE, 1, 0xffff_ffe0), 100_000),
        (store(MSTORE8, 1, 0xffff_ffff), 100_000),
        // 9: offsets of more than 32 bits, in one limb each.
        (far(32, MSTORE), 100_000),
        (far(64, MLOAD), 100_000),
        (far(255, MSTORE8), 100_000),
        (store(MSTORE, 0xff, u64::MAX), 100_000),
        // 13: the constant gas, with too few words on the stack as well.
        (vec![PUSH0, MSTORE], 21_003),
    ]
}

#[test]
fn out_of_gas_is_shown() {
    for (program, (code, gas)) in out_of_gas().into_iter().enumerate() {
        let run = Run::of(&call_traces(code, gas));
        let last = run.execution.steps.last().expect("a step");
        assert!(accesses_memory(last.opcode), "program {program}");
        assert_eq!(run.findings(), BTreeSet::new(), "program {program}");
        let here = accesses(&run.execution) - usize::from(program == 13);
        assert_eq!(rows_of(&run), here, "program {program}");
        let expected = match program {
            13 => Halt::StackUnderflow,
            _ => Halt::OutOfGas,
        };
        assert_eq!(last.halt, Some(expected), "program {program}");
    }
}

#[test]
fn every_column_is_bound() {
    let degrees = SymbolicTable::of(&Memory).excessive_degrees();
    assert!(degrees.is_empty());
    let ignored = [
        braid_circuits::bus::tag::U16,
        braid_circuits::bus::tag::Clock,
    ];
    let mut unnoticed = BTreeSet::from_iter(Memory.column_names());
    let parts = vec![
        store(MSTORE, 1, 0),
        store(MSTORE, 2, 9),
        store(MSTORE8, 3, 7),
        load(0),
        load(5),
    ];
    let mut runs = vec![run_of(&parts)];
    for (code, gas) in out_of_gas().into_iter().skip(5).step_by(4) {
        runs.push(Run::of(&call_traces(code, gas)));
    }
    for run in runs {
        let rows: Vec<_> = (0..rows_of(&run)).collect();
        let here = unnoticed_columns(&Memory, run.trace("memory"), &rows, &ignored);
        let here = BTreeSet::from_iter(here);
        unnoticed.retain(|name| here.contains(name));
    }
    assert_eq!(unnoticed, BTreeSet::new());
}

/// A row of the table is what its step says.
#[test]
fn aligned_accesses_stay_in_the_table() {
    let mut run = run_of(&[store(MSTORE, 1, 64), load(64), load(65), load(68)]);
    let expected = [(1, 0), (1, 0), (0, 1), (0, 1)];
    for (row, (aligned, shifted)) in expected.into_iter().enumerate() {
        let row: &MemoryColumns<Felt> = run.row("memory", row);
        let found = (row.aligned, row.shifted);
        let flag = Felt::from_canonical_u64;
        assert_eq!(found, (flag(aligned), flag(shifted)));
    }
    let used = |table| {
        let trace = run.trace(table);
        let rows = (0..trace.height()).map(|row| trace.row(row));
        rows.filter(|row| row.iter().any(|cell| *cell != Felt::ZERO))
            .count()
    };
    assert_eq!((used("window"), used("byte_shift")), (2, 1));
}
