//! Block-STM: transactions of a block executed in parallel, with the result of executing them one after the other.
//!
//! * `writers`, `memory`: who wrote what so far; a transaction reads the latest value below it.
//! * `view`: the state as one transaction sees it. `reads`: what it read, and whether it would read the same again.
//! * `run`: one execution of a transaction: rules of inclusion, plain transfers, revm for everything else. `ledger`: one execution of a batch of transactions, where nobody asks what
//!   each of them read. `engine`: either. `transfer`: what they have in common. `attempt`: what is kept of an execution. `codes`: a worker's own bytecode.
//! * `scheduler`: who does what next. `commit`: in order, with everything before final; here the result becomes right. `judge`: whether guessing pays.
//! * `publications`: which batches wrote what, in the order of saying so.
//! * `stretch`: transactions one after the other, where guessing does not pay or there is one worker; single ones on an `overlay`.
//! * `worker`: the loop that each thread runs. `crew`: all workers together.
//!
//! Why the result equals that of sequential execution: a transaction is committed only when all before it are, and only if every value that it read is
//! the one that the committed transactions leave; otherwise it is executed again there and then. By induction each transaction has the reads, and so the
//! result, that it has when executed one after the other. That the values are the same is looked up, or known from the fact that nobody who wrote one of the keys since met a
//! mark of the reader (see `reads`), or, of batches, that none of what was written since is among what was asked for (see `publications`). Two things are not read and still add up: the coinbase's tips, which no transaction sees in itself,
//! and wei that plain transfers send, which are added at the commit, in order; if a sum overflows there, the transaction runs again without this shortcut.

mod attempt;
mod codes;
mod commit;
mod crew;
mod engine;
mod finish;
mod judge;
mod keys;
mod ledger;
mod memory;
mod overlay;
mod publications;
#[cfg(test)]
mod publications_tests;
mod reads;
mod run;
mod scheduler;
mod shared;
mod stretch;
mod sync;
mod transfer;
mod tuning;
mod view;
mod worker;
mod writers;

use std::collections::HashMap;

use alloy_primitives::Address;

pub use commit::Stop;
pub use transfer::RECEIPTS_LIMIT;

use super::machine::{BlockContext, MEMORY_LIMIT};
use super::outcome::{AccountState, Detail, StateChanges, TransactionOutcome};
use super::reader::{BlockHashes, StateReader};
use super::statistics::Statistics;
use super::timeline::Timeline;
use crate::transaction::SignedTransaction;
use crew::{Crew, broken_off};
use memory::Memory;
use scheduler::{Grouping, Scheduler};
use shared::{Shared, with_tip};
use tuning::{CLAIMS, FIRST_BATCH, LARGEST_BATCH, SAMPLE};
use worker::Log;

/// How to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Workers; 1 executes one transaction after the other, which also happens where most wait for the one before by their nonces. They run on the current thread and on the current rayon pool's.
    pub workers: usize,
    /// Whether to note who did what when.
    pub timeline: bool,
    /// What to keep of each transaction.
    pub detail: Detail,
    /// Most bytes that one transaction may hold; [`MEMORY_LIMIT`] where this is more.
    pub memory: u64,
}

impl Default for Options {
    /// A worker for each thread of the current rayon pool.
    fn default() -> Self {
        Self {
            workers: rayon::current_num_threads(),
            timeline: false,
            detail: Detail::default(),
            memory: MEMORY_LIMIT,
        }
    }
}

/// A block that was executed, with every value final.
#[derive(Clone, Debug)]
pub struct BlockExecution {
    /// Its transactions.
    pub transactions: Vec<Box<TransactionOutcome>>,
    /// Who gets the tips.
    pub coinbase: Address,
    /// The coinbase before the block.
    pub coinbase_before: Option<AccountState>,
    /// What they did to the state.
    pub changes: StateChanges,
    /// Gas that they used.
    pub gas_used: u64,
    /// How it went.
    pub statistics: Statistics,
    /// Who did what when, if asked for.
    pub timeline: Option<Timeline>,
}

impl BlockExecution {
    /// The coinbase after each transaction, with its tip; `None` where it does not exist.
    ///
    /// # Errors
    /// As [`TransactionOutcome::access`].
    pub fn coinbase_after_each(&self) -> crate::Result<Vec<Option<AccountState>>> {
        let mut account = self.coinbase_before;
        let outcomes = self.transactions.iter();
        let after = outcomes.map(|outcome| {
            let access = outcome.access()?;
            let mut changes = access.accounts.iter();
            if let Some(change) = changes.find(|change| change.address == self.coinbase) {
                account = change.after;
            }
            account = with_tip(account, access);
            Ok(account)
        });
        after.collect()
    }
}

