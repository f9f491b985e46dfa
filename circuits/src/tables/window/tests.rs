use alloy_primitives::U256;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::generation::fill;
use super::{Window, WindowColumns};
use crate::bus::{Message, tag};
use crate::execution::{MemoryAccess, TouchedWord, Version};
use crate::tables::test_support::{findings_among, padded};
use crate::word::word;

type Row = WindowColumns<Felt>;

/// When all accesses are made here.
const NOW: u64 = 1_000;
/// Where the two words are.
const INDEX: u64 = 5;
const FRAME: u64 = 3;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// Two words of memory, all bytes different.
fn memory() -> [u8; 64] {
    core::array::from_fn(|byte| 0xf0 - 3 * byte as u8)
}

fn touched(index: u64, before: &[u8], after: &[u8]) -> TouchedWord {
    TouchedWord {
        frame: FRAME,
        index,
        before: Version {
            value: U256::from_be_slice(before),
            timestamp: 10 * index,
        },
        after: Version {
            value: U256::from_be_slice(after),
            timestamp: NOW,
        },
    }
}

/// A read, or a write of a value, `start` bytes into the words.
fn access(start: usize, written: Option<U256>) -> MemoryAccess {
    let before = memory();
    let mut after = before;
    let window = &mut after[start..start + 32];
    if let Some(value) = written {
        window.copy_from_slice(&value.to_be_bytes::<32>());
    }
    MemoryAccess {
        offset: 32 * INDEX + start as u64,
        value: U256::from_be_slice(window),
        words: vec![
            touched(INDEX, &before[..32], &after[..32]),
            touched(INDEX + 1, &before[32..], &after[32..]),
        ],
    }
}

fn limb(bytes: &[u8]) -> Felt {
    felt(u64::from(u32::from_be_bytes(bytes.try_into().unwrap())))
}

/// What everybody else says of an access: who asks for it, the words' versions, and what bytes move.
fn others(start: usize, written: Option<U256>) -> Vec<(Felt, Message<Felt>)> {
    let access = access(start, written);
    let mut said = vec![(
        Felt::ONE,
        Message::MemoryWindow {
            frame: felt(FRAME),
            offset: felt(access.offset),
            value: word(access.value),
            timestamp: felt(NOW),
            writes: Felt::from_bool(written.is_some()),
        },
    )];
    let mut after = Vec::new();
    for touched in &access.words {
        let version = |version: Version| Message::MemoryWord {
            frame: felt(FRAME),
            index: felt(touched.index),
            value: word(version.value),
            timestamp: felt(version.timestamp),
        };
        said.push((Felt::ONE, version(touched.before)));
        said.push((Felt::NEG_ONE, version(touched.after)));
        after.extend(touched.after.value.to_be_bytes::<32>());
    }
    let limbs = start / 4 * 4;
    if !start.is_multiple_of(4) {
        let moved = after[limbs..limbs + 36].chunks(4).map(limb);
        let moved: Vec<_> = moved.collect();
        let split = Message::ByteShift {
            bytes: felt(start as u64 % 4),
            value: word(access.value),
            first: limb(&memory()[limbs..limbs + 4]),
            last: limb(&memory()[limbs + 32..limbs + 36]),
            moved: moved.try_into().unwrap(),
        };
        said.push((Felt::NEG_ONE, split));
    }
    said
}

fn rows(start: usize, written: Option<U256>) -> Trace {
    let mut trace = Trace::new(Row::WIDTH);
    fill(trace.push(), &access(start, written), written.is_none()).unwrap();
    padded(&Window, &trace)
}

fn value() -> U256 {
    U256::from_be_bytes(core::array::from_fn::<u8, 32, _>(|byte| 7 * byte as u8 + 1))
}

