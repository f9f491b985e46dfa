//! Entries that `rlp` reads and the accesses to them: true ones balance, others are found.

use std::collections::BTreeSet;

use braid_stark::coverage::{Noticed, change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Table, Trace};
use plonky2::field::types::Field;

use super::sample::*;
use super::{AccessListTable, generate};
use crate::bus::tag;
use crate::chunk::{ChunkTable, Demand, Part};
use crate::tables::rlp::RlpColumns;
use crate::tables::test_support::padded;
use crate::word::address as address_limbs;

#[test]
fn entries_balance() {
    assert_eq!(findings(&rlp_rows(), &rows()), BTreeSet::new());
    assert_eq!(rows().height(), ROWS);
    let symbolic = SymbolicTable::of(&AccessListTable);
    assert!(symbolic.excessive_degrees().is_empty());
    // Of a transaction that the chunk does not have.
    assert!(generate(&performed(), &transactions()[..2]).is_err());
}

#[test]
fn every_column_is_bound() {
    let trace = padded(&AccessListTable, &rows());
    let used: Vec<_> = (0..ROWS).collect();
    let loose = unnoticed_columns(&AccessListTable, &trace, &used, &[tag::Clock]);
    assert_eq!(loose, Vec::<String>::new());
}

/// Every cell of an entry but the two that an account does not need.
#[test]
fn every_cell_of_an_entry_is_bound() {
    let mut trace = padded(&AccessListTable, &rows());
    let fixed = Trace::zero(0, trace.height());
    let table = AccessListTable;
    for index in 0..ROWS {
        let is_account = row(&mut trace, index).account == Felt::ONE;
        for (column, name) in Table::column_names(&table).iter().enumerate() {
            if is_account && ["rest[6]", "rest[7]"].contains(&name.as_str()) {
                continue;
            }
            for change in [Felt::ONE, Felt::NEG_ONE, felt(1 << 16)] {
                let cell = (index, column);
                let noticed = change_cell(&table, &mut trace, &fixed, cell, change, &[tag::Clock]);
                assert_ne!(noticed, Noticed::Nothing, "{name} on row {index}");
            }
        }
    }
}

#[test]
fn entries_left_out() {
    // The last of a list.
    caught("AccessListStart", |trace| {
        *row(trace, KEY_AGAIN) = nothing();
    });
    caught("TransactionField", |trace| {
        *row(trace, KEY_AGAIN) = nothing();
    });
    // `rlp` does not give it either.
    both_caught("AccessListStart", |rlp, trace| {
        *row(trace, KEY_AGAIN) = nothing();
        let given = |row: &usize| {
            let row: &RlpColumns<Felt> = RlpColumns::from_slice(rlp.row(*row));
            row.ordinal == Felt::ZERO && row.gives == Felt::ONE
        };
        let last = (0..rlp.height()).rfind(given).unwrap();
        let row: &mut RlpColumns<Felt> = RlpColumns::from_slice_mut(rlp.row_mut(last));
        row.gives = Felt::ZERO;
    });
    // Another one has its row, or its place.
    caught("TransactionField", |trace| {
        let again = *row(trace, AGAIN);
        *row(trace, KEY_AGAIN) = again;
    });
    caught("access_list/next entry", |trace| {
        let again = *row(trace, AGAIN);
        *row(trace, KEY_AGAIN) = again;
    });
    caught("access_list/next entry", |trace| {
        *row(trace, OTHER) = *row(trace, AGAIN);
    });
    // It is not accessed.
    caught("access_list/after an entry", |trace| {
        row(trace, AGAIN).account = Felt::ZERO;
    });
}

#[test]
fn entries_that_there_are_not() {
    // One twice, as a list of its own.
    caught("AccessListStart", |trace| {
        let again = *row(trace, NEXT_LIST);
        *row(trace, ROWS) = again;
    });
    // Of a transaction that runs no code: even if `rlp` gives it.
    both_caught("AccessListStart", |rlp, trace| {
        let given = |row: &usize| {
            let row: &RlpColumns<Felt> = RlpColumns::from_slice(rlp.row(*row));
            let address = row.items.entry_address * row.item_end;
            row.ordinal == Felt::ONE && address == Felt::ONE
        };
        let given = (0..rlp.height()).find(given).unwrap();
        let given: &mut RlpColumns<Felt> = RlpColumns::from_slice_mut(rlp.row_mut(given));
        given.gives = Felt::ONE;
        let mut added = *row(trace, NEXT_LIST);
        added.transaction = Felt::ONE;
        added.bytes = felt(9);
        *row(trace, ROWS) = added;
    });
    // With another number of bytes of calldata.
    caught("TransactionField", |trace| {
        row(trace, NEXT_LIST).bytes += Felt::ONE;
    });
    // An address as a key, a key as an address.
    caught("TransactionField", |trace| {
        let row = row(trace, KEY);
        (row.key, row.account) = (Felt::ZERO, Felt::ONE);
    });
    caught("TransactionField", |trace| {
        let row = row(trace, OTHER);
        (row.key, row.account) = (Felt::ONE, Felt::ZERO);
    });
}

