//! Who executes, validates and commits which transaction next (Block-STM: Gelashvili et al. 2022, with ordered commit).
//!
//! Each transaction is in one [`Phase`]. Workers claim runs of consecutive transactions to execute, in order; a transaction that was executed waits until
//! all before it are committed, is then validated against values that cannot change any more, and is committed itself. This last validation
//! alone makes the result right. Everything else saves time: when a value changes that a later transaction has read already, a *wave* of validations finds
//! out early who must run again, and transactions that meet a value that is about to be written again wait for its writer.
//!
//! Where nobody asks for accesses, transactions are executed in batches ([`Grouping::Batches`]): a batch takes the place of a transaction in all of this, under the number of its first
//! one. How large it is is decided when it is claimed for the first time, and stays so.
//!
//! No worker ever waits for one that has not begun: the lowest transaction that is not committed is being executed by somebody, or claimed by
//! somebody who will come to it, or free to be claimed, or ready to be committed by anyone. So blocks end whatever the number of threads that really run.

mod claims;
mod phases;

use crossbeam_utils::CachePadded;

use super::sync::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Mutex, Ordering};
use super::tuning::{BATCHES_AHEAD, LOOKAHEAD};
pub(super) use phases::Phase;
use phases::Standing;

/// What is executed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Each transaction; a worker claims at most so many at once.
    Single {
        /// At least one.
        claim: usize,
    },
    /// Batches, one for each claim, of so many transactions at first.
    Batches {
        /// At least one.
        size: usize,
    },
}

/// What a worker may do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Execute those of these transactions that [`Scheduler::start`] gives out.
    Execute(core::ops::Range<usize>),
    /// Validate those of these transactions that are executed.
    Validate(core::ops::Range<usize>),
    /// Nothing at the moment.
    Wait,
}

/// See the module. What is written with every transaction has a cache line of its own, so that workers that read the rest are not held up.
#[derive(Debug)]
pub(super) struct Scheduler {
    standings: Vec<Mutex<Standing>>,
    grouping: Grouping,
    workers: usize,
    /// Of each batch, at the place of its first transaction, how many there are; zero elsewhere. They change under `claims` alone.
    lengths: Vec<AtomicU32>,
    claims: Mutex<()>,
    /// Transactions of the next new batch.
    size: AtomicUsize,
    /// How far from the first that is not committed transactions, or batches, may be claimed: at least, at most and now.
    nearest: usize,
    farthest: usize,
    lookahead: AtomicUsize,
    /// Transactions below are committed.
    head: CachePadded<AtomicUsize>,
    /// From here on transactions may be claimed.
    next_execution: CachePadded<AtomicUsize>,
    /// Transactions from here on were never claimed.
    frontier: CachePadded<AtomicUsize>,
    /// From here on transactions below the frontier are to be validated.
    next_validation: AtomicUsize,
    /// Waves of validations that began.
    waves: CachePadded<AtomicU64>,
    /// How often a transaction had to wait for another.
    blocked: CachePadded<AtomicUsize>,
    paused: AtomicBool,
    finished: AtomicBool,
}

impl Scheduler {
    /// For this many transactions, none of which is executed, and workers.
    pub(super) fn new(count: usize, workers: usize, grouping: Grouping) -> Self {
        let (nearest, farthest, size, batches) = match grouping {
            Grouping::Single { claim } => (2 * workers * claim, LOOKAHEAD, 1, 0),
            Grouping::Batches { size } => (2 * workers, BATCHES_AHEAD, size, count),
        };
        let nearest = nearest.clamp(1, farthest);
        let standing = || Standing {
            phase: Phase::Ready,
            incarnation: 0,
            waiting: Vec::new(),
        };
        Self {
            standings: (0..count).map(|_| Mutex::new(standing())).collect(),
            grouping,
            workers,
            lengths: (0..batches).map(|_| AtomicU32::new(0)).collect(),
            claims: Mutex::new(()),
            size: AtomicUsize::new(size.max(1)),
            nearest,
            farthest,
            lookahead: AtomicUsize::new(nearest),
            head: CachePadded::new(AtomicUsize::new(0)),
            next_execution: CachePadded::new(AtomicUsize::new(0)),
            frontier: CachePadded::new(AtomicUsize::new(0)),
            next_validation: AtomicUsize::new(usize::MAX),
            waves: CachePadded::new(AtomicU64::new(0)),
            blocked: CachePadded::new(AtomicUsize::new(0)),
            paused: AtomicBool::new(false),
            finished: AtomicBool::new(count == 0),
        }
    }

    /// Whether transactions are executed in batches.
    pub(super) fn is_grouped(&self) -> bool {
        matches!(self.grouping, Grouping::Batches { .. })
    }

    /// The first transaction that is not committed.
    pub(super) fn head(&self) -> usize {
        self.head.load(Ordering::SeqCst)
    }

    /// Whether the first transaction that is not committed was executed.
    pub(super) fn head_is_executed(&self) -> bool {
        self.phase(self.head()) == Phase::Executed
    }

    /// Whether all is committed, or the work was stopped.
    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::SeqCst)
    }

    /// Lets all workers end as soon as they can.
    pub(super) fn stop(&self) {
        self.finished.store(true, Ordering::SeqCst);
    }

    /// Whether nothing is given out at the moment.
    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// While paused nothing is given out: somebody executes one transaction after the other.
    pub(super) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
    }

    /// What to do next. Claimed transactions that are not started must be given back.
    pub(super) fn next(&self) -> Task {
        if self.is_paused() {
            return Task::Wait;
        }
        let frontier = self.frontier.load(Ordering::SeqCst);
        if let Some(claim) = self.claim(&self.next_validation, frontier) {
            return Task::Validate(claim);
        }
        let lookahead = self.lookahead.load(Ordering::Relaxed);
        let ahead = lookahead * self.size();
        let near = self.head().saturating_add(ahead);
        match self.claim(&self.next_execution, near.min(self.standings.len())) {
            Some(claim) => Task::Execute(claim),
            None => Task::Wait,
        }
    }

    /// Somebody may have read what has changed now: executed transactions from this one on are to be validated.
    pub(super) fn revalidate(&self, from: usize) {
        self.waves.fetch_add(1, Ordering::SeqCst);
        self.next_validation.fetch_min(from, Ordering::SeqCst);
    }

    /// How often a transaction had to wait for another so far.
    pub(super) fn blocked(&self) -> usize {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Waves of validations that began so far.
    pub(super) fn waves(&self) -> u64 {
        self.waves.load(Ordering::SeqCst)
    }

    /// The caller has executed the first transaction that is not committed, on values that cannot change any more: it is committed, and whoever waits for it may run.
    pub(super) fn commit_executed(&self, transaction: usize) {
        let waiting = self.standing(transaction).map(|mut standing| {
            standing.phase = Phase::Committed;
            core::mem::take(&mut standing.waiting)
        });
        self.release(waiting.unwrap_or_default());
        self.commit(transaction);
    }

    /// Everything about a frozen transaction is done: the next one is the first that is not committed.
    pub(super) fn commit(&self, transaction: usize) {
        let next = transaction + self.length(transaction);
        self.head.store(next, Ordering::SeqCst);
        if next >= self.standings.len() {
            self.stop();
        }
    }
}
