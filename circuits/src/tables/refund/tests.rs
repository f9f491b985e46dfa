use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{Refund, RefundColumns, generate};
use crate::bus::{Message, tag};
use crate::execution::{RefundChange, Undo};
use crate::limbs::signed_felt;
use crate::tables::test_support::{findings_among, padded};

const TRANSACTION: u64 = 4;
/// When the counter is first 0.
const OPENED: u64 = 6;
/// What the second and third change's numbers are taken from: their frame fails after step 40.
const UNDONE_AT: u64 = 82 + 23;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// A change that stays, two that are undone in reverse order, and one that stays again, and makes the counter negative in between.
fn changes() -> Vec<RefundChange> {
    let change = |clock, number, before, accessed, change| RefundChange {
        clock,
        transaction: TRANSACTION,
        number,
        before,
        accessed,
        change,
        undone: None,
    };
    let undone = |accessed, number| {
        Some(Undo {
            accessed,
            timestamp: UNDONE_AT - number,
        })
    };
    vec![
        change(10, 20, 0, OPENED, -4800),
        RefundChange {
            undone: undone(UNDONE_AT - 23, 21),
            ..change(20, 21, -4800, 21, 2800)
        },
        RefundChange {
            undone: undone(61, 23),
            ..change(30, 23, -2000, 41, 4800)
        },
        change(50, 30, -4800, UNDONE_AT - 21, 19_900),
    ]
}

fn others() -> Vec<(Felt, Message<Felt>)> {
    let version = |refund, timestamp| Message::RefundVersion {
        transaction: felt(TRANSACTION),
        refund: signed_felt(refund),
        timestamp: felt(timestamp),
    };
    let mut said = vec![
        (Felt::ONE, version(0, OPENED)),
        (Felt::NEG_ONE, version(15_100, 101)),
    ];
    for change in changes() {
        let undone_at = if change.undone.is_some() {
            UNDONE_AT
        } else {
            0
        };
        let claim = Message::Refund {
            clock: felt(change.clock),
            transaction: felt(TRANSACTION),
            undone_at: felt(undone_at),
            number: felt(change.number),
            change: signed_felt(change.change.into()),
        };
        said.push((Felt::ONE, claim));
    }
    said
}

fn rows() -> Trace {
    padded(&Refund, &generate(&changes()))
}

fn row(trace: &mut Trace, index: usize) -> &mut RefundColumns<Felt> {
    RefundColumns::from_slice_mut(trace.row_mut(index))
}

fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    forge(&mut trace);
    let found = findings_among(&Refund, &trace, others());
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn changes_balance() {
    let found = findings_among(&Refund, &rows(), others());
    assert!(found.is_empty(), "{found:?}");
    assert!(SymbolicTable::of(&Refund).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    let loose = unnoticed_columns(&Refund, &rows(), &[0, 1, 2, 3], &[tag::Clock]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn undoing_is_as_the_frame_says() {
    // One is not undone.
    caught("refund/undone", |trace| {
        row(trace, 1).undoing.undone = Felt::ZERO;
        // All that follows agrees.
        row(trace, 3).before = signed_felt(-2000);
        row(trace, 3).accessed = felt(UNDONE_AT - 23);
    });
    // As if the frame had not failed.
    caught("Refund", |trace| {
        row(trace, 1).undoing.undone = Felt::ZERO;
        row(trace, 1).undone_at = Felt::ZERO;
    });
    // In another order: the first change before the second.
    caught("Clock", |trace| {
        row(trace, 1).undoing.accessed = felt(61);
        row(trace, 2).undoing.accessed = felt(UNDONE_AT - 21);
    });
    // What stays is undone: at a time below zero.
    caught("Clock", |trace| {
        row(trace, 3).undoing.undone = Felt::ONE;
        row(trace, 3).undoing.accessed = felt(101);
    });
    caught("refund/undone", |trace| {
        row(trace, 1).undoing.undone = felt(2)
    });
    caught("refund/undone", |trace| {
        row(trace, 4).undoing.undone = Felt::ONE;
    });
}

#[test]
fn changes_are_those_claimed() {
    caught("Refund", |trace| row(trace, 3).change += Felt::ONE);
    caught("Refund", |trace| row(trace, 0).used = Felt::ZERO);
    caught("refund/used", |trace| row(trace, 0).used = felt(2));
    caught("RefundVersion", |trace| row(trace, 0).before = felt(10_000));
    caught("Refund", |trace| row(trace, 2).number += Felt::ONE);
    // Of another transaction; of none.
    caught("Refund", |trace| row(trace, 0).transaction += Felt::ONE);
    caught("Refund", |trace| {
        let again = *row(trace, 3);
        *row(trace, 4) = again;
    });
    caught("Clock", |trace| row(trace, 0).accessed = felt(30));
}
