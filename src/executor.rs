//! The facade of execution alone: every kind of transaction, in parallel, without proving anything.

use std::time::{Duration, Instant};

use braid_circuits::shapes;
use braid_prover::memory::default_limit;
use braid_prover::schedule::{panic_message, thread_pool};
use braid_witness::BlockFile;
use braid_witness::block_file::Block;
use braid_witness::chain::{Chain, MemoryChain};
use braid_witness::execution::baseline::run_sequentially;
use braid_witness::execution::changed::Changed;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{
    BlockContext, Detail, ExecutedBlock, Execution, Options, Settings, StateReader, execute_block,
    execute_next,
};
use braid_witness::refusals::Refusals;
use braid_witness::senders::SenderCache;
use braid_witness::trace::{
    BlockCodes, TraceInput, TraceOptions, TraceSink, TraceStatistics, trace_block,
};
use rayon::ThreadPool;

use crate::error::{Error, Result};

/// Chooses how an [`Executor`] works. Every choice has a default.
#[derive(Clone, Debug, Default)]
pub struct ExecutorBuilder {
    workers: Option<usize>,
    timeline: bool,
    detail: Detail,
    memory: Option<u64>,
}

impl ExecutorBuilder {
    /// Workers that execute at the same time. By default one a core.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Whether to note who did what when. By default not.
    #[must_use]
    pub fn timeline(mut self, timeline: bool) -> Self {
        self.timeline = timeline;
        self
    }

    /// What to keep of each transaction. By default all that [`Executor::trace`] needs.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// The memory limit in bytes, half of which one transaction may hold at most. By default most of what is free.
    #[must_use]
    pub fn max_memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// The executor. Starts the worker threads.
    ///
    /// # Errors
    /// [`Error::Usage`] for zero workers, [`Error::Threads`] if the system refuses them.
    pub fn build(self) -> Result<Executor> {
        let cores = || std::thread::available_parallelism().map_or(1, |count| count.get());
        let workers = self.workers.unwrap_or_else(cores);
        if workers == 0 {
            return Err(Error::Usage("there must be at least one worker".to_owned()));
        }
        let pool = thread_pool(workers).map_err(|error| Error::Threads {
            count: workers,
            reason: error.to_string(),
        })?;
        Ok(Executor {
            options: Options {
                workers,
                timeline: self.timeline,
                detail: self.detail,
                memory: of_one_transaction(self.memory.unwrap_or_else(default_limit)),
            },
            pool,
            senders: SenderCache::default(),
        })
    }
}

/// Bytes that one transaction may hold where this is the memory limit: the other half is for all else, its trace among it.
pub(crate) fn of_one_transaction(limit: u64) -> u64 {
    limit / 2
}

/// How often each side of a [`Comparison`] executes a block; the fastest counts, since whatever else the machine does makes it slower.
const TURNS: usize = 5;

/// How long the same blocks take both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// With revm on one thread, one transaction after the other.
    pub sequential: Duration,
    /// With the executor.
    pub parallel: Duration,
}

impl Comparison {
    /// How many times as fast the executor is, if it took any time at all.
    pub fn speed_up(&self) -> Option<f64> {
        let parallel = self.parallel.as_secs_f64();
        (parallel > 0.0).then(|| self.sequential.as_secs_f64() / parallel)
    }
}

/// Executes blocks in parallel, with the result of executing their transactions one after the other.
///
/// ```
/// # fn main() -> Result<(), braid::Error> {
/// use braid::sample::{SampleConfig, sample};
///
/// let file = sample(&SampleConfig::new(7, 5))?;
/// let executor = braid::Executor::builder().workers(2).build()?;
/// let mut chain = braid::MemoryChain::new(&file)?;
/// let execution = executor.execute(&file, &mut chain)?;
/// println!("{} gas, state root {}", execution.gas_used(), braid::state_root_bytes(&execution.end()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Executor {
    options: Options,
    pool: ThreadPool,
    senders: SenderCache,
}

impl Executor {
    /// All defaults.
    pub fn builder() -> ExecutorBuilder {
        ExecutorBuilder::default()
    }

    /// Workers.
    pub fn workers(&self) -> usize {
        self.options.workers
    }

    /// Senders that are known from earlier calls.
    pub fn senders(&self) -> &SenderCache {
        &self.senders
    }

    fn on_workers<T: Send>(&self, body: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let guarded = std::panic::AssertUnwindSafe(|| self.pool.install(body));
        std::panic::catch_unwind(guarded).unwrap_or_else(|payload| {
            Err(Error::Panicked {
                label: "execution".to_owned(),
                message: panic_message(payload.as_ref()),
            })
        })
    }

    /// Executes all blocks of a file on a chain and commits each.
    ///
    /// # Errors
    /// [`Error::Block`] with all that is refused ([`Self::refusals`]), of which blocks before the first are committed; or if the chain has other rules than the file.
    pub fn execute<C: Chain + Send>(&self, file: &BlockFile, chain: &mut C) -> Result<Execution> {
        let (found, expected) = (chain.rules(), file.rules);
        if found != expected {
            let other = braid_witness::store::StoreError::OtherRules { found, expected };
            return Err(braid_witness::Error::from(other).into());
        }
        let mut execution = Execution {
            chain_id: chain.chain_id(),
            rules: chain.rules(),
            start: chain.position(),
            blocks: Vec::with_capacity(file.blocks.len()),
        };
        for (index, block) in file.blocks.iter().enumerate() {
            match self.execute_next(block, chain) {
                Ok(executed) => execution.blocks.push(executed),
                Err(first) => {
                    let rest = file.blocks.get(index..).unwrap_or_default();
                    return Err(self.refusals(rest, chain, first)?.of_execution().0.into());
                }
            }
        }
        Ok(execution)
    }

