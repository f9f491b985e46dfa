//! Words of calldata that `rlp` reads: true ones balance, whatever is asked for; others are found.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::check;
use braid_stark::coverage::{Noticed, change_cell, unnoticed_columns};
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{AnyTable, Columns, Felt, Message as BusMessage, System, Table, Trace};
use plonky2::field::types::Field;

use super::{Calldata, CalldataColumns, generate};
use crate::bus::{Message, field, space, tag};
use crate::chunk::{ChunkTable, Claims as Said, Demand, Part};
use crate::event::TransactionEvent;
use crate::event::opcode::SHL;
use crate::tables::compute::{Prover, claimed};
use crate::tables::narrow::{self, Narrow};
use crate::tables::range8::{self, Range8};
use crate::tables::range16::{self, Range16};
use crate::tables::rlp::{self, Rlp};
use crate::tables::shift::{self, Shift};
use crate::tables::test_support::{
    Claims, claims_of, findings_of_all, padded, running, takers_of_rlp,
};
use crate::word::word;

type Row = CalldataColumns<Felt>;

/// What the table takes from `rlp`.
const KINDS: [u64; 2] = [field::CALLDATA_WORD, field::CALLDATA_END];

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// The calldata of the sample: three words of which the last has 6 bytes, one of 5 bytes, two whole ones, none, and a transaction that runs no code.
fn transactions() -> Vec<TransactionEvent> {
    let lengths = [70, 5, 64, 0, 40];
    let data = |(factor, length): (u8, usize)| -> Vec<u8> {
        let bytes = (1..=length).map(|place| (place as u8).wrapping_mul(factor));
        bytes.collect()
    };
    let mut transactions: Vec<_> = (3..)
        .step_by(2)
        .zip(lengths)
        .map(|sample| running(&data(sample), &[]))
        .collect();
    transactions[4].runs_code = false;
    transactions
}

/// Rows of the sample's words.
const LAST_OF_FIRST: usize = 2;
const SHORT: usize = 3;
const WHOLE: usize = 4;
const LAST_WHOLE: usize = 5;
const ROWS: usize = 6;

fn asks(transaction: u64, index: u64) -> Message<Felt> {
    let events = transactions();
    let data = &events[transaction as usize].data;
    let start = 32 * index as usize;
    let bytes: [u8; 32] =
        core::array::from_fn(|place| data.get(start + place).copied().unwrap_or(0));
    Message::SourceWord {
        source: felt(space::CALLDATA),
        source_id: felt(transaction),
        index: felt(index),
        value: word(U256::from_be_bytes(bytes)),
    }
}

/// Words that are asked for, one of them twice.
fn asked() -> Vec<Message<Felt>> {
    let words = [(0, 1), (0, 2), (1, 0), (2, 1), (2, 1)];
    words
        .map(|(transaction, index)| asks(transaction, index))
        .to_vec()
}

fn claims_for(asked: &[Message<Felt>]) -> Said {
    claims_of(&Claims, &Claims::trace(asked.iter().cloned()))
}

fn rows() -> Trace {
    let claims = claims_for(&asked());
    generate(&transactions(), claims.of(&[tag::SourceWord])).unwrap()
}

fn rlp_rows() -> Trace {
    padded(&Rlp, &rlp::generate(0, &transactions()).unwrap())
}

/// What others say: who asks for words, who takes the rest of what `rlp` says, and the true shifts.
fn others() -> Vec<(Felt, BusMessage<Felt>)> {
    let mut said = takers_of_rlp(&rlp_rows(), &KINDS);
    said.extend(asked().into_iter().map(|word| (Felt::ONE, word.into())));
    for claim in claims_of(&Calldata, &rows()).of(&[tag::Compute]) {
        said.push((Felt::NEG_ONE, claim.clone()));
    }
    said
}

fn findings(rows: &Trace) -> BTreeSet<&'static str> {
    let rows = padded(&Calldata, rows);
    findings_of_all(&[(&Rlp, &rlp_rows()), (&Calldata, &rows)], others())
}

fn row(trace: &mut Trace, index: usize) -> &mut Row {
    Row::from_slice_mut(trace.row_mut(index))
}

/// Demands that a forgery is found by `label`.
fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    trace.resize(ROWS + 2);
    forge(&mut trace);
    let found = findings(&trace);
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn words_balance() {
    assert_eq!(findings(&rows()), BTreeSet::new());
    assert_eq!(rows().height(), ROWS);
    assert!(SymbolicTable::of(&Calldata).excessive_degrees().is_empty());
}

