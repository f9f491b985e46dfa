//! `execute`: blocks in parallel, and what there is to say about it.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use braid::execution::timeline::page::page;
use braid::execution::{
    Detail, ExecutedBlock, Execution, Location, Statistics, Status, TransactionOutcome,
};
use braid::progress::{Event, Progress, Stage};
use braid::store::Store;
use braid::trace::{JsonOptions, TraceFiles, TraceStatistics};
use braid::{BlockFile, Chain, Error, Executor, MemoryChain, NotProvable, SignedTransaction};
use serde_json::{Value, json};

use super::args::ExecuteArgs;
use super::blocks::read_block;
use super::{Answer, Failure, InFile, Outcome, bars, write};

/// Locations of conflicts that are named.
const NAMED_CONFLICTS: usize = 5;

/// What was measured.
struct Measured {
    execution: Execution,
    statistics: Statistics,
    sequential: Option<Duration>,
    traced: Option<(TraceStatistics, Duration)>,
    peak_memory: Option<u64>,
}

/// `braid execute`.
pub fn execute(args: &ExecuteArgs, quiet: bool) -> Outcome {
    let file = read_block(&args.block)?;
    file.check().in_file(&args.block)?;
    let detail = match args.trace {
        Some(_) => Detail::Accesses,
        None => Detail::Receipts,
    };
    let mut builder = Executor::builder()
        .timeline(args.timeline.is_some())
        .detail(detail);
    if let Some(workers) = args.workers {
        builder = builder.workers(workers.into());
    }
    let executor = builder.build()?;
    let listener = bars::listener(quiet);
    let mut work = Work {
        args,
        file: &file,
        executor: &executor,
        progress: &listener,
        traced: None,
    };
    let (execution, sequential) = match &args.state_dir {
        None => {
            let chain = MemoryChain::new(&file).in_file(&args.block)?;
            let execution = work.run(&mut chain.clone())?;
            let sequential = match args.compare {
                true => Some(
                    executor
                        .time_sequential(chain, &execution)
                        .in_file(&args.block)?,
                ),
                false => None,
            };
            (execution, sequential)
        }
        Some(folder) => {
            let mut store = Store::open(folder, Some(file.chain_id)).in_file(folder)?;
            check_parent(&file, &store).in_file(&args.block)?;
            (work.run(&mut store)?, None)
        }
    };
    let measured = Measured {
        statistics: total(&execution),
        sequential,
        traced: work.traced,
        peak_memory: braid::memory::peak(),
        execution,
    };
    if let Some(out) = &args.timeline {
        write_timeline(out, &args.block, &measured, detail)?;
    }
    Ok(answer(&measured))
}

