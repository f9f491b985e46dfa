use alloy_primitives::U256;
use braid_stark::check::check;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, Felt, System, Table, Trace};
use plonky2::field::types::Field;

use super::{StackEnd, StackEndColumns, generate};
use crate::bus::Message;
use crate::execution::{Left, Popped};
use crate::tables::test_support::Claims;
use crate::word::word;

fn left() -> Vec<Left> {
    let word = |frame, index, value: u64| Left {
        frame,
        word: Popped {
            index,
            value: U256::from(value) << 200,
            pushed: 7 * index + 1,
        },
    };
    vec![word(1, 1, 5), word(1, 0, 9), word(3, 0, 0)]
}

fn sent() -> Vec<Message<Felt>> {
    let felt = Felt::from_canonical_u64;
    let words = left().into_iter().map(|left| Message::StackWord {
        frame: felt(left.frame),
        index: felt(left.word.index),
        value: word(left.word.value),
        timestamp: felt(left.word.pushed),
    });
    words.collect()
}

fn padded() -> Trace {
    let mut trace = generate(&left());
    StackEnd.pad(&mut trace, 4);
    trace
}

fn mentions(trace: Trace, label: &str) -> bool {
    let system = System::new(vec![Box::new(Claims), Box::new(StackEnd)], NoPublicValues);
    let report = check(&system, &[Claims::trace(sent()), trace], &[]).unwrap();
    if label.is_empty() {
        !report.is_ok()
    } else {
        report.mentions(label)
    }
}

#[test]
fn words_that_are_left_balance() {
    assert!(!mentions(padded(), ""));
    assert!(SymbolicTable::of(&StackEnd).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    for row in 0..3 {
        for column in 0..StackEndColumns::<Felt>::WIDTH {
            let mut trace = padded();
            trace.row_mut(row)[column] += Felt::ONE;
            assert!(mentions(trace, "StackWord"), "column {column} of row {row}");
        }
    }
}

/// A word that is sent from here: what a prover would need to pop what nobody pushed.
#[test]
fn words_are_taken_once() {
    for count in [Felt::NEG_ONE, Felt::TWO] {
        let mut trace = padded();
        let copied: StackEndColumns<Felt> = *StackEndColumns::from_slice(trace.row(0));
        let padding: &mut StackEndColumns<Felt> = StackEndColumns::from_slice_mut(trace.row_mut(3));
        *padding = StackEndColumns {
            used: count,
            ..copied
        };
        assert!(mentions(trace, "stack_end/used"));
    }
}
