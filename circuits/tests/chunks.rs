//! Whole chunks through the checker: valid ones pass, every column of every table is bound.

mod common;

use std::collections::BTreeSet;

use braid_circuits::bus::tag;
use braid_circuits::chunk::{Demand, generate};
use braid_circuits::event::ChunkEvents;
use braid_circuits::registry::{system, system_of_shape, tables};
use braid_circuits::shapes::{all, named};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_witness::sample::SampleConfig;
use common::{Filled, chunk_with_code, one_chunk, report, sample_chunks};

#[test]
fn all_degrees_are_supported_and_names_are_unique() {
    let system = system();
    for table in &system.tables {
        let excessive = SymbolicTable::of(table.as_ref()).excessive_degrees();
        assert_eq!(excessive, vec![], "{}", table.name());
        let same = system
            .tables
            .iter()
            .filter(|other| other.name() == table.name());
        assert_eq!(same.count(), 1);
    }
}

#[test]
fn a_block_in_one_chunk_passes() {
    let report = report(&one_chunk());
    assert!(report.is_ok(), "{report}");
}

#[test]
fn several_chunks_of_several_blocks_pass_and_join() {
    // More blocks than transactions: some are empty.
    let config = SampleConfig {
        blocks: 6,
        ..SampleConfig::new(2, 5)
    };
    let chunks = sample_chunks(&config, 2);
    assert!(chunks.len() >= 6);
    for pair in chunks.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    for chunk in &chunks {
        let report = report(chunk);
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn every_column_of_every_table_is_bound() {
    let mut unnoticed: Option<BTreeSet<String>> = None;
    // Some columns mean something only where a leaf has a neighbour, or where an account has code.
    for events in [one_chunk(), chunk_with_code()] {
        let here = unnoticed_in(&events);
        let both = match unnoticed {
            None => here,
            Some(before) => before.intersection(&here).cloned().collect(),
        };
        unnoticed = Some(both);
    }
    assert_eq!(unnoticed, Some(BTreeSet::new()));
}

/// Columns of which no change on any used row is noticed.
fn unnoticed_in(events: &ChunkEvents) -> BTreeSet<String> {
    let mut filled = Filled::of(events);
    let report = filled.report();
    assert!(report.is_ok(), "{report}");
    let mut unnoticed = BTreeSet::new();
    for (position, table) in filled.system.tables.iter().enumerate() {
        let trace = &filled.traces[position];
        let is_fixed = table.lookups().len() == table.column_names().len();
        // Asking a lookup for something else is no obstacle to a prover; the counts of a fixed table are its only messages.
        let ignored = if is_fixed {
            vec![]
        } else {
            vec![tag::U16, tag::U8]
        };
        let used = if is_fixed {
            trace.height()
        } else {
            filled.used[position]
        };
        if !in_transfers(table.name()) {
            // Tests of contract execution use it.
            continue;
        }
        assert!(used > 0, "{} is not used", table.name());
        let rows: Vec<_> = (0..used).step_by(used.div_ceil(400)).collect();
        let columns = unnoticed_columns(table.as_ref(), trace, &rows, &ignored);
        unnoticed.extend(
            columns
                .iter()
                .map(|column| format!("{}.{column}", table.name())),
        );
    }
    unnoticed
}

/// Whether chunks of transfers have the table.
fn in_transfers(table: &str) -> bool {
    named(&tables(), "standard")
        .unwrap()
        .log_height_of(table)
        .is_some()
}

#[test]
fn demands_bound_the_rows_and_shapes_hold_what_they_say() {
    let tables = tables();
    let config = SampleConfig {
        blocks: 2,
        ..SampleConfig::new(5, 16)
    };
    for events in sample_chunks(&config, 8) {
        let demand = Demand::of(&tables, &events).unwrap();
        let filled = generate(&events).expect("filled tables");
        for ((table, rows), (_, bound)) in filled.rows().zip(demand.rows()) {
            assert!(rows <= bound, "{table}: {rows} rows, said to need {bound}");
        }
    }
    for shape in all(&tables) {
        let system = system_of_shape(&shape);
        shape.validate(&system).expect("a shape of the system");
    }
}
