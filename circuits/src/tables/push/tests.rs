//! Tests of `push`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Felt, Table};
use plonky2::field::types::Field;

use super::{Immediate, Push, generate};
use crate::bus::tag;
use crate::error::Error;
use crate::tables::code::sample::{PUSH, Sample, bytecodes, compute, events, felt};

/// A code with a PUSH of every length and PC, the data all different.
fn every_length() -> Vec<u8> {
    let mut code = Vec::new();
    for opcode in 0x5f..=0x7f {
        code.extend([0x58, opcode]);
        code.extend((0..opcode - 0x5f).map(|offset| 0xff - offset - 3 * (opcode % 16)));
    }
    code
}

#[test]
fn every_length_passes() {
    let code = every_length();
    // The same cut short, so that the last PUSH misses data.
    let short = code[..code.len() - 20].to_vec();
    let sample = Sample::of(&events(vec![code, short]));
    sample.assert_caught(&[]);
}

#[test]
fn rows_are_limbs() {
    for (opcode, rows) in [
        (0x58, 1),
        (0x5f, 1),
        (0x60, 1),
        (0x63, 1),
        (0x64, 2),
        (0x67, 2),
        (0x7f, 8),
    ] {
        let codes = events(vec![vec![opcode; 40]]);
        let immediate = Immediate {
            code: 1,
            pc: 0,
            opcode,
        };
        let trace = generate(&codes, &BTreeMap::from([(immediate, 1)])).unwrap();
        assert_eq!(trace.height(), rows);
    }
}

#[test]
fn instructions_that_are_not_there_are_refused() {
    let codes = events(bytecodes());
    for (code, pc, opcode) in [
        (1, 1, 0x60),
        (0, 0, 0x61),
        (9, 0, 0x61),
        (2, 2, 0x5f),
        (1, u64::MAX, 0x61),
    ] {
        let immediate = Immediate { code, pc, opcode };
        let filled = generate(&codes, &BTreeMap::from([(immediate, 1)]));
        assert!(matches!(filled, Err(Error::Events(_))), "{immediate:?}");
    }
}

/// Wrong results of every opcode.
#[test]
fn other_values_are_refused() {
    let code = every_length();
    let sample = Sample::of(&events(vec![code.clone()]));
    let mut pc = 0;
    while pc < code.len() {
        let opcode = code[pc];
        for value in [U256::from(pc + 1), U256::MAX] {
            let mut wrong = sample.clone();
            wrong.asked.push(compute(1, pc, opcode, value));
            wrong.assert_caught(&["Compute"]);
        }
        pc += 1 + usize::from(crate::event::opcode::push_length(opcode));
    }
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&Push).excessive_degrees(), []);
    assert_eq!(AnyTable::column_names(&Push).len(), 21);
}

#[test]
fn every_column_is_bound() {
    let sample = Sample::of(&events(vec![every_length()]));
    let (_, traces) = sample.padded();
    let rows: Vec<_> = (0..sample.traces[PUSH].height()).collect();
    let loose = unnoticed_columns(&Push, &traces[PUSH], &rows, &[tag::PushLength]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn changes_are_noticed_by_what_owns_the_column() {
    let sample = Sample::standard();
    let (_, mut traces) = sample.padded();
    let fixed = Table::fixed(&Push, traces[PUSH].height());
    let names = AnyTable::column_names(&Push);
    // The PUSH5 of code 1 has two rows; rows come by code and position: PUSH2, PUSH1, PC, PUSH5.
    let (pc_row, first, second) = (2, 3, 4);
    let row = traces[PUSH].row(second);
    let taken = names.iter().position(|name| name == "taken").unwrap();
    assert_eq!(row[taken], felt(5));
    for (row, column, owner) in [
        (second, "count", "Compute"),
        (second, "code", "push/same_code"),
        (second, "pc", "push/same_pc"),
        (pc_row, "is_pc", "push/is_pc"),
        (first, "is_pc", "push/pc_takes"),
        (first, "continues", "push/continues"),
        (second, "taken", "push/taken"),
        (first, "takes[2]", "push/takes_order"),
        (second, "bytes[0]", "CodeByte"),
        (first, "bytes[1]", "push/untaken"),
        (pc_row, "bytes[0]", "push/untaken"),
        (second, "high[0]", "push/high"),
        (first, "high[6]", "push/high"),
    ] {
        let position = names.iter().position(|name| name == column).unwrap();
        let cell = (row, position);
        let trace = &mut traces[PUSH];
        let noticed = change_cell(&Push, trace, &fixed, cell, Felt::ONE, &[]);
        let high = change_cell(&Push, trace, &fixed, cell, Felt::NEG_ONE, &[]);
        assert!(
            noticed.mentions(owner) || high.mentions(owner),
            "{column}: {noticed:?}"
        );
    }
}

#[test]
fn padding_claims_only_what_is_true() {
    // A row of zeros offers what PUSH0 gives; whether there is one is not its business.
    let mut sample = Sample::of(&[]);
    sample.assert_caught(&[]);
    sample.asked.push(compute(0, 0, 0x5f, U256::ZERO));
    sample.traces[PUSH].resize(1);
    let names = AnyTable::column_names(&Push);
    let count = names.iter().position(|name| name == "count").unwrap();
    sample.traces[PUSH].row_mut(0)[count] = Felt::ONE;
    sample.assert_caught(&[]);
}

#[test]
fn the_table_is_filled_from_claims() {
    assert!(
        AnyTable::lookups(&Push).is_empty(),
        "counts come with the claims"
    );
}
