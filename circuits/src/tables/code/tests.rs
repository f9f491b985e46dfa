//! Tests of `code`.

use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table};
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::sample::{
    CODE, Sample, bytecodes, check_padded, code_byte, data, events, instruction, instructions,
};
use super::{Code, CodeColumns, generate, padded_size};
use crate::bus::tag;

#[test]
fn the_sample_passes() {
    Sample::standard().assert_caught(&[]);
}

#[test]
fn random_codes_pass() {
    let mut rng = StdRng::seed_from_u64(11);
    for _ in 0..6 {
        let count = rng.gen_range(0..6);
        let codes = (0..count).map(|_| {
            let size = rng.gen_range(0..150);
            // Half of the bytes are PUSH opcodes, so that most other bytes are data.
            let byte = |rng: &mut StdRng| match rng.r#gen::<bool>() {
                true => rng.gen_range(0x5f..0x80),
                false => rng.r#gen(),
            };
            (0..size).map(|_| byte(&mut rng)).collect()
        });
        Sample::of(&events(codes.collect())).assert_caught(&[]);
    }
}

#[test]
fn codes_of_every_size_around_words_and_groups_pass() {
    let codes = (0..30).chain(54..60).map(|size| {
        // The last byte is a PUSH32, the byte before is zero.
        let mut code = vec![0; size];
        code.iter_mut()
            .last()
            .into_iter()
            .for_each(|byte| *byte = 0x7f);
        code
    });
    Sample::of(&events(codes.collect())).assert_caught(&[]);
}

#[test]
fn padding_holds_the_data_of_the_last_push_and_a_stop() {
    for size in 0..200 {
        let padded = padded_size(size);
        assert!(padded >= size + 33 && padded < size + 33 + 28 && padded.is_multiple_of(28));
    }
    let mut sample = Sample::standard();
    // The truncated PUSH4 of code 2 at byte 0: data until byte 4, instructions from byte 5 on.
    assert_eq!(instructions(&bytecodes()[1])[..2], [(0, 0x63), (5, 0)]);
    sample.asked.push(data(2, 4, 0));
    sample.assert_caught(&[]);
    sample.asked.push(instruction(2, 4, 0));
    sample.assert_caught(&["Instruction"]);
}

#[test]
fn no_codes_are_no_rows_and_padding_says_nothing() {
    assert_eq!(generate(&[]).unwrap().height(), 0);
    let mut empty = Sample::of(&[]);
    empty.assert_caught(&[]);
    empty.asked = vec![instruction(0, 0, 0)];
    empty.assert_caught(&["Instruction"]);
    empty.asked = vec![data(0, 0, 0)];
    empty.assert_caught(&["code/instructions"]);
    empty.asked = vec![code_byte(0, 0, 0)];
    empty.assert_caught(&["code/bytes"]);
    let mut sample = Sample::standard();
    let id = bytecodes().len() + 1;
    sample.asked.push(data(id, 0, 0));
    sample.assert_caught(&["code/instructions"]);
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&Code).excessive_degrees(), []);
    assert_eq!(
        (
            AnyTable::column_names(&Code).len(),
            Table::fixed_names(&Code).len()
        ),
        (11, 2)
    );
}

#[test]
fn counts_are_the_columns_that_lookups_name() {
    let names = AnyTable::column_names(&Code);
    let counted: Vec<_> = AnyTable::lookups(&Code)
        .iter()
        .map(|lookup| (lookup.tag, names[lookup.multiplicity].clone()))
        .collect();
    let expected = [(tag::Instruction, "instructions"), (tag::CodeByte, "bytes")];
    assert_eq!(counted, expected.map(|(tag, name)| (tag, name.to_owned())));
}

#[test]
fn every_column_is_bound() {
    let sample = Sample::standard();
    let (_, traces) = sample.padded();
    let rows: Vec<_> = (0..sample.traces[CODE].height()).collect();
    let loose = unnoticed_columns(&Code, &traces[CODE], &rows, &[tag::PushLength]);
    // Counts are zero here and are noticed by what they offer.
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn changes_are_noticed_by_what_owns_the_column() {
    let sample = Sample::standard();
    let (_, mut traces) = sample.padded();
    let fixed = Table::fixed(&Code, traces[CODE].height());
    let names = AnyTable::column_names(&Code);
    // Byte 1 is data of the PUSH2 at byte 0, byte 3 the JUMPDEST after it; byte 70 lies beyond the end.
    for (position, column, owner) in [
        (3, "used", "code/used_run"),
        (3, "code", "code/id"),
        (3, "position", "code/position"),
        (70, "byte", "code/ended_byte"),
        (3, "byte", "code/word"),
        (0, "push_length", "code/remaining"),
        (1, "remaining", "code/remaining"),
        (3, "remaining", "code/starts_data"),
        (1, "starts", "code/starts_data"),
        (70, "ended", "code/ended"),
        (3, "ended", "code/ended_run"),
        (3, "word", "code/word"),
        (1, "instructions", "Instruction"),
        (3, "instructions", "Instruction"),
        (3, "bytes", "CodeByte"),
    ] {
        let column = names.iter().position(|name| name == column).unwrap();
        let cell = (sample.byte_row(1, position), column);
        let noticed = change_cell(
            &Code,
            &mut traces[CODE],
            &fixed,
            cell,
            Felt::ONE,
            &[tag::PushLength],
        );
        assert!(noticed.mentions(owner), "{}: {noticed:?}", names[column]);
    }
}

#[test]
fn a_code_that_fills_the_table_is_refused() {
    let sample = Sample::standard();
    let (tables, mut traces) = sample.padded();
    // In place of the unused rows come more zeros of the last code, whose end nothing would tell.
    let unused = sample.traces[CODE].height() - 1;
    for row in unused..traces[CODE].height() {
        let mut more: CodeColumns<Felt> = *CodeColumns::from_slice(traces[CODE].row(row - 1));
        more.position += Felt::ONE;
        *CodeColumns::from_slice_mut(traces[CODE].row_mut(row)) = more;
    }
    let report = check_padded(tables, traces, &sample.asked);
    assert!(report.mentions("code/edge"), "{report}");
}