/// Executes transactions as a block. They are decoded, recovered and checked by themselves already.
///
/// # Errors
/// [`Stop::Refused`] for the first transaction that may not be included, [`Stop::Fatal`] when the state cannot be read, or something panics.
pub fn execute_block(
    context: BlockContext,
    hashes: &BlockHashes,
    transactions: &[SignedTransaction],
    base: &dyn StateReader,
    options: Options,
) -> Result<BlockExecution, Stop> {
    let count = transactions.len();
    let workers = match is_chain(transactions) {
        true => 1,
        false => options.workers.clamp(1, count.max(1)),
    };
    let is_brief = options.detail == Detail::Receipts && base.is_ordinary();
    let grouping = match is_brief {
        true => Grouping::Batches { size: FIRST_BATCH },
        false => Grouping::Single {
            claim: (count / (workers * CLAIMS)).clamp(1, LARGEST_BATCH),
        },
    };
    // One alone needs no versions and no schedule, unless what it wrote is in batches.
    let slots = if workers == 1 && !is_brief { 0 } else { count };
    let memory = Memory::new(base, slots, written_slots(transactions), !is_brief);
    let scheduler = Scheduler::new(slots, workers, grouping);
    let shared = broken_off(|| {
        Shared::new(
            context,
            hashes,
            transactions,
            memory,
            scheduler,
            options.memory,
        )
    });
    let shared = shared.map_err(Stop::Fatal)?;
    let crew = Crew::new(&shared, workers, options.timeline);
    if workers == 1 {
        crew.work(0);
    } else {
        // The current thread begins at once; the others come when they wake up, and find less to do or nothing.
        rayon::in_place_scope(|scope| {
            let crew = &crew;
            for index in 1..workers {
                scope.spawn(move |_| crew.work(index));
            }
            crew.work(0);
        });
    }
    let done = crew.finish()?;
    let finished = broken_off(|| finish::finish(shared, done));
    let (mut execution, logs) = finished.map_err(Stop::Fatal)?;
    let timeline = options.timeline.then_some(context.environment.number);
    summarise(&mut execution, logs, workers, timeline);
    Ok(execution)
}

/// Slots that transactions write, about: as many as gas limits allow, if each takes three times what the cheapest takes.
fn written_slots(transactions: &[SignedTransaction]) -> usize {
    const GAS_EACH: u64 = 15_000;
    const MOST_EACH: u64 = 64;
    let calls = transactions.iter().filter(|sent| !sent.data.is_empty());
    let slots = calls.map(|sent| {
        let gas = sent.gas_limit.saturating_sub(21_000);
        (gas / GAS_EACH).clamp(1, MOST_EACH) as usize
    });
    slots.sum()
}

/// Whether most transactions wait for the one before them, since the same account sends both: then one worker alone is fastest. Decided by a sample.
fn is_chain(transactions: &[SignedTransaction]) -> bool {
    let step = (transactions.len() / SAMPLE).max(1);
    let neighbours = transactions.windows(2).step_by(step);
    let (mut all, mut chained) = (0, 0);
    for pair in neighbours {
        if let [one, next] = pair {
            all += 1;
            chained += usize::from(one.sender == next.sender);
        }
    }
    all > 0 && 4 * chained >= 3 * all
}

fn summarise(execution: &mut BlockExecution, logs: Vec<Log>, workers: usize, block: Option<u64>) {
    let count = execution.transactions.len() as u64;
    let statistics = &mut execution.statistics;
    statistics.workers = workers;
    let mut conflicts = HashMap::new();
    let mut timeline = Timeline {
        block: block.unwrap_or_default(),
        transactions: u32::try_from(count).unwrap_or(u32::MAX),
        workers: workers as u16,
        spans: Vec::new(),
    };
    for log in logs {
        statistics.executions += log.counts.executions;
        statistics.validations += log.counts.validations;
        statistics.blocked += log.counts.blocked;
        statistics.sequential += log.counts.sequential;
        for (location, times) in log.conflicts {
            *conflicts.entry(location).or_default() += times;
        }
        timeline.spans.extend(log.spans.unwrap_or_default());
    }
    statistics.reexecutions = statistics.executions.saturating_sub(count);
    statistics.conflicts = conflicts.into_iter().collect();
    let order = |(location, times): &(_, u64)| (core::cmp::Reverse(*times), *location);
    statistics.conflicts.sort_unstable_by_key(order);
    execution.timeline = block.map(|_| timeline);
}
