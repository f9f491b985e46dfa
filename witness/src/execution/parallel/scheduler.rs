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

use crossbeam_utils::CachePadded;

use super::sync::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering};
use super::tuning::{BATCHES_AHEAD, LOOKAHEAD, SMALL_BATCH};

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

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It may be executed.
    Ready,
    /// Somebody executes it.
    Executing,
    /// It waits for another transaction to be executed again.
    Blocked,
    /// It was executed; its writes can be read.
    Executed,
    /// Its values are final.
    Committed,
}

#[derive(Debug)]
struct Standing {
    phase: Phase,
    /// How often an execution was taken back.
    incarnation: u32,
    /// Who waits for it.
    waiting: Vec<usize>,
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

    fn standing(&self, transaction: usize) -> Option<MutexGuard<'_, Standing>> {
        let standing = self.standings.get(transaction)?;
        // Nothing that can panic runs under this lock.
        Some(standing.lock().unwrap_or_else(|poison| poison.into_inner()))
    }

    /// Whether transactions are executed in batches.
    pub(super) fn is_grouped(&self) -> bool {
        matches!(self.grouping, Grouping::Batches { .. })
    }

    /// How many transactions are executed as one with the first of them.
    pub(super) fn length(&self, first: usize) -> usize {
        let length = self.lengths.get(first);
        length.map_or(1, |length| length.load(Ordering::SeqCst) as usize)
    }

    /// Of claimed transactions those that are to be started: all, or the first of each batch.
    pub(super) fn starts(&self, claim: core::ops::Range<usize>) -> impl Iterator<Item = usize> {
        let step = self.length(claim.start).max(1);
        claim.step_by(step)
    }

    /// Transactions of the next new batch that begins here, if nothing else is known of it.
    fn fair(&self, first: usize) -> usize {
        let left = self.standings.len() - first;
        // Towards the end of a block nobody should wait long for the last batch of another.
        let share = left.div_ceil(2 * self.workers).max(SMALL_BATCH);
        self.size().min(share).min(left)
    }

    /// The caller is about to execute what begins at the first transaction that is not committed: nobody else can begin a batch there any more. If nobody did, it is one of so many transactions.
    pub(super) fn begin_batch(&self, first: usize, size: usize) {
        let _claims = self.claims.lock();
        if let Some(length) = self.lengths.get(first)
            && length.load(Ordering::SeqCst) == 0
        {
            let last = self.standings.len().min(first + size.max(1));
            length.store((last - first) as u32, Ordering::SeqCst);
            self.next_execution.fetch_max(last, Ordering::SeqCst);
            self.frontier.fetch_max(last, Ordering::SeqCst);
        }
    }

    /// The first transaction that is not committed.
    pub(super) fn head(&self) -> usize {
        self.head.load(Ordering::SeqCst)
    }

    /// Where a transaction stands; past the end everything is committed.
    pub(super) fn phase(&self, transaction: usize) -> Phase {
        self.standing(transaction)
            .map_or(Phase::Committed, |standing| standing.phase)
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

    /// Transactions of the next new batch.
    pub(super) fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    /// Makes the next new batches larger, where guessing pays, or smaller.
    pub(super) fn resize(&self, size: usize) {
        self.size.store(size.max(1), Ordering::Relaxed);
    }

    /// Lets workers go farther ahead where guessing pays, and no farther than they must where it does not: what they do there is done again.
    pub(super) fn look_ahead(&self, pays: bool) {
        let now = self.lookahead.load(Ordering::Relaxed);
        let next = match pays {
            true => (2 * now).min(self.farthest),
            false => self.nearest,
        };
        self.lookahead.store(next, Ordering::Relaxed);
    }

    fn claim(&self, from: &AtomicUsize, end: usize) -> Option<core::ops::Range<usize>> {
        // Batches are begun by one worker at a time.
        let _claims = self.is_grouped().then(|| self.claims.lock());
        let mut seen = from.load(Ordering::SeqCst);
        loop {
            let first = seen.max(self.head());
            if first >= end {
                return None;
            }
            let last = match self.grouping {
                Grouping::Single { claim } => end.min(first + claim.max(1)),
                Grouping::Batches { .. } => self.last(first),
            };
            match from.compare_exchange(seen, last, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => {
                    self.frontier.fetch_max(last, Ordering::SeqCst);
                    return Some(first..last);
                }
                Err(now) => seen = now,
            }
        }
    }

    /// Where the batch ends that begins here. The caller has the lock of claims.
    fn last(&self, first: usize) -> usize {
        if let Some(length) = self.lengths.get(first)
            && length.load(Ordering::SeqCst) == 0
        {
            length.store(self.fair(first) as u32, Ordering::SeqCst);
        }
        self.standings.len().min(first + self.length(first))
    }

    /// Lets others claim transactions from this one on.
    pub(super) fn give_back(&self, from: usize) {
        self.next_execution.fetch_min(from, Ordering::SeqCst);
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

    /// Starts a transaction that is ready; gives its incarnation. The caller must execute it and call [`Self::executed`] or [`Self::block`].
    pub(super) fn start(&self, transaction: usize) -> Option<u32> {
        let mut standing = self.standing(transaction)?;
        if standing.phase != Phase::Ready {
            return None;
        }
        standing.phase = Phase::Executing;
        Some(standing.incarnation)
    }

    /// The caller executes a transaction and needs what a lower one is about to write: whether it is to wait. If not, the lower one is there by now.
    pub(super) fn block(&self, transaction: usize, on: usize) -> bool {
        // Always the lower one's lock first, so that no two can wait for each other.
        let Some(mut blocker) = self.standing(on).filter(|_| on < transaction) else {
            return false;
        };
        let is_there = matches!(blocker.phase, Phase::Executed | Phase::Committed);
        if is_there {
            return false;
        }
        if let Some(mut standing) = self.standing(transaction) {
            standing.phase = Phase::Blocked;
            blocker.waiting.push(transaction);
        }
        self.blocked.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// The caller has executed a transaction and its writes can be read. Whoever waits for it may run again.
    pub(super) fn executed(&self, transaction: usize) {
        let Some(mut standing) = self.standing(transaction) else {
            return;
        };
        standing.phase = Phase::Executed;
        let waiting = core::mem::take(&mut standing.waiting);
        drop(standing);
        self.release(waiting);
    }

    fn release(&self, waiting: Vec<usize>) {
        let Some(first) = waiting.iter().min().copied() else {
            return;
        };
        for waiting in waiting {
            if let Some(mut standing) = self.standing(waiting) {
                standing.phase = Phase::Ready;
            }
        }
        self.give_back(first);
    }

    /// The incarnation of a transaction that is executed and not committed.
    pub(super) fn incarnation(&self, transaction: usize) -> Option<u32> {
        let standing = self.standing(transaction)?;
        (standing.phase == Phase::Executed).then_some(standing.incarnation)
    }

    /// Takes an execution back that turned out to have read what is not so: gives the incarnation that the caller must execute now, or nothing if
    /// somebody else was faster.
    pub(super) fn abort(&self, transaction: usize, incarnation: u32) -> Option<u32> {
        let mut standing = self.standing(transaction)?;
        if standing.phase != Phase::Executed || standing.incarnation != incarnation {
            return None;
        }
        standing.phase = Phase::Executing;
        standing.incarnation += 1;
        Some(standing.incarnation)
    }

    /// Keeps an execution from being taken back: the caller is about to commit it, and all before it are committed. Not if it was taken back already.
    pub(super) fn freeze(&self, transaction: usize, incarnation: u32) -> bool {
        let Some(mut standing) = self.standing(transaction) else {
            return false;
        };
        if standing.phase != Phase::Executed || standing.incarnation != incarnation {
            return false;
        }
        standing.phase = Phase::Committed;
        true
    }

    /// Takes [`Self::freeze`] back, by the same caller, who must execute the incarnation that is given.
    pub(super) fn reopen(&self, transaction: usize) -> u32 {
        self.standing(transaction).map_or(0, |mut standing| {
            standing.phase = Phase::Executing;
            standing.incarnation += 1;
            standing.incarnation
        })
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
