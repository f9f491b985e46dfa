//! Whole chunks whose transactions run code: all tables, filled from the events that blocks give, by the checker.

mod common;

use braid_circuits::event::ChunkEvents;
use braid_circuits::tables::invocation::InvocationColumns;
use braid_circuits::tables::transaction::TransactionColumns;
use braid_stark::Felt;
use braid_witness::workload::{Preset, generate};
use braid_witness::{BlockFile, chunks_of, execute};
use common::Filled;
use plonky2::field::types::Field;

/// The chunks of a file's blocks, of at most so many transactions.
fn chunks(file: &BlockFile, most: usize) -> Vec<ChunkEvents> {
    let executed = execute(file).expect("a provable block");
    chunks_of(&executed, most).expect("chunks")
}

fn assert_passes(chunks: &[ChunkEvents]) {
    for events in chunks {
        let report = Filled::of(events).report();
        assert!(report.is_ok(), "{report}");
    }
}

fn workload(preset: Preset, transactions: usize) -> BlockFile {
    generate(&preset.config(transactions, 7))
        .expect("a workload")
        .file
}

#[test]
fn workloads_pass_in_one_chunk_and_in_several() {
    for preset in Preset::ALL {
        let file = workload(preset, 5);
        for most in [5, 2] {
            let chunks = chunks(&file, most);
            assert!(!chunks.is_empty());
            assert_passes(&chunks);
        }
    }
}

/// A chunk of token transfers and plain ones.
fn mixed() -> ChunkEvents {
    let mut chunks = chunks(&workload(Preset::Mixed, 6), 6);
    assert_eq!(chunks.len(), 1);
    chunks.remove(0)
}

/// Lets `forge` change the filled tables; `label` must be among what the checker finds.
fn assert_forged(label: &str, forge: impl FnOnce(&mut Filled)) {
    let mut filled = Filled::of(&mixed());
    forge(&mut filled);
    let report = filled.report();
    assert!(report.mentions(label), "expected {label}, found:\n{report}");
}

#[test]
fn forged_chunks_fail() {
    assert_forged("SourceWord", |filled| filled.clear("calldata", 0));
    assert_forged("RefundVersion", |filled| {
        let row: &mut InvocationColumns<Felt> = filled.row("invocation", 0);
        row.refund.counter += Felt::ONE;
    });
    assert_forged("LogChain", |filled| filled.clear("log_chain", 0));
    assert_forged("Invocation", |filled| filled.clear("invocation", 0));
    assert_forged("BlockProgress", |filled| {
        let row: &mut TransactionColumns<Felt> = filled.row("transaction", 0);
        row.next_clock += Felt::ONE;
    });
    assert_forged("TreeUpdate", |filled| filled.clear("storage", 0));
}
