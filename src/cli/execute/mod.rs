//! `execute`: blocks in parallel, and what there is to say about it.

mod report;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use braid::execution::timeline::page::page;
use braid::execution::{Detail, ExecutedBlock, Execution, Location, Statistics};
use braid::progress::{Event, Progress, Stage};
use braid::store::{Ahead, Store};
use braid::trace::{BINARY_FILE, TraceFileOptions, TraceFiles, TraceStatistics};
use braid::{
    Block, BlockFile, Chain, Comparison, Executor, MemoryChain, OutFile, Provability, keep_apart,
};

use super::args::ExecuteArgs;
use super::blocks::read_block;
use super::stored::blocks_in_store;
use super::{Failure, InFile, Outcome, bars};
use report::{answer, facts, not_executed};

/// What was measured.
struct Measured {
    execution: Execution,
    /// What of its blocks can be proved.
    provability: Provability,
    statistics: Statistics,
    comparison: Option<Comparison>,
    traced: Option<(TraceStatistics, Duration)>,
    /// Blocks of the file that the state folder had before.
    there_before: usize,
    peak_memory: Option<u64>,
}

/// `braid execute`.
pub fn execute(args: &ExecuteArgs, quiet: bool) -> Outcome {
    let file = read_block(&args.block)?;
    file.check().in_file(&args.block)?;
    // Whatever is to be written can be, before a block is added to a state folder.
    let timeline = args.timeline.as_deref().map(OutFile::prepare).transpose()?;
    keep_apart(&[&args.block], &Vec::from_iter(&timeline))?;
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
        executor: &executor,
        progress: &listener,
        traced: None,
        provability: Provability::default(),
    };
    let mut there_before = 0;
    let (execution, comparison) = match &args.state_dir {
        None => {
            let chain = MemoryChain::new(&file).in_file(&args.block)?;
            let execution = work.run(&mut chain.clone(), &file.blocks, |_| Ok(()))?;
            let comparison = match args.compare {
                true => Some(executor.compare(chain, &execution).in_file(&args.block)?),
                false => None,
            };
            (execution, comparison)
        }
        Some(folder) => {
            let mut store = Store::open(folder, Some(file.chain_id)).in_store(folder)?;
            let is_same = store.view().must_have_rules(file.rules);
            is_same
                .map_err(braid_witness::Error::from)
                .in_store(folder)?;
            there_before = blocks_in_store(&executor, &file, &args.block, &store)?;
            work.missing_traces(&file, &store, there_before)?;
            let left = file.blocks.get(there_before..).unwrap_or_default();
            let undo = |store: &mut Store| store.undo().map(drop);
            (work.run(&mut store, left, undo)?, None)
        }
    };
    let measured = Measured {
        statistics: total(&execution),
        comparison,
        traced: work.traced,
        provability: work.provability,
        there_before,
        peak_memory: braid::memory::peak(),
        execution,
    };
    if let Some(out) = &timeline {
        write_timeline(out, &args.block, &measured, detail)?;
    }
    Ok(answer(&measured))
}

/// Blocks on their way.
struct Work<'a> {
    args: &'a ExecuteArgs,
    executor: &'a Executor,
    progress: &'a dyn Progress,
    traced: Option<(TraceStatistics, Duration)>,
    provability: Provability,
}

impl Work<'_> {
    /// Executes blocks on a chain. A block whose traces cannot be written is taken back with `undo`.
    fn run<C: Chain + Send>(
        &mut self,
        chain: &mut C,
        blocks: &[Block],
        undo: impl Fn(&mut C) -> Result<(), braid_witness::Error>,
    ) -> Result<Execution, Failure> {
        let block_file = &self.args.block;
        let total = blocks.iter().map(|block| block.transactions.len()).sum();
        let mut execution = Execution {
            chain_id: chain.chain_id(),
            rules: chain.rules(),
            start: chain.position(),
            blocks: Vec::with_capacity(blocks.len()),
        };
        let progress = self.progress;
        braid::progress::stage(progress, Stage::Execution, total, || {
            for (index, block) in blocks.iter().enumerate() {
                let traces = self.trace_files(block.environment.number)?;
                let executed = match self.executor.execute_next(block, chain) {
                    Ok(executed) => executed,
                    Err(first) => {
                        let rest = blocks.get(index..).unwrap_or_default();
                        let refusals = self.executor.refusals(rest, chain, first);
                        let refusals = refusals.in_file(block_file)?;
                        self.provability.untraced += refusals.untraced();
                        let (error, rest) = refusals.of_execution();
                        return Err(Failure {
                            answer: not_executed(&self.provability, &rest).map(Box::new),
                            ..Failure::about(error.into(), block_file)
                        });
                    }
                };
                if let Some(files) = traces
                    && let Err(failure) = self.trace(&executed, chain, files)
                {
                    undo(chain).in_file(block_file)?;
                    return Err(failure);
                }
                let found = braid::provability(chain.chain_id(), &*chain, &executed);
                let found = found.in_file(block_file)?;
                self.provability.refused.extend(found.refused);
                self.provability.untraced += found.untraced;
                execution.blocks.push(executed);
                let (stage, by) = (Stage::Execution, block.transactions.len() as u64);
                progress.report(Event::StageAdvanced { stage, by });
            }
            Ok::<_, Failure>(())
        })?;
        Ok(execution)
    }

    /// Each block's traces have a folder of their own.
    fn trace_folder(&self, number: u64) -> Option<PathBuf> {
        let folder = self.args.trace.as_ref()?;
        Some(folder.join(format!("block-{number}")))
    }

    /// The files that a block's traces go to, if they are asked for.
    fn trace_files(&self, number: u64) -> Result<Option<TraceFiles>, Failure> {
        let options = TraceFileOptions {
            steps: !self.args.no_steps,
            ..TraceFileOptions::default()
        };
        let folder = self.trace_folder(number);
        let files = folder.map(|folder| TraceFiles::create(&folder, options));
        files.transpose().in_file(&self.args.block)
    }

    fn trace<C: Chain + Send>(
        &mut self,
        block: &ExecutedBlock,
        chain: &C,
        mut files: TraceFiles,
    ) -> Result<(), Failure> {
        let start = Instant::now();
        let statistics = self.executor.trace(block, chain, &mut files);
        let statistics = statistics.in_file(&self.args.block)?;
        files.finish().in_file(&self.args.block)?;
        let (sum, duration) = self.traced.get_or_insert_default();
        sum.add(&statistics);
        *duration += start.elapsed();
        Ok(())
    }

    /// Makes the traces of blocks that a killed process added to the store and did not get to trace.
    fn missing_traces(
        &mut self,
        file: &BlockFile,
        store: &Store,
        there_before: usize,
    ) -> Result<(), Failure> {
        let blocks = file.blocks.iter().take(there_before);
        let traced = blocks.map(|block| self.trace_folder(block.environment.number));
        let Some(first) = traced
            .flatten()
            .position(|folder| !folder.join(BINARY_FILE).is_file())
        else {
            return Ok(());
        };
        let folder = store.folder();
        let parent = file.parent.number.saturating_add(first as u64);
        let view = store.view_at(parent).in_store(folder)?;
        let mut chain = Ahead::new(view).in_store(folder)?;
        let blocks = file.blocks.get(first..there_before).unwrap_or_default();
        let known = core::mem::take(&mut self.provability);
        self.run(&mut chain, blocks, |_| Ok(()))?;
        self.provability = known;
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
    out: &OutFile,
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
    Ok(out.write(page(&title, &timelines, &facts).as_bytes())?)
}
