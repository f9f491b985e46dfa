//! Witness generation as a whole: execution, final reads, and the trace of every transaction, handed over in order as chunks take them.

use std::fmt;
use std::time::Instant;

use braid_circuits::event::trace::TransactionTrace;
use braid_witness::execution::{Options, execute_block};
use braid_witness::trace::{BlockCodes, TraceInput, TraceOptions, TraceSink, trace_block};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;

use crate::Failure;
use crate::engine::Prepared;
use crate::report::median;

/// The figures of one workload with some workers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    workload: &'static str,
    transactions: usize,
    workers: usize,
    /// Execution and traces, one after the other.
    transactions_per_second: f64,
    /// Traces alone.
    traces_per_second: f64,
    steps_each: f64,
    /// Bytes of traces that wait for their turn, at most.
    peak_bytes: u64,
}

/// Takes traces and lets them go, as whoever fills a chunk's tables does in the end.
struct Count(usize);

impl TraceSink for Count {
    fn take(&mut self, _: TransactionTrace) -> braid_witness::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

/// Seconds of a run, and what it traced.
struct Run {
    execution: f64,
    traces: f64,
    steps: u64,
    peak_bytes: u64,
}

/// Runs a workload some times, after one run that does not count.
pub fn measure(prepared: &Prepared, workers: usize, runs: usize) -> Result<Witness, Failure> {
    let pool: ThreadPool = ThreadPoolBuilder::new().num_threads(workers).build()?;
    let mut done = Vec::new();
    for _ in 0..=runs.max(1) {
        done.push(pool.install(|| run(prepared))?);
    }
    let done = done.get(1..).unwrap_or_default();
    let transactions = prepared.workload.transactions.len();
    let rate = |seconds: Vec<f64>| transactions as f64 / median(&seconds);
    let both = done.iter().map(|run| run.execution + run.traces);
    let steps = done.first().map(|run| run.steps).unwrap_or_default();
    let peak = done.iter().map(|run| run.peak_bytes).max();
    Ok(Witness {
        workload: prepared.name,
        transactions,
        workers,
        transactions_per_second: rate(both.collect()),
        traces_per_second: rate(done.iter().map(|run| run.traces).collect()),
        steps_each: steps as f64 / transactions.max(1) as f64,
        peak_bytes: peak.unwrap_or_default(),
    })
}

fn run(prepared: &Prepared) -> Result<Run, Failure> {
    let Prepared {
        workload,
        state,
        block,
        hashes,
        ..
    } = prepared;
    let start = Instant::now();
    let transactions = &workload.transactions;
    let executed = execute_block(*block, hashes, transactions, state, Options::default())
        .map_err(|stop| format!("{stop:?}"))?;
    let execution = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let outcomes = transactions.iter().zip(&executed.transactions);
    let items = outcomes.map(|(transaction, outcome)| {
        Ok(TraceInput {
            transaction,
            reads: &outcome.access()?.reads,
            receipt: Some(&outcome.receipt),
        })
    });
    let items: Vec<_> = items.collect::<braid_witness::Result<_>>()?;
    let codes = BlockCodes {
        state,
        created: &executed.changes.codes,
    };
    let mut count = Count(0);
    let options = TraceOptions::default();
    let statistics = trace_block(*block, &items, &codes, options, &mut count)?;
    let traces = start.elapsed().as_secs_f64();
    if count.0 != transactions.len() {
        return Err("a trace is missing".into());
    }
    Ok(Run {
        execution,
        traces,
        steps: statistics.steps,
        peak_bytes: statistics.peak_bytes,
    })
}

impl Witness {
    /// The heading of the table.
    pub fn heading() -> String {
        format!(
            "{:<17} {:>7} {:>7} {:>22} {:>12} {:>9} {:>9}",
            "workload",
            "count",
            "workers",
            "execution + traces TPS",
            "traces TPS",
            "steps/tx",
            "peak KiB"
        )
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<17} {:>7} {:>7} {:>22.0} {:>12.0} {:>9.1} {:>9.0}",
            self.workload,
            self.transactions,
            self.workers,
            self.transactions_per_second,
            self.traces_per_second,
            self.steps_each,
            self.peak_bytes as f64 / 1024.0
        )
    }
}
