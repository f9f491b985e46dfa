//! Tests of `code_hash`.

use alloy_primitives::Bytes;
use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table};
use plonky2::field::types::{Field, PrimeField64};

use super::{CodeHash, CodeHashColumns, generate};
use crate::bus::tag;
use crate::error::Error;
use crate::event::Code;
use crate::event::code::CodeEvent;
use crate::state_hash::code_digest;
use crate::tables::code::sample::{CODE_HASH, Sample, bytecodes, events};

#[test]
fn digests_are_those_of_the_state_tree() {
    let sizes = [0, 1, 6, 7, 8, 27, 28, 29, 55, 56, 57, 500];
    let codes = sizes.map(|size| (0..size).map(|i| (i * i) as u8).collect::<Vec<u8>>());
    let trace = generate(&events(codes.to_vec())).unwrap();
    let mut counted = 0;
    for row in 0..trace.height() - 1 {
        let [local, next] = [row, row + 1].map(|row| {
            let row: &CodeHashColumns<Felt> = CodeHashColumns::from_slice(trace.row(row));
            *row
        });
        if local.used == Felt::ONE && next.code != local.code {
            let code = Code::of(&codes[counted]).unwrap();
            let digest = local.digest.map(|element| element.to_canonical_u64());
            assert_eq!(digest, code_digest(&code));
            counted += 1;
        }
    }
    assert_eq!(counted, sizes.len());
}

#[test]
fn a_hash_of_other_bytes_is_refused() {
    let mut event = CodeEvent::new(Bytes::from_static(&[1, 2, 3]));
    event.keccak.0[0] ^= 1;
    assert!(matches!(generate(&[event]), Err(Error::Events(_))));
}

#[test]
fn no_codes_are_no_rows() {
    assert_eq!(generate(&[]).unwrap().height(), 0);
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&CodeHash).excessive_degrees(), []);
    let names = AnyTable::column_names(&CodeHash);
    assert_eq!(names.len(), 39);
    let lookups = AnyTable::lookups(&CodeHash);
    let counts = lookups
        .iter()
        .map(|lookup| names[lookup.multiplicity].as_str());
    assert!(counts.eq(["lengths", "count"]));
}

#[test]
fn every_column_is_bound() {
    let sample = Sample::standard();
    let (_, traces) = sample.padded();
    let rows: Vec<_> = (0..sample.traces[CODE_HASH].height()).collect();
    let ignored = [tag::U16, tag::U8];
    let loose = unnoticed_columns(&CodeHash, &traces[CODE_HASH], &rows, &ignored);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn changes_are_noticed_by_what_owns_the_column() {
    let sample = Sample::standard();
    let (_, mut traces) = sample.padded();
    let fixed = Table::fixed(&CodeHash, traces[CODE_HASH].height());
    let names = AnyTable::column_names(&CodeHash);
    // Code 1 has three hashed groups and one that is not.
    assert_eq!(bytecodes()[0].len().div_ceil(28), 3);
    for (group, column, owner) in [
        (1, "used", "code_hash/used_run"),
        (1, "code", "code_hash/id"),
        (1, "group", "code_hash/group"),
        (1, "size", "code_hash/size"),
        (1, "hashed", "code_hash/hashed"),
        (1, "words[2]", "CodeWord"),
        (1, "before[3]", "Poseidon"),
        (0, "before[3]", "code_hash/start"),
        (3, "keccak[15]", "Poseidon"),
        (3, "identity[1]", "Poseidon"),
        (3, "digest[1]", "Poseidon"),
        (3, "count", "Code"),
        (1, "count", "code_hash/count_last"),
        (3, "lengths", "CodeLength"),
        (1, "lengths", "CodeLength"),
    ] {
        let position = names.iter().position(|name| name == column).unwrap();
        let cell = (sample.group_row(1, group), position);
        let ignored = [tag::U16, tag::U8];
        let trace = &mut traces[CODE_HASH];
        let noticed = change_cell(&CodeHash, trace, &fixed, cell, Felt::ONE, &ignored);
        assert!(noticed.mentions(owner), "{column}: {noticed:?}");
    }
}
