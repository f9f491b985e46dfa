//! Calls of the identity: real traces balance, and what a cheating prover would write is found.

use std::collections::BTreeSet;

use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::{FrameResult, Halt};
use braid_circuits::execution::{IDENTITY, PerformedFrame, precompile_calls};
use braid_circuits::tables::identity::{Identity, IdentityColumns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt};
use plonky2::field::types::Field;

use crate::copies::{dropped, filled, free_columns, with};
use crate::memory::{load, run_of};
use crate::support::{Run, push, traces_of};

type Row = IdentityColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A call of the precompile with this number: input, output, gas, and a value of 1 if the opcode takes one and `pays`.
pub fn call(
    opcode: u8,
    number: u64,
    input: (u64, u64),
    output: (u64, u64),
    gas: u64,
    pays: bool,
) -> Vec<u8> {
    let mut words = vec![output.1, output.0, input.1, input.0];
    if matches!(opcode, CALL | CALLCODE) {
        words.push(u64::from(pays));
    }
    words.extend([number, gas]);
    let words = words.into_iter().flat_map(push);
    words.chain([opcode, POP]).collect()
}

/// A plain call.
fn plain(input: (u64, u64), output: (u64, u64), gas: u64) -> Vec<u8> {
    call(CALL, IDENTITY, input, output, gas, false)
}

/// Input and gas of calls by all opcodes: done in all ways, exactly enough gas, and one less.
pub fn sample() -> Run {
    let parts = [
        filled(),
        plain((3, 70), (100, 50), 10_000),
        load(100),
        dropped(with(RETURNDATASIZE, &[])),
        with(RETURNDATACOPY, &[1, 0, 70]),
        plain((0, 33), (31, 40), 21),
        load(31),
        plain((0, 33), (31, 40), 20),
        dropped(with(RETURNDATASIZE, &[])),
        plain((0, 0), (0, 9), 15),
        plain((0, 0), (0, 9), 14),
        plain((1 << 40, 0), (0, 0), 15),
        plain((32, 32), (32, 32), 0),
        call(STATICCALL, IDENTITY, (5, 64), (7, 64), 100, false),
        call(DELEGATECALL, IDENTITY, (9, 1), (8, 64), 100, false),
        call(CALLCODE, IDENTITY, (9, 31), (8, 3), 100, true),
        // With a stipend; with that, too few.
        call(CALL, IDENTITY, (9, 32), (0, 32), 0, true),
        call(CALL, IDENTITY, (0, 32 * 770), (0, 32), 0, true),
        load(0),
    ];
    let contracts = vec![(crate::support::MAIN, parts.concat(), 1_000)];
    let run = Run::of(&traces_of(contracts, &[1_000_000]));
    assert_eq!(run.findings(), BTreeSet::new());
    assert!(run.execution.written.is_empty());
    run
}

/// Rows of the sample.
const FIRST: usize = 0;
const LACKING: usize = 2;
const EMPTY: usize = 3;
const EMPTY_LACKING: usize = 4;