#[test]
fn accesses_are_to_what_is_listed() {
    caught("access_list/address", |trace| {
        row(trace, AGAIN).address[2] += Felt::ONE;
    });
    caught("TransactionField", |trace| {
        let row = row(trace, AGAIN);
        row.address[2] += Felt::ONE;
        row.entry[2] += Felt::ONE;
    });
    caught("TransactionField", |trace| {
        row(trace, KEY).entry[7] -= Felt::ONE;
    });
    // A slot of another account, in a list and as the first of one.
    caught("access_list/same address", |trace| {
        row(trace, KEY_AGAIN).address = address_limbs(SECOND);
    });
    let alone = |trace: &mut Trace| {
        let mut key = *row(trace, KEY_AGAIN);
        *row(trace, KEY_AGAIN) = nothing();
        key.address = address_limbs(SECOND);
        row(trace, ROWS).address = key.address;
        *row(trace, ROWS + 1) = key;
    };
    caught("access_list/after an entry", alone);
    caught("TransactionField", |trace| {
        alone(trace);
        row(trace, ROWS + 1).index = Felt::ZERO;
    });
}

#[test]
fn accesses_have_their_time() {
    // Two entries at each other's time.
    caught("access_list/next entry", |trace| {
        row(trace, KEY).index = Felt::TWO;
        row(trace, NEXT_KEY).index = Felt::ONE;
    });
    caught("TransactionField", |trace| {
        let (first, second) = (*row(trace, KEY), *row(trace, NEXT_KEY));
        (*row(trace, KEY), *row(trace, NEXT_KEY)) = (second, first);
        row(trace, KEY).index = Felt::ONE;
        row(trace, NEXT_KEY).index = Felt::TWO;
    });
    // All of a list, or one of it.
    caught("AccessListStart", |trace| {
        for index in NEXT_LIST..ROWS {
            row(trace, index).start += Felt::ONE;
        }
    });
    caught("AccessListStart", |trace| {
        row(trace, AGAIN).start -= Felt::ONE
    });
    // The start of another transaction.
    let other = felt(2 * BEGINS[2] + 3);
    caught("AccessListStart", |trace| row(trace, AGAIN).start = other);
    // Of what is accessed later.
    caught("Clock", |trace| row(trace, 0).accessed = felt(1000));
    caught("StampedAccount", |trace| {
        row(trace, AGAIN).accessed -= Felt::ONE
    });
}

#[test]
fn accesses_change_nothing_but_stamp_and_original_value() {
    for change in [
        (|row| row.amount[0] += Felt::ONE) as fn(&mut Row),
        |row| row.rest[0] += Felt::ONE,
        |row| row.rest[5] += Felt::ONE,
        |row| row.stamp += Felt::ONE,
    ] {
        caught("StampedAccount", |trace| change(row(trace, AGAIN)));
        caught("StorageVersion", |trace| change(row(trace, KEY_AGAIN)));
    }
    // Warmed as by another transaction.
    caught("AccessListStart", |trace| {
        row(trace, AGAIN).transaction += Felt::ONE;
    });
    caught("access_list/transaction", |trace| {
        row(trace, AGAIN).transaction += Felt::ONE;
    });
    // The slot was written by the transaction before: its original value is what that left.
    let rows = rows();
    let key: &Row = Row::from_slice(rows.row(NEXT_LIST + 1));
    assert_eq!(key.stamp, Felt::ONE);
    assert_eq!(key.amount[0], key.rest[0] + Felt::ONE);
}

#[test]
fn flags_are_flags() {
    caught("access_list/account", |trace| {
        row(trace, 0).account = felt(2)
    });
    caught("access_list/key", |trace| row(trace, KEY).key = felt(2));
    caught("access_list/one kind", |trace| {
        row(trace, KEY).account = Felt::ONE;
    });
}

#[test]
fn rows_are_foreseen() {
    let tables: Vec<Box<dyn ChunkTable>> = vec![Box::new(AccessListTable)];
    let mut demand = Demand::new(&tables);
    for event in &transactions() {
        demand.add(Part::Transaction(event));
    }
    let rows: Vec<_> = demand.rows().collect();
    assert_eq!(rows, [("access_list", ROWS)]);
}
