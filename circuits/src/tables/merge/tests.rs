use alloy_primitives::U256;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{Merge, MergeColumns, generate, merged};
use crate::bus::{Message, tag};
use crate::tables::test_support::{Claims, claims_of, findings_among, padded};
use crate::word::word;

type Row = MergeColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn words() -> (U256, U256) {
    let first = core::array::from_fn(|byte| 0xf0 - 3 * byte as u8);
    let second = core::array::from_fn(|byte| 5 * byte as u8 + 1);
    (
        U256::from_be_bytes::<32>(first),
        U256::from_be_bytes::<32>(second),
    )
}

fn claim(bytes: u64, first: U256, second: U256) -> Message<Felt> {
    Message::Merge {
        bytes: felt(bytes),
        first: word(first),
        second: word(second),
        merged: word(merged(bytes as usize, first, second)),
    }
}

fn rows(claims: &[Message<Felt>]) -> Trace {
    let said = claims_of(&Claims, &Claims::trace(claims.iter().cloned()));
    padded(&Merge, &generate(said.of(&[tag::Merge])).unwrap())
}

fn sent(claims: Vec<Message<Felt>>) -> impl Iterator<Item = (Felt, Message<Felt>)> {
    claims.into_iter().map(|claim| (Felt::ONE, claim))
}

fn all() -> Vec<Message<Felt>> {
    let (first, second) = words();
    let pairs = [
        (first, second),
        (U256::MAX, U256::ZERO),
        (U256::ZERO, U256::MAX),
    ];
    let claims =
        (0..=32).flat_map(|bytes| pairs.map(|(first, second)| claim(bytes, first, second)));
    claims.collect()
}

#[test]
fn every_number_of_bytes_is_merged() {
    assert_eq!(merged(1, U256::MAX, U256::ZERO), U256::from(0xff) << 248);
    let found = findings_among(&Merge, &rows(&all()), sent(all()));
    assert!(found.is_empty(), "{found:?}");
    assert!(SymbolicTable::of(&Merge).excessive_degrees().is_empty());
    let (first, second) = words();
    let mut more = claim(32, first, second);
    if let Message::Merge { bytes, .. } = &mut more {
        *bytes = felt(33);
    }
    let said = claims_of(&Claims, &Claims::trace([more]));
    assert!(generate(said.of(&[tag::Merge])).is_err());
}

#[test]
fn every_column_is_bound() {
    let rows = rows(&all());
    let used: Vec<_> = (0..all().len()).collect();
    assert_eq!(
        unnoticed_columns(&Merge, &rows, &used, &[]),
        Vec::<String>::new()
    );
}

fn caught(label: &str, bytes: u64, forge: impl FnOnce(&mut Row)) {
    let (first, second) = words();
    let claims = vec![claim(bytes, first, second)];
    let mut trace = rows(&claims);
    forge(Row::from_slice_mut(trace.row_mut(0)));
    let found = findings_among(&Merge, &trace, sent(claims));
    assert!(
        found.contains(label),
        "{bytes}: expected {label}, found {found:?}"
    );
}

#[test]
fn other_bytes() {
    for bytes in 0..=32 {
        // One limb of the result, whichever.
        for limb in 0..8 {
            caught("Merge", bytes, |row| row.merged[limb] += Felt::ONE);
        }
        let split = (bytes as usize / 4).min(7);
        for limb in (0..8).filter(|limb| *limb != split) {
            caught("merge/whole limbs", bytes, |row| {
                row.merged[7 - limb] += Felt::ONE
            });
        }
        caught("merge/merged", bytes, |row| {
            row.merged[7 - split] += Felt::ONE
        });
        // One byte more or less than is claimed.
        let other = if bytes == 0 { 1 } else { bytes - 1 };
        caught("Merge", bytes, |row| {
            let (first, second) = words();
            *row = *Row::from_slice(rows(&[claim(other, first, second)]).row(0));
        });
    }
    caught("merge/first", 6, |row| row.first_bytes[0] += Felt::ONE);
    caught("merge/second", 6, |row| row.second_bytes[3] += Felt::ONE);
    // The same limb of bytes that are none.
    caught("U8", 6, |row| {
        row.first_bytes[0] -= Felt::ONE;
        row.first_bytes[1] += felt(256);
    });
    caught("U8", 6, |row| {
        row.second_bytes[2] -= Felt::ONE;
        row.second_bytes[3] += felt(256);
    });
}

#[test]
fn flags_are_flags() {
    caught("merge/split", 6, |row| row.split[1] = felt(2));
    caught("merge/one split", 6, |row| row.split[2] = Felt::ONE);
    caught("merge/bytes", 6, |row| row.bytes[1] = felt(2));
    caught("merge/one number of bytes", 6, |row| {
        row.bytes[0] = Felt::ONE
    });
    // In padding.
    let mut trace = rows(&[]);
    Row::from_slice_mut(trace.row_mut(0)).bytes[0] = Felt::ONE;
    assert!(findings_among(&Merge, &trace, []).contains("merge/bytes used"));
}
