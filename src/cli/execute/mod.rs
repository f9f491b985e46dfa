//! `execute`: blocks in parallel, and what there is to say about it.

mod report;

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use braid::execution::timeline::page::page;
use braid::execution::{Detail, ExecutedBlock, Execution, Location, Statistics};
use braid::progress::{Event, Progress, Stage};
use braid::store::Store;
use braid::trace::{JsonOptions, TraceFiles, TraceStatistics};
use braid::{BlockFile, Chain, Comparison, Executor, MemoryChain};

use super::args::ExecuteArgs;
use super::blocks::read_block;
use super::stored::check_parent;
use super::{Failure, InFile, Outcome, bars, write};
use report::{answer, facts};

/// What was measured.
struct Measured {
    execution: Execution,
    statistics: Statistics,
    comparison: Option<Comparison>,
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
    let (execution, comparison) = match &args.state_dir {
        None => {
            let chain = MemoryChain::new(&file).in_file(&args.block)?;
            let execution = work.run(&mut chain.clone())?;
            let comparison = match args.compare {
                true => Some(executor.compare(chain, &execution).in_file(&args.block)?),
                false => None,
            };
            (execution, comparison)
        }
        Some(folder) => {
            let mut store = Store::open(folder, Some(file.chain_id)).in_file(folder)?;
            check_parent(&file, store.head()).in_file(&args.block)?;
            (work.run(&mut store)?, None)
        }
    };
    let measured = Measured {
        statistics: total(&execution),
        comparison,
        traced: work.traced,
        peak_memory: braid::memory::peak(),
        execution,
    };
    if let Some(out) = &args.timeline {
        write_timeline(out, &args.block, &measured, detail)?;
    }
    Ok(answer(&measured))
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
