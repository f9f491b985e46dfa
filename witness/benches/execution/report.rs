//! Medians, for people and machines.

use std::fmt;

use braid_witness::workload::Preset;
use serde::Serialize;

use crate::engine::Run;

/// All runs of one side.
#[derive(Default)]
pub struct Measured {
    runs: Vec<Run>,
    peak: u64,
}

impl Measured {
    /// Adds a run, and the memory that it took at its peak beyond what was held before.
    pub fn add(&mut self, run: Run, peak: u64) {
        self.runs.push(run);
        self.peak = self.peak.max(peak);
    }

    fn seconds(&self) -> Vec<f64> {
        self.runs.iter().map(|run| run.seconds).collect()
    }
}

/// The figures of one side.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    name: String,
    transactions_per_second: f64,
    gas_per_second: f64,
    /// Time on cores for a transaction, all threads together: what other processes do beside changes it little.
    cpu_microseconds_each: f64,
    /// Times as fast as the first side.
    ratio: f64,
    /// Median over the runs.
    reexecutions: f64,
    /// Bytes beyond what was held before the run, the most of all runs.
    peak_bytes: u64,
    seconds: Vec<f64>,
}

/// The figures of one workload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    workload: &'static str,
    transactions: usize,
    gas: u64,
    sides: Vec<Side>,
}

impl Report {
    /// Of the sides with their names; ratios are to the first.
    pub fn new(preset: Preset, transactions: usize, measured: Vec<(String, Measured)>) -> Self {
        let reference = measured.first().map(|(_, first)| first.seconds());
        let reference = reference.unwrap_or_default();
        let gas_of = |runs: &[Run]| runs.first().map(|run| run.gas).unwrap_or_default();
        let gas = measured.first().map(|(_, first)| gas_of(&first.runs));
        let sides = measured.into_iter().map(|(name, side)| {
            let seconds = side.seconds();
            let typical = median(&seconds);
            let pairs = reference.iter().zip(&seconds);
            let ratios: Vec<f64> = pairs.map(|(first, this)| first / this).collect();
            let cpu: Vec<f64> = side.runs.iter().map(|run| run.cpu_seconds).collect();
            let reexecutions = side.runs.iter().map(|run| run.reexecutions as f64);
            Side {
                name,
                transactions_per_second: transactions as f64 / typical,
                gas_per_second: gas_of(&side.runs) as f64 / typical,
                cpu_microseconds_each: median(&cpu) * 1e6 / transactions as f64,
                ratio: median(&ratios),
                reexecutions: median(&reexecutions.collect::<Vec<_>>()),
                peak_bytes: side.peak,
                seconds,
            }
        });
        Self {
            workload: preset.name(),
            transactions,
            gas: gas.unwrap_or_default(),
            sides: sides.collect(),
        }
    }

    /// The heading of the table.
    pub fn heading() -> String {
        format!(
            "{:<17} {:>7} {:<18} {:>11} {:>8} {:>9} {:>6} {:>8} {:>9}",
            "workload", "count", "by", "TPS", "Mgas/s", "CPU us/tx", "ratio", "re-exec", "peak MiB"
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for side in &self.sides {
            writeln!(
                f,
                "{:<17} {:>7} {:<18} {:>11.0} {:>8.0} {:>9.2} {:>6.2} {:>8.0} {:>9.1}",
                self.workload,
                self.transactions,
                side.name,
                side.transactions_per_second,
                side.gas_per_second / 1e6,
                side.cpu_microseconds_each,
                side.ratio,
                side.reexecutions,
                side.peak_bytes as f64 / f64::from(1 << 20),
            )?;
        }
        Ok(())
    }
}

/// The middle value; the mean of the two middle ones of an even number.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        _ if sorted.is_empty() => f64::NAN,
        0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
        _ => sorted[middle],
    }
}