/// With the tables that prove shifts and ranges, for every length at which something changes.
#[test]
fn words_of_every_length_are_proved() {
    let lengths = (0..=65).chain([255, 256, 257, 300, 1000]);
    let transactions: Vec<_> = lengths
        .map(|length| running(&Vec::from_iter((0..length).map(|i| (i % 251) as u8)), &[]))
        .collect();
    let words = (0..).zip(&transactions).flat_map(|(ordinal, event)| {
        let words = (0..).zip(event.data.chunks(32));
        words.map(move |(index, bytes)| {
            let mut whole = [0; 32];
            whole[..bytes.len()].copy_from_slice(bytes);
            Message::SourceWord {
                source: felt(space::CALLDATA),
                source_id: felt(ordinal),
                index: felt(index),
                value: word(U256::from_be_bytes(whole)),
            }
        })
    });
    let words = Vec::from_iter(words);
    let claims = claims_for(&words);
    let calldata = generate(&transactions, claims.of(&[tag::SourceWord])).unwrap();
    let shifts = claims_of(&Calldata, &calldata);
    let shift = shift::generate(&claimed(&shifts, Prover::Shift)).unwrap();
    let narrow = narrow::generate(&claimed(&shifts, Prover::Narrow)).unwrap();
    assert!(shift.height() > 0 && narrow.height() > 0);
    let rlp = rlp::generate(0, &transactions).unwrap();
    let mut others = takers_of_rlp(&rlp, &KINDS);
    others.extend(words.into_iter().map(|word| (Felt::ONE, word.into())));
    let tables: Vec<Box<dyn AnyTable>> = vec![
        Box::new(Rlp),
        Box::new(Calldata),
        Box::new(Shift),
        Box::new(Narrow),
        Box::new(Range8),
        Box::new(Range16),
        Box::new(Claims),
    ];
    let fixed = [range8::generate(), range16::generate()];
    let mut traces = vec![rlp, calldata, shift, narrow];
    traces.extend(fixed);
    traces.push(Claims::signed_trace(others));
    for (table, trace) in tables.iter().zip(&mut traces) {
        let height = trace.height().next_power_of_two();
        table.pad(trace, height.max(table.min_height()));
    }
    let system = System::new(tables, NoPublicValues);
    fill_multiplicities(&system, &mut traces).unwrap();
    let report = check(&system, &traces, &[]).unwrap();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn words_that_there_are_not_are_refused() {
    // Beyond the end; of calldata that there is none of; of a transaction without code, and of none.
    for (transaction, index) in [(0, 3), (2, 2), (3, 0), (4, 0), (5, 0)] {
        let word = Message::SourceWord {
            source: felt(space::CALLDATA),
            source_id: felt(transaction),
            index: felt(index),
            value: word(U256::ZERO),
        };
        let claims = claims_for(&[word]);
        assert!(generate(&transactions(), claims.of(&[tag::SourceWord])).is_err());
    }
    // Bytecodes are of no concern here.
    let word = Message::SourceWord {
        source: felt(space::CODE),
        source_id: felt(9),
        index: felt(9),
        value: word(U256::ZERO),
    };
    let claims = claims_for(&[word]);
    let rows = generate(&transactions(), claims.of(&[tag::SourceWord])).unwrap();
    assert_eq!(rows.height(), ROWS);
}

#[test]
fn every_column_is_bound() {
    let trace = padded(&Calldata, &rows());
    let used: Vec<_> = (0..ROWS).collect();
    let loose = unnoticed_columns(&Calldata, &trace, &used, &[tag::U8]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn every_cell_of_a_word_is_bound() {
    let mut trace = padded(&Calldata, &rows());
    let fixed = Trace::zero(0, trace.height());
    for row in 0..ROWS {
        for (column, name) in Table::column_names(&Calldata).iter().enumerate() {
            for change in [Felt::ONE, Felt::NEG_ONE, felt(1 << 16)] {
                let cell = (row, column);
                let noticed = change_cell(&Calldata, &mut trace, &fixed, cell, change, &[tag::U8]);
                assert_ne!(noticed, Noticed::Nothing, "{name} on row {row}");
            }
        }
    }
}

#[test]
fn words_are_those_of_the_bytes() {
    // Another value, by what was asked for, or as it was read.
    caught("SourceWord", |trace| {
        row(trace, 1).value[3] += Felt::ONE;
        row(trace, 1).read[3] += Felt::ONE;
    });
    caught("TransactionField", |trace| {
        row(trace, 1).value[3] += Felt::ONE;
        row(trace, 1).read[3] += Felt::ONE;
    });
    caught("calldata/whole word", |trace| {
        row(trace, 1).value[3] += Felt::ONE
    });
    caught("Compute", |trace| {
        row(trace, LAST_OF_FIRST).value[7] += Felt::ONE
    });
    // Bytes in another order.
    caught("TransactionField", |trace| {
        row(trace, WHOLE).read.reverse();
        row(trace, WHOLE).value.reverse();
    });
    // Words in another order, each with its own bytes.
    caught("TransactionField", |trace| {
        let (first, second) = (row(trace, 0).read, row(trace, 1).read);
        (row(trace, 0).read, row(trace, 0).value) = (second, second);
        (row(trace, 1).read, row(trace, 1).value) = (first, first);
    });
    // The word of another transaction, which is asked for as this one's.
    caught("TransactionField", |trace| {
        row(trace, SHORT).transaction = felt(2)
    });
    caught("calldata/transaction", |trace| {
        row(trace, 1).transaction = felt(2)
    });
}

#[test]
fn words_are_in_their_places() {
    // A place of its own choice for a first word: the second one as the first, and between two.
    caught("calldata/first word", |trace| {
        row(trace, SHORT).index = Felt::ONE;
    });
    let half = Felt::TWO.inverse();
    caught("calldata/first word", |trace| row(trace, 0).index = half);
    caught("calldata/next word", |trace| row(trace, 1).index = half);
    caught("calldata/next word", |trace| {
        row(trace, 1).index = Felt::ZERO
    });
    // A word left out.
    caught("TransactionField", |trace| {
        let rest = [2, 3, 4, 5].map(|index| *row(trace, index));
        for (index, moved) in (1..).zip(rest) {
            *row(trace, index) = moved;
        }
        row(trace, 1).index = Felt::ONE;
        *row(trace, 5) = *Row::from_slice(&[Felt::ZERO; Row::WIDTH]);
    });
    // A word twice, and once more than `rlp` gives it.
    caught("TransactionField", |trace| {
        let again = *row(trace, SHORT);
        *row(trace, ROWS) = again;
    });
}

#[test]
fn the_end_is_where_it_is() {
    // Earlier, so that zeros follow in the place of bytes.
    caught("TransactionField", |trace| {
        let row = row(trace, 0);
        (row.whole, row.last) = (Felt::ZERO, Felt::ONE);
    });
    caught("TransactionField", |trace| {
        row(trace, LAST_OF_FIRST).missing += Felt::ONE;
    });
    // Later: a word of zeros after the last.
    let a_word_later = |trace: &mut Trace| {
        let end = row(trace, LAST_WHOLE);
        (end.whole, end.last) = (Felt::ONE, Felt::ZERO);
        let after = row(trace, ROWS);
        (after.last, after.transaction, after.index) = (Felt::ONE, felt(2), felt(2));
        after.missing = felt(32);
    };
    caught("U8", a_word_later);
    caught("TransactionField", a_word_later);
    // All of a word missing, or more, or a part of a byte.
    caught("U8", |trace| row(trace, SHORT).missing = felt(32));
    caught("U8", |trace| row(trace, SHORT).missing = Felt::NEG_ONE);
    caught("TransactionField", |trace| {
        row(trace, SHORT).missing = felt(8).inverse();
    });
    caught("calldata/missing", |trace| {
        row(trace, WHOLE).missing = Felt::ONE;
    });
    // Shifted by another number of bits than is missing.
    let honest = claims_of(&Calldata, &rows());
    let shifts = honest.of(&[tag::Compute]).map(|claim| claim.payload[1]);
    let missing = [26, 27, 0].map(|bytes: u64| felt(8 * bytes));
    assert_eq!(Vec::from_iter(shifts), missing);
    assert!(
        honest
            .of(&[tag::Compute])
            .all(|claim| claim.payload[0] == felt(SHL.into()))
    );
}

#[test]
fn flags_are_flags() {
    caught("calldata/whole", |trace| row(trace, WHOLE).whole = felt(2));
    caught("calldata/last", |trace| row(trace, SHORT).last = felt(2));
    caught("calldata/one kind", |trace| {
        row(trace, SHORT).whole = Felt::ONE
    });
    // Words that nobody reads.
    caught("calldata/count", |trace| {
        row(trace, ROWS).count = Felt::ONE;
    });
    // Offered as often as nobody asks.
    caught("SourceWord", |trace| row(trace, 0).count += Felt::ONE);
}

#[test]
fn rows_are_foreseen() {
    let tables: Vec<Box<dyn ChunkTable>> = vec![Box::new(Calldata)];
    let mut demand = Demand::new(&tables);
    for event in &transactions() {
        demand.add(Part::Transaction(event));
    }
    let rows: Vec<_> = demand.rows().collect();
    assert_eq!(rows, [("calldata", ROWS)]);
    assert_eq!(demand.claims().of(tag::Compute), 3);
}