/// A block file for a store goes on where the store is; its accounts are the store's.
fn check_parent(file: &BlockFile, store: &Store) -> braid::Result<()> {
    let head = store.head();
    let parent = &file.parent;
    let is_head = (parent.number, parent.timestamp, parent.block_hash)
        == (head.number, head.timestamp, head.block_hash);
    if !is_head {
        return Err(Error::Usage(format!(
            "the block file follows block {} ({}), and the state folder is at block {} ({})",
            parent.number, parent.block_hash, head.number, head.block_hash
        )));
    }
    if file.alloc.is_empty() {
        return Ok(());
    }
    // The state that a first block starts from may be in both.
    let root = MemoryChain::new(file)?.position().state_root;
    if root != head.state_root {
        return Err(Error::Usage(
            "the block file's alloc is not the state of the state folder; leave it empty"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Blocks on their way.
struct Work<'a> {
    args: &'a ExecuteArgs,
    file: &'a BlockFile,
    executor: &'a Executor,
    progress: &'a dyn Progress,
    traced: Option<(TraceStatistics, Duration)>,
}

impl Work<'_> {
    fn run<C: Chain + Send>(&mut self, chain: &mut C) -> Result<Execution, Failure> {
        let block_file = &self.args.block;
        let counts = self
            .file
            .blocks
            .iter()
            .map(|block| block.transactions.len());
        let total = counts.sum();
        let mut execution = Execution {
            chain_id: chain.chain_id(),
            start: chain.position(),
            blocks: Vec::with_capacity(self.file.blocks.len()),
        };
        let progress = self.progress;
        braid::progress::stage(progress, Stage::Execution, total, || {
            for block in &self.file.blocks {
                let executed = self
                    .executor
                    .execute_next(block, chain)
                    .in_file(block_file)?;
                self.trace(&executed, chain)?;
                execution.blocks.push(executed);
                let (stage, by) = (Stage::Execution, block.transactions.len() as u64);
                progress.report(Event::StageAdvanced { stage, by });
            }
            Ok::<_, Failure>(())
        })?;
        Ok(execution)
    }

    /// Each block's traces have a folder of their own.
    fn trace<C: Chain + Send>(&mut self, block: &ExecutedBlock, chain: &C) -> Result<(), Failure> {
        let Some(folder) = &self.args.trace else {
            return Ok(());
        };
        let folder = folder.join(format!("block-{}", block.environment.number));
        let start = Instant::now();
        let files = TraceFiles::create(&folder, JsonOptions::default());
        let mut files = files.in_file(&folder)?;
        let statistics = self.executor.trace(block, chain, &mut files);
        let statistics = statistics.in_file(&self.args.block)?;
        files.finish().in_file(&folder)?;
        let (sum, duration) = self.traced.get_or_insert_default();
        sum.add(&statistics);
        *duration += start.elapsed();
        Ok(())
    }
}

/// Statistics over all blocks.
fn total(execution: &Execution) -> Statistics {
    let mut total = Statistics::default();
    let mut conflicts: HashMap<Location, u64> = HashMap::new();
    for block in &execution.blocks {
        let statistics = &block.execution.statistics;
        total.workers = total.workers.max(statistics.workers);
        total.executions += statistics.executions;
        total.reexecutions += statistics.reexecutions;
        total.validations += statistics.validations;
        total.blocked += statistics.blocked;
        total.sequential += statistics.sequential;
        total.transfers += statistics.transfers;
        for (location, times) in &statistics.conflicts {
            *conflicts.entry(*location).or_default() += times;
        }
    }
    total.conflicts = conflicts.into_iter().collect();
    total
        .conflicts
        .sort_unstable_by_key(|(location, times)| (std::cmp::Reverse(*times), *location));
    total
}

fn write_timeline(
    out: &Path,
    block: &Path,
    measured: &Measured,
    detail: Detail,
) -> Result<(), Failure> {
    let blocks = measured.execution.blocks.iter();
    let timelines: Vec<_> = blocks
        .filter_map(|block| block.execution.timeline.clone())
        .collect();
    let mut facts: Vec<_> = facts(measured)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if detail == Detail::Receipts {
        let note = "Without --trace, bars are batches of transactions where the state allows it; a bar has the number of its first.";
        facts.push(("bars".to_owned(), note.to_owned()));
    }
    let title = format!("Execution of {}", block.display());
    write(out, page(&title, &timelines, &facts).as_bytes())?;
    Ok(())
}

/// The table for people.
fn facts(measured: &Measured) -> Vec<(&'static str, String)> {
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
        ("transactions a second", rate(count as f64)),
        ("gas a second", rate(gas as f64)),
        ("executed again", statistics.reexecutions.to_string()),
        ("waited", statistics.blocked.to_string()),
        ("one after the other", statistics.sequential.to_string()),
    ];
    if let Some(sequential) = measured.sequential {
        let sequential = sequential.as_secs_f64();
        facts.push(("sequential revm", format!("{sequential:.6} s")));
        if seconds > 0.0 {
            facts.push(("speed-up", format!("{:.2}", sequential / seconds)));
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

/// The first transaction that cannot be proved yet.
fn first_not_provable(execution: &Execution) -> Option<(u64, usize, NotProvable)> {
    execution.blocks.iter().find_map(|block| {
        let pairs = block.transactions.iter().zip(&block.execution.transactions);
        let mut pairs = pairs.enumerate();
        pairs.find_map(|(index, (transaction, outcome))| {
            let reason = braid::not_provable(transaction, !outcome.is_transfer)?;
            Some((block.environment.number, index, reason))
        })
    })
}

fn answer(measured: &Measured) -> Answer {
    let execution = &measured.execution;
    let mut text = String::new();
    for (name, value) in facts(measured) {
        let _ = writeln!(text, "{name:<24} {value:>18}");
    }
    let conflicts = &measured.statistics.conflicts;
    for (location, times) in conflicts.iter().take(NAMED_CONFLICTS) {
        let _ = writeln!(
            text,
            "conflicts                {times:>18}  {}",
            location_text(location)
        );
    }
    let (start, end) = (execution.start, execution.end());
    let start_root = braid::state_root_bytes(&start);
    let end_root = braid::state_root_bytes(&end);
    let _ = writeln!(text, "state root before: {start_root}");
    let _ = writeln!(text, "state root after:  {end_root}");
    let _ = writeln!(text, "block hash after:  {}", end.block_hash);
    let not_provable = first_not_provable(execution);
    match &not_provable {
        None => text += "provable: yes\n",
        Some((block, index, reason)) => {
            let _ = writeln!(
                text,
                "provable: not yet: block {block}, transaction {index}: {reason}"
            );
        }
    }
    let not_provable = not_provable.map(|(block, index, reason)| {
        json!({ "block": block, "transaction": index, "reason": reason.to_string() })
    });
    let blocks: Vec<Value> = execution.blocks.iter().map(block_json).collect();
    Answer {
        text,
        json: json!({
            "ok": true,
            "chainId": execution.chain_id,
            "transactions": execution.transaction_count(),
            "gasUsed": execution.gas_used(),
            "prevStateRoot": start_root,
            "stateRoot": end_root,
            "prevBlockHash": start.block_hash,
            "blockHash": end.block_hash,
            "statistics": measured.statistics,
            "sequentialSeconds": measured.sequential.map(|duration| duration.as_secs_f64()),
            "traces": measured.traced.map(|(traced, duration)| json!({
                "seconds": duration.as_secs_f64(),
                "steps": traced.steps,
                "stepBytes": traced.step_bytes,
                "eventBytes": traced.event_bytes,
                "peakBytes": traced.peak_bytes,
            })),
            "peakMemoryBytes": measured.peak_memory,
            "notProvable": not_provable,
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
        "number": block.environment.number,
        "timestamp": block.environment.timestamp,
        "gasUsed": block.execution.gas_used,
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
        "nonce": transaction.nonce,
        "gasUsed": receipt.gas_used,
        "status": status,
        "created": receipt.created,
        "logs": receipt.logs,
    })
}
