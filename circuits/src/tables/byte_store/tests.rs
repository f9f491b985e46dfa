use alloy_primitives::U256;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::generation::fill;
use super::{ByteStore, ByteStoreColumns};
use crate::bus::{Message, tag};
use crate::execution::{MemoryAccess, TouchedWord, Version};
use crate::tables::test_support::{findings_among, padded};
use crate::word::word;

type Row = ByteStoreColumns<Felt>;

const NOW: u64 = 1_001;
const INDEX: u64 = 6;
const FRAME: u64 = 2;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// The lowest byte is what is written.
fn value() -> U256 {
    U256::from(0x0123_4567_89ab_cdef_u64)
}

/// A write to this byte of a word of different bytes.
fn access(byte: usize) -> MemoryAccess {
    let before: [u8; 32] = core::array::from_fn(|byte| 0x40 + 5 * byte as u8);
    let mut after = before;
    after[byte] = 0xef;
    let version = |bytes, timestamp| Version {
        value: U256::from_be_bytes::<32>(bytes),
        timestamp,
    };
    MemoryAccess {
        offset: 32 * INDEX + byte as u64,
        value: value(),
        words: vec![TouchedWord {
            frame: FRAME,
            index: INDEX,
            before: version(before, 4),
            after: version(after, NOW),
        }],
    }
}

fn others(byte: usize) -> Vec<(Felt, Message<Felt>)> {
    let access = access(byte);
    let touched = access.words[0];
    let version = |version: Version| Message::MemoryWord {
        frame: felt(FRAME),
        index: felt(INDEX),
        value: word(version.value),
        timestamp: felt(version.timestamp),
    };
    let claim = Message::MemoryByte {
        frame: felt(FRAME),
        offset: felt(access.offset),
        value: word(value())[0],
        timestamp: felt(NOW),
    };
    vec![
        (Felt::ONE, claim),
        (Felt::ONE, version(touched.before)),
        (Felt::NEG_ONE, version(touched.after)),
    ]
}

fn rows(byte: usize) -> Trace {
    let mut trace = Trace::new(Row::WIDTH);
    fill(trace.push(), &access(byte)).unwrap();
    padded(&ByteStore, &trace)
}

#[test]
fn every_byte_is_written() {
    for byte in 0..32 {
        let found = findings_among(&ByteStore, &rows(byte), others(byte));
        assert!(found.is_empty(), "{byte}: {found:?}");
    }
    assert!(SymbolicTable::of(&ByteStore).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    let loose = unnoticed_columns(&ByteStore, &rows(9), &[0], &[tag::Clock, tag::U8]);
    assert_eq!(loose, Vec::<String>::new());
}

fn caught(label: &str, byte: usize, forge: impl FnOnce(&mut Row)) {
    let mut trace = rows(byte);
    forge(ByteStoreColumns::from_slice_mut(trace.row_mut(0)));
    let found = findings_among(&ByteStore, &trace, others(byte));
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn another_byte() {
    for (byte, other) in [(9, 10), (9, 5), (0, 31), (31, 3)] {
        let placed = |row: &mut Row| {
            (row.limb, row.byte) = ([Felt::ZERO; 8], [Felt::ZERO; 4]);
            fill(row, &access(other)).unwrap();
        };
        caught("MemoryByte", byte, placed);
        caught("MemoryWord", byte, |row| {
            placed(row);
            row.index += (felt(byte as u64) - felt(other as u64)) * felt(32).inverse();
        });
    }
    for limb in 0..8 {
        caught("byte_store/flag", 9, |row| row.limb[limb] = felt(2));
    }
    for byte in 0..4 {
        caught("byte_store/flag", 9, |row| row.byte[byte] = felt(2));
        caught("U8", 9, |row| row.old[byte] = felt(256));
        caught("U8", 9, |row| row.value[byte] = felt(256));
    }
    caught("byte_store/one byte", 9, |row| row.byte[2] = Felt::ONE);
    caught("byte_store/one limb", 9, |row| row.limb[3] = Felt::ONE);
    caught("byte_store/flag", 9, |row| {
        let half = felt(2).inverse();
        (row.byte[0], row.byte[1], row.byte[2]) = (half, Felt::ZERO, half);
    });
}

#[test]
fn another_value() {
    caught("byte_store/change", 9, |row| row.change += Felt::ONE);
    caught("byte_store/change", 9, |row| row.change = Felt::ZERO);
    caught("byte_store/old", 9, |row| row.old[0] += Felt::ONE);
    // The limb before, or the value, split where bytes end elsewhere.
    caught("U8", 9, |row| {
        row.old[1] -= Felt::ONE;
        row.old[2] += felt(256);
        row.change += felt(1 << 16);
    });
    caught("U8", 9, |row| {
        row.value[3] += felt(256);
        row.value[2] -= Felt::ONE;
        row.change += felt(1 << 24);
    });
    // Another byte of the value.
    caught("byte_store/change", 9, |row| row.value.swap(2, 3));
    caught("MemoryByte", 9, |row| row.value[0] += Felt::ONE);
}

#[test]
fn another_time_or_frame() {
    caught("Clock", 9, |row| row.accessed = felt(NOW));
    caught("MemoryByte", 9, |row| row.frame += Felt::ONE);
    caught("MemoryByte", 9, |row| row.timestamp += Felt::ONE);
    caught("MemoryWord", 9, |row| row.frame += Felt::ONE);
}

#[test]
fn padding_says_nothing() {
    let mut trace = rows(9);
    let copied: Row = *ByteStoreColumns::from_slice(trace.row(0));
    *ByteStoreColumns::from_slice_mut(trace.row_mut(1)) = copied;
    assert!(findings_among(&ByteStore, &trace, others(9)).contains("MemoryByte"));
    let mut trace = rows(9);
    let padding: &mut Row = ByteStoreColumns::from_slice_mut(trace.row_mut(1));
    padding.byte[0] = Felt::ONE;
    assert!(findings_among(&ByteStore, &trace, others(9)).contains("byte_store/one byte"));
}