#[test]
fn every_offset_reads_and_writes() {
    for start in 0..32 {
        for written in [None, Some(value()), Some(U256::ZERO), Some(U256::MAX)] {
            let found = findings_among(&Window, &rows(start, written), others(start, written));
            assert!(found.is_empty(), "{start} {written:?}: {found:?}");
        }
    }
    assert!(SymbolicTable::of(&Window).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    let mut trace = Trace::new(Row::WIDTH);
    for start in 0..32 {
        for written in [None, Some(value())] {
            fill(trace.push(), &access(start, written), written.is_none()).unwrap();
        }
    }
    let used: Vec<_> = (0..trace.height()).collect();
    let trace = padded(&Window, &trace);
    let loose = unnoticed_columns(&Window, &trace, &used, &[tag::Clock]);
    assert_eq!(loose, Vec::<String>::new());
}

fn caught(label: &str, start: usize, written: Option<U256>, forge: impl FnOnce(&mut Row)) {
    let mut trace = rows(start, written);
    forge(WindowColumns::from_slice_mut(trace.row_mut(0)));
    let found = findings_among(&Window, &trace, others(start, written));
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

/// All of a row for another place of the two words, as well as it can be filled.
fn placed(row: &mut Row, start: usize, written: Option<U256>) {
    fill(row, &access(start, written), written.is_none()).unwrap();
}

#[test]
fn a_window_shifted_by_another_amount() {
    for written in [None, Some(value())] {
        for (start, other) in [(4, 8), (4, 5), (5, 4), (5, 6), (5, 9), (28, 0), (31, 30)] {
            // In its own place: then it is another offset.
            let clear = |row: &mut Row| row.shift = [Felt::ZERO; 8];
            caught("MemoryWindow", start, written, |row| {
                clear(row);
                placed(row, other, written);
            });
            // The same offset by an index that is a fraction: no such word has versions.
            caught("MemoryWord", start, written, |row| {
                clear(row);
                placed(row, other, written);
                let moved = felt(start as u64) - felt(other as u64);
                row.index += moved * felt(32).inverse();
            });
        }
    }
    // Bytes that are made up by whole limbs.
    caught("window/bytes", 4, None, |row| row.bytes = Felt::ONE);
    caught("window/bytes", 5, None, |row| row.splits = Felt::ZERO);
    caught("ByteShift", 4, None, |row| row.splits = Felt::ONE);
    for limb in 0..8 {
        caught("window/shift", 4, None, |row| row.shift[limb] = felt(2));
    }
    // None or two places.
    caught("window/one shift", 4, None, |row| row.shift[1] = Felt::ZERO);
    caught("window/one shift", 4, None, |row| row.shift[3] = Felt::ONE);
    caught("window/shift", 4, None, |row| {
        let half = felt(2).inverse();
        (row.shift[0], row.shift[2]) = (half, half);
        row.shift[1] = Felt::ZERO;
    });
}

#[test]
fn another_value() {
    caught("window/whole limbs", 8, None, |row| {
        row.value[2] += Felt::ONE
    });
    caught("window/read", 8, None, |row| {
        row.value[2] += Felt::ONE;
        row.moved[5] += Felt::ONE;
    });
    caught("MemoryWindow", 8, Some(value()), |row| {
        row.value[2] += Felt::ONE;
        row.moved[5] += Felt::ONE;
    });
    // A write that also changes the limb behind it, or one that changes nothing.
    caught("window/whole limbs", 8, Some(value()), |row| {
        row.moved[8] += Felt::ONE;
    });
    caught("window/last", 8, Some(value()), |row| {
        row.last += Felt::ONE;
        row.moved[8] += Felt::ONE;
    });
    caught("window/first", 9, Some(value()), |row| {
        row.first += Felt::ONE
    });
    caught("ByteShift", 9, Some(value()), |row| {
        row.moved[3] += Felt::ONE
    });
    // A read that writes, a write that reads.
    caught("MemoryWord", 8, None, |row| {
        (row.reads, row.writes) = (Felt::ZERO, Felt::ONE);
        (row.value[2], row.moved[5]) = (Felt::ONE, Felt::ONE);
    });
    caught("window/read", 8, Some(value()), |row| row.reads = Felt::ONE);
    caught("MemoryWindow", 8, None, |row| {
        (row.reads, row.writes) = (Felt::ZERO, Felt::ONE);
    });
}

#[test]
fn another_time_or_frame() {
    caught("Clock", 8, None, |row| row.accessed[0] = felt(NOW));
    caught("Clock", 8, None, |row| row.accessed[1] = felt(NOW + 1));
    caught("MemoryWord", 8, None, |row| row.accessed[1] -= Felt::ONE);
    caught("MemoryWindow", 8, Some(value()), |row| {
        row.frame += Felt::ONE
    });
    caught("MemoryWord", 8, Some(value()), |row| row.frame += Felt::ONE);
    caught("MemoryWindow", 8, None, |row| row.timestamp += Felt::ONE);
}

#[test]
fn accesses_are_made_once() {
    caught("window/reads", 8, None, |row| row.reads = felt(2));
    caught("window/writes", 8, Some(value()), |row| {
        row.writes = felt(2)
    });
    caught("window/used", 8, None, |row| row.writes = Felt::ONE);
    caught("window/splits", 9, None, |row| row.splits = felt(2));
    // In padding.
    let mut trace = rows(8, None);
    let copied: Row = *WindowColumns::from_slice(trace.row(0));
    *WindowColumns::from_slice_mut(trace.row_mut(1)) = copied;
    let found = findings_among(&Window, &trace, others(8, None));
    assert!(found.contains("MemoryWindow") && found.contains("MemoryWord"));
    for (label, forge) in [
        (
            "window/splits used",
            (|row| row.splits = Felt::ONE) as fn(&mut Row),
        ),
        ("window/one shift", |row| row.shift[2] = Felt::ONE),
    ] {
        let mut trace = rows(8, None);
        forge(WindowColumns::from_slice_mut(trace.row_mut(1)));
        let found = findings_among(&Window, &trace, others(8, None));
        assert!(found.contains(label), "expected {label}, found {found:?}");
    }
}
