//! Sender recovery apart: decoding of signed transactions, of which recovery is nearly all.

use std::time::Instant;

use braid_witness::transaction::SignedTransaction;
use braid_witness::workload::{Preset, generate};
use serde::Serialize;

use crate::Failure;
use crate::report::median;

/// How long recovery takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    transactions: usize,
    /// On one core.
    microseconds_each: f64,
}

/// Decodes a block's transactions on one core.
pub fn measure(count: usize, seed: u64, runs: usize) -> Result<Recovery, Failure> {
    let workload = generate(&Preset::Transfers.config(count, seed))?;
    let chain_id = workload.file.chain_id;
    let mut seconds = Vec::new();
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        for signed in &workload.transactions {
            let decoded = SignedTransaction::decode(signed.raw.clone(), chain_id)
                .map_err(|refusal| format!("{refusal:?}"))?;
            if decoded.sender != signed.sender {
                return Err("another sender than the one who signed".into());
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok(Recovery {
        transactions: count,
        microseconds_each: median(&seconds) * 1e6 / count.max(1) as f64,
    })
}

impl std::fmt::Display for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "decoding with sender recovery: {:.1} us a transaction on one core ({} transactions)",
            self.microseconds_each, self.transactions
        )
    }
}