#[test]
fn input_is_handed_back() {
    let run = sample();
    let calls: Vec<&PerformedFrame> = precompile_calls(&run.execution, IDENTITY).collect();
    let outcomes: Vec<_> = calls.iter().map(|frame| frame.result).collect();
    let (done, lacks) = (FrameResult::Success, FrameResult::Halt(Halt::OutOfGas));
    let expected = [
        done, done, lacks, done, lacks, done, lacks, done, done, done, done, lacks,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(run.trace("identity").width(), Row::WIDTH);
}

/// Every alignment of the input, and every kind of end.
#[test]
fn every_place_is_handed_back() {
    let mut parts = vec![filled()];
    for from in [0, 1, 31, 32, 33, 61] {
        for length in [1, 4, 31, 32, 33, 64, 65, 200] {
            parts.push(plain((from, length), (length / 2, 40), 100));
            parts.push(load(length / 2));
        }
    }
    run_of(&parts);
}

#[test]
fn every_column_is_bound() {
    assert!(SymbolicTable::of(&Identity).excessive_degrees().is_empty());
    assert_eq!(free_columns(&Identity, [&sample()]), BTreeSet::new());
}

/// A change of a row.
type Change = fn(&mut Row);

fn caught(label: &str, row: usize, forge: Change) {
    let mut run = sample();
    forge(run.row("identity", row));
    let found = run.findings();
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn forged_calls() {
    let cases: &[(&str, usize, Change)] = &[
        ("identity/case", FIRST, |row| row.done = felt(2)),
        ("identity/case", FIRST, |row| row.lacks = Felt::ONE),
        // Nobody takes the call.
        ("Precompile", FIRST, |row| row.done = Felt::ZERO),
        ("Precompile", FIRST, |row| row.frame += Felt::ONE),
        ("Precompile", FIRST, |row| row.clock += Felt::ONE),
        ("Precompile", FIRST, |row| row.writes += Felt::ONE),
        ("Precompile", FIRST, |row| row.gas += Felt::ONE),
        // An input that is another: of another frame, elsewhere, shorter, or none.
        ("FrameInput", FIRST, |row| row.input_frame += Felt::ONE),
        ("FrameInput", FIRST, |row| row.transaction += Felt::ONE),
        ("FrameInput", FIRST, |row| row.offset += felt(32)),
        ("FrameInput", FIRST, |row| row.length -= Felt::ONE),
        ("identity/no length", FIRST, |row| {
            row.has_bytes = Felt::ZERO
        }),
        ("identity/length", EMPTY, |row| row.has_bytes = Felt::ONE),
        ("identity/has bytes", FIRST, |row| row.has_bytes = felt(2)),
        ("identity/caller", FIRST, |row| {
            row.frame_inverse = Felt::ZERO
        }),
        ("identity/length", FIRST, |row| {
            row.length_inverse = Felt::ZERO
        }),
        ("Copy", FIRST, |row| row.offset += Felt::ONE),
        ("FrameEnd", FIRST, |row| row.length += Felt::ONE),
    ];
    for (label, row, forge) in cases {
        caught(label, *row, *forge);
    }
}

#[test]
fn forged_gas() {
    let cases: &[(&str, usize, Change)] = &[
        ("identity/words", FIRST, |row| row.last[0] -= Felt::ONE),
        ("U8", FIRST, |row| {
            row.last[0] -= Felt::ONE;
            row.rest += felt(32);
            row.difference[0] += felt(3);
        }),
        // The same numbers with limbs beyond 16 bits.
        ("U16", FIRST, |row| {
            row.last[0] += felt(1 << 16);
            row.last[1] -= Felt::ONE;
        }),
        ("U16", FIRST, |row| {
            row.difference[0] += felt(1 << 16);
            row.difference[1] -= Felt::ONE;
        }),
        ("identity/gas", FIRST, |row| row.difference[0] += Felt::ONE),
        ("FrameEnd", FIRST, |row| row.difference[0] += Felt::ONE),
        // Gas that is there, as if it were not, and the reverse.
        ("identity/lacks", FIRST, |row| {
            (row.done, row.lacks) = (Felt::ZERO, Felt::ONE)
        }),
        ("U16", FIRST, |row| {
            (row.done, row.lacks) = (Felt::ZERO, Felt::ONE);
            row.difference = [Felt::ZERO; 4];
            row.difference[0] = felt(24) - row.gas - Felt::ONE;
        }),
        ("identity/gas", LACKING, |row| {
            (row.done, row.lacks) = (Felt::ONE, Felt::ZERO)
        }),
        ("U16", LACKING, |row| {
            (row.done, row.lacks) = (Felt::ONE, Felt::ZERO);
            row.difference[0] = Felt::NEG_ONE;
        }),
        ("U16", EMPTY_LACKING, |row| {
            (row.done, row.lacks) = (Felt::ONE, Felt::ZERO);
            row.difference[0] = Felt::NEG_ONE;
        }),
    ];
    for (label, row, forge) in cases {
        caught(label, *row, *forge);
    }
}

/// What a row after all calls says is noticed.
#[test]
fn padding_says_nothing() {
    let rows = precompile_calls(&sample().execution, IDENTITY).count();
    assert!(rows < sample().trace("identity").height());
    caught("identity/has bytes used", rows, |row| {
        row.has_bytes = Felt::ONE
    });
    caught("Precompile", rows, |row| row.done = Felt::ONE);
    let mut run = sample();
    let row: &mut Row = run.row("identity", rows);
    (row.gas, row.length) = (Felt::ONE, Felt::ONE);
    assert_eq!(run.findings(), BTreeSet::new());
}
