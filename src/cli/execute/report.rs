//! What is said about an execution: a table for people, JSON for programs.

use std::fmt::Write;
use std::time::Duration;

use braid::execution::{ExecutedBlock, Location, Status, TransactionOutcome};
use braid::progress::counted;
use braid::{Provability, Refused, SignedTransaction};
use braid_witness::error::Unprovable;
use serde_json::{Value, json};

use super::Measured;
use crate::cli::{Answer, quantity, refused_text};

/// Locations of conflicts that are named.
const NAMED_CONFLICTS: usize = 5;

/// The table for people.
pub(super) fn facts(measured: &Measured) -> Vec<(&'static str, String)> {
    let Measured {
        execution,
        statistics,
        ..
    } = measured;
    let durations = execution.blocks.iter().map(|block| block.durations);
    let sum = durations.fold([Duration::ZERO; 3], |[a, b, c], durations| {
        [
            a + durations.senders,
            b + durations.execution,
            c + durations.commit,
        ]
    });
    let [senders, seconds, commit] = sum.map(|duration| duration.as_secs_f64());
    let (count, gas) = (execution.transaction_count(), execution.gas_used());
    let rate = |amount: f64| {
        if seconds > 0.0 {
            format!("{:.0}", amount / seconds)
        } else {
            "-".to_owned()
        }
    };
    let mut facts = vec![
        ("blocks", execution.blocks.len().to_string()),
        ("transactions", count.to_string()),
        ("plain transfers", statistics.transfers.to_string()),
        ("gas", gas.to_string()),
        ("workers", statistics.workers.to_string()),
        ("senders", format!("{senders:.6} s")),
        ("execution", format!("{seconds:.6} s")),
        ("state tree and sealing", format!("{commit:.6} s")),
        ("transactions a second, execution", rate(count as f64)),
        ("gas a second, execution", rate(gas as f64)),
        ("executed again", statistics.reexecutions.to_string()),
        ("waited", statistics.blocked.to_string()),
        ("one after the other", statistics.sequential.to_string()),
    ];
    if measured.there_before > 0 {
        let count = measured.there_before.to_string();
        facts.insert(0, ("blocks there before", count));
    }
    if let Some(comparison) = &measured.comparison {
        let [sequential, parallel] =
            [comparison.sequential, comparison.parallel].map(|duration| duration.as_secs_f64());
        facts.push(("sequential revm", format!("{sequential:.6} s")));
        facts.push(("in turns with it", format!("{parallel:.6} s")));
        if let Some(speed_up) = comparison.speed_up() {
            facts.push(("speed-up", format!("{speed_up:.2}")));
        }
    }
    if let Some((traced, duration)) = &measured.traced {
        facts.push(("traces", format!("{:.6} s", duration.as_secs_f64())));
        facts.push(("steps", traced.steps.to_string()));
        if let Some((alone, all)) = traced.bytes_per_step() {
            facts.push(("bytes a step", format!("{alone:.2}, with events {all:.2}")));
        }
    }
    if let Some(peak) = measured.peak_memory {
        facts.push(("peak memory", format!("{} MiB", peak >> 20)));
    }
    facts
}

fn location_text(location: &Location) -> String {
    match location {
        Location::Account(address) => format!("account {address}"),
        Location::Storage(address, slot) => format!("slot {slot:#x} of {address}"),
    }
}

/// What cannot be proved yet, by the rule that proving goes by.
fn not_provable(provability: &Provability) -> Vec<Refused> {
    let refused = provability.refused.iter();
    refused.map(Refused::from).collect()
}

/// Whether what was executed can be proved, and what of it cannot.
fn provable_text(not_provable: &[Refused], untraced: usize) -> String {
    match not_provable.len() {
        0 if untraced > 0 => {
            let what = counted(untraced, "transaction");
            format!(
                "provable: not known, since {what} would have to be traced; `braid check` tells\n"
            )
        }
        0 => "provable: yes\n".to_owned(),
        count => {
            let refusals = counted(count, "refusal");
            let mut text = format!(
                "provable: not yet, {refusals}:\n{}",
                refused_text(not_provable)
            );
            if untraced > 0 {
                let what = counted(untraced, "transaction");
                let _ = writeln!(
                    text,
                    "  not known of {what} more, which would have to be traced; `braid check` tells"
                );
            }
            text
        }
    }
}

