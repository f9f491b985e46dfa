//! The sides that are compared.

use std::time::Instant;

use braid_witness::execution::baseline::run_sequentially;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{BlockContext, BlockHashes, Detail, Options, Status, execute_block};
use braid_witness::state::State;
use braid_witness::workload::Workload;
use rayon::{ThreadPool, ThreadPoolBuilder};
use revm::context::TxEnv;

use crate::{Failure, process};

/// A workload with all that is made of it before the clock starts.
pub struct Prepared {
    pub name: &'static str,
    pub workload: Workload,
    pub state: State,
    pub block: BlockContext,
    pub hashes: BlockHashes,
    inputs: Vec<TxEnv>,
}

impl Prepared {
    pub fn new(name: &'static str, workload: Workload) -> Result<Self, Failure> {
        let block = workload.context()?;
        let inputs = workload.transactions.iter();
        let inputs = inputs.map(|transaction| transaction_input(transaction, block.chain_id));
        Ok(Self {
            name,
            inputs: inputs.collect(),
            state: workload.state()?,
            hashes: BlockHashes::default(),
            block,
            workload,
        })
    }
}

/// One execution of a block.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub seconds: f64,
    /// Seconds on cores, all threads together.
    pub cpu_seconds: f64,
    /// Gas that the block used.
    pub gas: u64,
    /// Executions beyond the first of each transaction.
    pub reexecutions: u64,
}

/// A way to execute a block.
pub enum Engine {
    /// revm on one core.
    Sequential,
    /// This crate's executor, with a pool of its own; the pool's number of threads is that of its workers. For receipts alone it leaves what sequential
    /// revm leaves.
    Parallel(ThreadPool, Detail),
}

/// All ways, the sequential one first.
pub fn engines(workers: &[usize]) -> Result<Vec<Engine>, Failure> {
    let mut engines = vec![Engine::Sequential];
    for workers in workers {
        // The name tells a profiler which samples are the executor's.
        let pool = ThreadPoolBuilder::new()
            .num_threads(*workers)
            .thread_name(|index| format!("worker-{index}"))
            .build()?;
        engines.push(Engine::Parallel(pool, Detail::Receipts));
    }
    // Workers of one pool sleep while those of another work.
    for workers in workers {
        let pool = ThreadPoolBuilder::new().num_threads(*workers).build()?;
        engines.push(Engine::Parallel(pool, Detail::Accesses));
    }
    Ok(engines)
}

impl Engine {
    pub fn name(&self) -> String {
        match self {
            Self::Sequential => "revm, one core".to_owned(),
            Self::Parallel(pool, detail) => {
                let workers = match pool.current_num_threads() {
                    1 => "1 worker".to_owned(),
                    workers => format!("{workers} workers"),
                };
                match detail {
                    Detail::Receipts => format!("braid, {workers}"),
                    Detail::Accesses => format!("{workers}, accesses"),
                }
            }
        }
    }

    /// Executes the block. Making room for the results counts, giving it back does not.
    pub fn run(&self, prepared: &Prepared) -> Result<Run, Failure> {
        match self {
            Self::Sequential => sequential(prepared),
            Self::Parallel(pool, detail) => pool.install(|| parallel(prepared, *detail)),
        }
    }
}

fn sequential(prepared: &Prepared) -> Result<Run, Failure> {
    let Prepared {
        state,
        block,
        hashes,
        ..
    } = prepared;
    let inputs = prepared.inputs.clone();
    let clock = Clock::start();
    let baseline = run_sequentially(*block, hashes, state, inputs)?;
    let (seconds, cpu_seconds) = clock.stop();
    let mut results = baseline.results.iter();
    if let Some(failed) = results.position(|result| !result.is_success()) {
        return Err(format!("transaction {failed} does not succeed").into());
    }
    Ok(Run {
        seconds,
        cpu_seconds,
        gas: baseline.gas_used(),
        reexecutions: 0,
    })
}

fn parallel(prepared: &Prepared, detail: Detail) -> Result<Run, Failure> {
    let Prepared {
        workload,
        state,
        block,
        hashes,
        ..
    } = prepared;
    let clock = Clock::start();
    let transactions = &workload.transactions;
    let options = Options {
        detail,
        ..Options::default()
    };
    let execution = execute_block(*block, hashes, transactions, state, options)
        .map_err(|stop| format!("{stop:?}"))?;
    let (seconds, cpu_seconds) = clock.stop();
    let mut outcomes = execution.transactions.iter();
    if let Some(failed) = outcomes.position(|outcome| outcome.receipt.status != Status::Success) {
        return Err(format!("transaction {failed} does not succeed").into());
    }
    Ok(Run {
        seconds,
        cpu_seconds,
        gas: execution.gas_used,
        reexecutions: execution.statistics.reexecutions,
    })
}

/// Time by the wall and on cores.
struct Clock {
    start: Instant,
    cpu_seconds: f64,
}

impl Clock {
    fn start() -> Self {
        let cpu_seconds = process::cpu_seconds();
        let start = Instant::now();
        Self { start, cpu_seconds }
    }

    fn stop(self) -> (f64, f64) {
        let seconds = self.start.elapsed().as_secs_f64();
        (seconds, process::cpu_seconds() - self.cpu_seconds)
    }
}
