use alloy_primitives::U256;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{Cells, CellsColumns, generate};
use crate::bus::{Message, tag};
use crate::execution::{Cell, Version};
use crate::tables::test_support::{CLOCK, findings_among, padded};
use crate::word::{widen, word};

type Row = CellsColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// Neighbours, gaps beyond 16 bits, frames one and several apart.
fn cells() -> Vec<Cell> {
    let places = [
        (1, 0),
        (1, 1),
        (1, 5),
        (1, 70_000),
        (2, 0),
        (3, 200_000),
        (9, 3),
        (9, (1 << 27) - 1),
    ];
    let cell = |(frame, index): (u64, u64)| Cell {
        frame,
        index,
        last: Version {
            value: U256::from(7 * index + frame) << 180,
            timestamp: 2 * index + 1,
        },
    };
    places.map(cell).to_vec()
}

/// What accesses say: they take the first versions and leave the last.
fn accesses() -> Vec<(Felt, Message<Felt>)> {
    let mut said = Vec::new();
    for cell in cells() {
        let (frame, index) = (felt(cell.frame), felt(cell.index));
        let version = |value, timestamp| Message::MemoryWord {
            frame,
            index,
            value,
            timestamp,
        };
        said.push((Felt::NEG_ONE, version(widen(&[]), Felt::ZERO)));
        let last = version(word(cell.last.value), felt(cell.last.timestamp));
        said.push((Felt::ONE, last));
    }
    said
}

fn rows() -> Trace {
    padded(&Cells, &generate(&cells()))
}

fn row(trace: &mut Trace, index: usize) -> &mut Row {
    CellsColumns::from_slice_mut(trace.row_mut(index))
}

fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    forge(&mut trace);
    let found = findings_among(&Cells, &trace, accesses());
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn words_balance() {
    let found = findings_among(&Cells, &rows(), accesses());
    assert!(found.is_empty(), "{found:?}");
    let none = padded(&Cells, &generate(&[]));
    assert!(findings_among(&Cells, &none, []).is_empty());
    assert!(SymbolicTable::of(&Cells).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    let used: Vec<_> = (0..cells().len()).collect();
    let loose = unnoticed_columns(&Cells, &rows(), &used, &[tag::U16, tag::Clock]);
    assert_eq!(loose, Vec::<String>::new());
}

/// Two first versions of one word.
#[test]
fn words_come_once() {
    // Again in the next row, of the same frame.
    caught("U16", |trace| {
        let again = *row(trace, 1);
        *row(trace, 2) = Row {
            gap: [Felt::NEG_ONE, Felt::ZERO],
            ..again
        };
    });
    caught("cells/index", |trace| {
        let again = *row(trace, 1);
        *row(trace, 2) = again;
    });
    // Again as the first of a frame of the same number, or of a lower one.
    for frame in [1, 0] {
        caught("Clock", |trace| {
            *row(trace, 4) = Row {
                frame: felt(frame),
                continues: Felt::ZERO,
                ..*row(trace, 4)
            }
        });
    }
    // Of another frame in the midst of one.
    caught("cells/frame", |trace| row(trace, 2).frame = felt(2));
    // Beyond the last row the frames begin anew: there is no row there.
    caught("cells/continues first", |trace| {
        row(trace, 0).continues = Felt::ONE;
    });
    caught("cells/gap", |trace| {
        row(trace, 3).used = Felt::ZERO;
        row(trace, 3).continues = Felt::ZERO;
    });
    // A frame so far ahead that the numbers go round.
    caught("Clock", |trace| {
        row(trace, 5).frame = Felt::NEG_ONE - felt(CLOCK)
    });
}

/// A word that lies across two.
#[test]
fn indices_are_integers() {
    caught("U16", |trace| {
        let eighth = felt(8).inverse();
        (row(trace, 0).index, row(trace, 0).gap[0]) = (eighth, eighth);
    });
    caught("cells/index", |trace| {
        row(trace, 0).index = felt(8).inverse()
    });
    caught("U16", |trace| {
        row(trace, 7).gap = [felt((1 << 27) - 5), Felt::ZERO];
    });
}

#[test]
fn limbs_are_limbs() {
    for limb in 0..2 {
        for value in [Felt::NEG_ONE, felt(1 << 16)] {
            caught("U16", |trace| row(trace, 3).gap[limb] = value);
        }
    }
}

#[test]
fn versions_are_sent_and_taken_once() {
    caught("cells/used", |trace| row(trace, 7).used = felt(2));
    caught("cells/continues", |trace| row(trace, 7).continues = felt(2));
    caught("MemoryWord", |trace| row(trace, 7).last[3] += Felt::ONE);
    caught("MemoryWord", |trace| row(trace, 7).accessed -= Felt::ONE);
}

#[test]
fn padding_says_nothing() {
    let end = cells().len();
    caught("MemoryWord", |trace| {
        let last = *row(trace, end - 1);
        *row(trace, end) = Row {
            index: last.index + Felt::ONE,
            gap: [Felt::ZERO; 2],
            ..last
        };
    });
    caught("cells/continues used", |trace| {
        row(trace, end).continues = Felt::ONE
    });
    caught("cells/gap", |trace| row(trace, end + 1).used = Felt::ONE);
}