    /// Executes one block on a chain and commits it.
    ///
    /// # Errors
    /// [`Error::Block`] with the first refusal; the chain stays as it was.
    pub fn execute_next<C: Chain + Send>(
        &self,
        block: &Block,
        chain: &mut C,
    ) -> Result<ExecutedBlock> {
        let settings = self.settings();
        self.on_workers(|| Ok(execute_next(chain, block, settings)?))
    }

    fn settings(&self) -> Settings<'_> {
        Settings {
            options: self.options,
            senders: Some(&self.senders),
        }
    }

    /// All that is known to be refused of blocks, of whose first [`Self::execute_next`] said `first` on this chain.
    ///
    /// # Errors
    /// `first` itself if it is about something else than the blocks; or when the state cannot be read.
    pub fn refusals<C: Chain + Send>(
        &self,
        blocks: &[Block],
        chain: &C,
        first: Error,
    ) -> Result<Refusals> {
        match first {
            Error::Block(first) => {
                let (settings, largest) = (self.settings(), shapes::largest());
                self.on_workers(|| Ok(Refusals::of(chain, blocks, first, settings, largest)?))
            }
            other => Err(other),
        }
    }

    /// Traces the transactions of an executed block, in parallel, and hands the execution traces to a sink in order. Bytecode comes from the chain after the block.
    ///
    /// # Errors
    /// [`Error::Block`] when a transaction cannot be traced or the sink refuses.
    pub fn trace<C: Chain + Send>(
        &self,
        block: &ExecutedBlock,
        chain: &C,
        sink: &mut dyn TraceSink,
    ) -> Result<TraceStatistics> {
        let context = block.context(chain.chain_id());
        let pairs = block.transactions.iter().zip(&block.execution.transactions);
        let items = pairs.map(|(transaction, outcome)| {
            Ok(TraceInput {
                transaction,
                reads: &outcome.access()?.reads,
                receipt: Some(&outcome.receipt),
            })
        });
        let items: Vec<_> = items.collect::<braid_witness::Result<_>>()?;
        let created = block.codes();
        let codes = BlockCodes {
            state: chain,
            created: &created,
        };
        self.on_workers(|| {
            let options = TraceOptions::default();
            Ok(trace_block(context, &items, &codes, options, sink)?)
        })
    }

    /// Executes the same blocks again, in turns with revm on one thread, one transaction after the other: both from recovered senders to final receipts and
    /// state, and both when caches and memory are warm, which they are not the first time.
    ///
    /// # Errors
    /// [`Error::Block`] as [`Self::execute`] would; [`Error::Internal`] if the gas is not the same.
    pub fn compare(&self, mut chain: MemoryChain, execution: &Execution) -> Result<Comparison> {
        let mut sum = Comparison::default();
        for block in &execution.blocks {
            let context = block.context(execution.chain_id);
            let mut fastest = Comparison {
                sequential: Duration::MAX,
                parallel: Duration::MAX,
            };
            for _ in 0..TURNS {
                let turn = self.turn(context, &chain, block)?;
                fastest.sequential = fastest.sequential.min(turn.sequential);
                fastest.parallel = fastest.parallel.min(turn.parallel);
            }
            sum.sequential += fastest.sequential;
            sum.parallel += fastest.parallel;
            let end = block.end;
            chain.commit(&block.execution.changes, &mut |_| end)?;
        }
        Ok(sum)
    }

    fn turn(
        &self,
        context: BlockContext,
        chain: &MemoryChain,
        block: &ExecutedBlock,
    ) -> Result<Comparison> {
        let hashes = chain.block_hashes();
        let changed = Changed::new(chain.state(), &block.before_transactions)?;
        let state: &dyn StateReader = match block.before_transactions.is_empty() {
            true => chain.state(),
            false => &changed,
        };
        let inputs = block.transactions.iter();
        let inputs = inputs.map(|transaction| transaction_input(transaction, context.chain_id));
        let inputs = inputs.collect();
        let start = Instant::now();
        let baseline = run_sequentially(context, &hashes, state, inputs);
        let sequential = start.elapsed();
        let baseline = baseline.map_err(|error| Error::Internal(format!("revm: {error}")))?;

        let options = Options {
            timeline: false,
            ..self.options
        };
        let start = Instant::now();
        let again = self.on_workers(|| {
            let again = execute_block(context, &hashes, &block.transactions, state, options);
            again.map_err(|stop| Error::Internal(format!("executed again: {stop:?}")))
        })?;
        let parallel = start.elapsed();
        let gas = block.execution.gas_used;
        if (baseline.gas_used(), again.gas_used) != (gas, gas) {
            return Err(Error::Internal(
                "parallel and sequential gas differ".to_owned(),
            ));
        }
        Ok(Comparison {
            sequential,
            parallel,
        })
    }
}
