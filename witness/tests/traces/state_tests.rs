//! Traces of Ethereum's own state tests agree with revm: every step in full, receipts, and the net effect of the events.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use braid_witness::Rules;
use braid_witness::ethereum_tests::{cases, folder, json_files};
use braid_witness::execution::BlockContext;
use braid_witness::import::{StateTestCase, TEST_CHAIN_ID};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use rayon::prelude::*;

use crate::support;

/// One file in so many is tested, unless `BRAID_ALL_STATE_TESTS` is set.
const SAMPLE: usize = 40;

fn trace(case: &StateTestCase, counts: &[AtomicU64; 6]) -> Result<(), String> {
    let [block] = case.block_file.blocks.as_slice() else {
        return Err("not one block".to_owned());
    };
    let [raw] = block.transactions.as_slice() else {
        return Err("not one transaction".to_owned());
    };
    let Ok(transaction) = SignedTransaction::decode(raw.clone(), TEST_CHAIN_ID) else {
        return Ok(());
    };
    if case.expect_exception.is_some() {
        return Ok(());
    }
    let state = State::new(&case.block_file.alloc).map_err(|error| error.to_string())?;
    let context = BlockContext {
        chain_id: TEST_CHAIN_ID,
        rules: Rules::Cancun,
        environment: block.environment,
        excess_blob_gas: case.block_file.blocks[0].excess_blob_gas,
    };
    let Some(trace) = support::check(context, &state, &transaction)? else {
        return Err("refused".to_owned());
    };
    let encoded = bincode::serde::encode_to_vec(&trace, bincode::config::standard());
    let all = encoded.map_err(|error| error.to_string())?.len();
    let numbers = [
        1,
        trace.steps.count(),
        trace.steps.encoded_length() as u64,
        trace.events.count(),
        trace.events.encoded_length() as u64,
        all as u64,
    ];
    for (count, number) in counts.iter().zip(numbers) {
        count.fetch_add(number, Ordering::Relaxed);
    }
    Ok(())
}

#[test]
fn traces_of_state_tests_agree_with_revm() {
    let repository = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let Some(folder) = folder(repository) else {
        return;
    };
    let sample = match std::env::var_os("BRAID_ALL_STATE_TESTS") {
        Some(_) => 1,
        None => SAMPLE,
    };
    let files = json_files(&folder.join("GeneralStateTests"));
    assert!(!files.is_empty(), "no state tests in {}", folder.display());
    let counts: [AtomicU64; 6] = Default::default();
    let failing: Vec<String> = files
        .par_iter()
        .step_by(sample)
        .flat_map_iter(|file| {
            let cases = cases(file, Rules::Cancun)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let counts = &counts;
            cases.into_iter().filter_map(move |case| {
                let fault = trace(&case, counts).err()?;
                Some(format!(
                    "{}: {} {}: {fault}",
                    file.display(),
                    case.name,
                    case.variant
                ))
            })
        })
        .collect();
    let [cases, steps, step_bytes, events, event_bytes, all] =
        counts.map(|count| count.into_inner());
    let per_step = |bytes: u64| bytes as f64 / steps.max(1) as f64;
    println!(
        "{cases} transactions, {steps} steps of {:.3} bytes, {events} events of {:.1} bytes, {:.3} bytes a step with everything",
        per_step(step_bytes),
        event_bytes as f64 / events.max(1) as f64,
        per_step(all),
    );
    assert!(
        failing.is_empty(),
        "{} fail: {:#?}",
        failing.len(),
        failing.iter().take(20).collect::<Vec<_>>()
    );
    assert!(steps > 100_000, "only {steps} steps");
    // Without what each transaction has once: many of these are short.
    let bytes = per_step(step_bytes + event_bytes);
    assert!(bytes < 8.0, "{bytes} bytes a step");
}