/// Of blocks that are refused, what could not be proved either, if anything, and what is not known: of those before them that were executed, and `rest`.
pub(super) fn not_executed(known: &Provability, rest: &[Unprovable]) -> Option<Answer> {
    let mut not_provable = not_provable(known);
    not_provable.extend(rest.iter().map(Refused::from));
    let untraced = known.untraced;
    (!not_provable.is_empty() || untraced > 0).then(|| Answer {
        text: provable_text(&not_provable, untraced),
        json: json!({ "notProvable": not_provable, "notTraced": untraced }),
    })
}

/// Both.
pub(super) fn answer(measured: &Measured) -> Answer {
    let execution = &measured.execution;
    let mut text = String::new();
    for (name, value) in facts(measured) {
        let _ = writeln!(text, "{name:<34} {value:>18}");
    }
    let conflicts = &measured.statistics.conflicts;
    for (location, times) in conflicts.iter().take(NAMED_CONFLICTS) {
        let _ = writeln!(
            text,
            "{:<34} {times:>18}  {}",
            "conflicts",
            location_text(location)
        );
    }
    let (start, end) = (execution.start, execution.end());
    let start_root = braid::state_root_bytes(&start);
    let end_root = braid::state_root_bytes(&end);
    let _ = writeln!(text, "state root before: {start_root}");
    let _ = writeln!(text, "state root after:  {end_root}");
    let _ = writeln!(text, "block hash after:  {}", end.block_hash);
    let not_provable = not_provable(&measured.provability);
    text += &provable_text(&not_provable, measured.provability.untraced);
    let blocks: Vec<Value> = execution.blocks.iter().map(block_json).collect();
    Answer {
        text,
        json: json!({
            "ok": true,
            "chainId": quantity(execution.chain_id),
            "rules": execution.rules,
            "blocksThereBefore": measured.there_before,
            "transactions": execution.transaction_count(),
            "gasUsed": quantity(execution.gas_used()),
            "prevStateRoot": start_root,
            "stateRoot": end_root,
            "prevBlockHash": start.block_hash,
            "blockHash": end.block_hash,
            "statistics": measured.statistics,
            "comparison": measured.comparison.map(|comparison| json!({
                "sequentialSeconds": comparison.sequential.as_secs_f64(),
                "parallelSeconds": comparison.parallel.as_secs_f64(),
                "speedUp": comparison.speed_up(),
            })),
            "traces": measured.traced.map(|(traced, duration)| json!({
                "seconds": duration.as_secs_f64(),
                "steps": traced.steps,
                "stepBytes": traced.step_bytes,
                "eventBytes": traced.event_bytes,
                "peakBytes": traced.peak_bytes,
            })),
            "peakMemoryBytes": measured.peak_memory,
            "notProvable": not_provable,
            "notTraced": measured.provability.untraced,
            "blocks": blocks,
        }),
    }
}

fn block_json(block: &ExecutedBlock) -> Value {
    let pairs = block.transactions.iter().zip(&block.execution.transactions);
    let transactions: Vec<Value> = pairs
        .map(|(t, outcome)| transaction_json(t, outcome))
        .collect();
    let durations = &block.durations;
    json!({
        "number": quantity(block.environment.number),
        "timestamp": quantity(block.environment.timestamp),
        "gasUsed": quantity(block.execution.gas_used),
        "stateRoot": braid::state_root_bytes(&block.end),
        "blockHash": block.end.block_hash,
        "seconds": {
            "senders": durations.senders.as_secs_f64(),
            "execution": durations.execution.as_secs_f64(),
            "commit": durations.commit.as_secs_f64(),
        },
        "transactions": transactions,
    })
}

fn transaction_json(transaction: &SignedTransaction, outcome: &TransactionOutcome) -> Value {
    let receipt = &outcome.receipt;
    let status = match &receipt.status {
        Status::Success => "success".to_owned(),
        Status::Revert => "revert".to_owned(),
        Status::Halt(reason) => format!("halt: {reason:?}"),
    };
    json!({
        "hash": transaction.hash,
        "from": transaction.sender,
        "to": transaction.to,
        "value": transaction.value,
        "nonce": quantity(transaction.nonce),
        "gasUsed": quantity(receipt.gas_used),
        "status": status,
        "created": receipt.created,
        "logs": receipt.logs,
    })
}
