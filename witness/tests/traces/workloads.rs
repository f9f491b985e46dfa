//! Blocks that were executed in parallel are traced from the reads that the executor hands over.

use std::time::Instant;

use braid_witness::execution::{BlockHashes, Options, execute_block};
use braid_witness::trace::{BlockCodes, TraceInput, TraceOptions, TraceSink, trace_block};
use braid_witness::workload::{Preset, generate};

use braid_circuits::event::trace::TransactionTrace;

/// Transactions of each block, unless `BRAID_TRACE_TRANSACTIONS` says otherwise.
const TRANSACTIONS: usize = 100;

/// Adds up what the binary form takes, if asked to.
struct Count {
    bytes: usize,
    encode: bool,
}

impl TraceSink for Count {
    fn take(&mut self, trace: TransactionTrace) -> braid_witness::Result<()> {
        if self.encode {
            let bytes = bincode::serde::encode_to_vec(&trace, bincode::config::standard());
            self.bytes += bytes.unwrap().len();
        }
        Ok(())
    }
}

#[test]
fn blocks_executed_in_parallel_are_traced() {
    let transactions = match std::env::var("BRAID_TRACE_TRANSACTIONS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => TRANSACTIONS,
    };
    for preset in Preset::ALL {
        let workload = generate(&preset.config(transactions, 3)).unwrap();
        let (state, context) = (workload.state().unwrap(), workload.context().unwrap());
        let start = Instant::now();
        let executed = execute_block(
            context,
            &BlockHashes::default(),
            &workload.transactions,
            &state,
            Options::default(),
        )
        .unwrap();
        let execution = start.elapsed().as_secs_f64();
        let outcomes = workload.transactions.iter().zip(&executed.transactions);
        let items: Vec<TraceInput<'_>> = outcomes
            .map(|(transaction, outcome)| TraceInput {
                transaction,
                reads: &outcome.access().unwrap().reads,
                receipt: Some(&outcome.receipt),
            })
            .collect();
        let codes = BlockCodes {
            state: &state,
            created: &executed.changes.codes,
        };
        let mut sink = Count {
            bytes: 0,
            encode: false,
        };
        let start = Instant::now();
        let options = TraceOptions::default();
        trace_block(context, &items, &codes, options, &mut sink).unwrap();
        let tracing = start.elapsed().as_secs_f64();
        sink.encode = true;
        let statistics = trace_block(context, &items, &codes, options, &mut sink).unwrap();
        assert_eq!(statistics.transactions as usize, transactions);
        let rate = |seconds: f64| transactions as f64 / seconds;
        println!(
            "{}: {:.0} executed/s, {:.0} traced/s, {:.0} both/s, {:.1} steps, {:.0} bytes each, peak {} bytes",
            preset.name(),
            rate(execution),
            rate(tracing),
            rate(execution + tracing),
            statistics.steps as f64 / transactions as f64,
            sink.bytes as f64 / transactions as f64,
            statistics.peak_bytes,
        );
        if let Some((steps, all)) = statistics.bytes_per_step() {
            let whole = sink.bytes as f64 / statistics.steps as f64;
            println!(
                "  bytes a step: {steps:.3} steps, {all:.3} with events, {whole:.3} with everything"
            );
            assert!(all < 8.0, "{}: {all} bytes a step", preset.name());
        }
    }
}
