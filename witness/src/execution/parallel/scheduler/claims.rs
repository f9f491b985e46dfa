//! How far workers go ahead, what is executed as one, and who claims it. A batch gets its length once, under the lock of claims.

use super::super::sync::{AtomicUsize, Ordering};
use super::super::tuning::SMALL_BATCH;
use super::{Grouping, Scheduler};

impl Scheduler {
    /// How many transactions are executed as one with the first of them.
    pub(in crate::execution::parallel) fn length(&self, first: usize) -> usize {
        let length = self.lengths.get(first);
        length.map_or(1, |length| length.load(Ordering::SeqCst) as usize)
    }

    /// Of claimed transactions those that are to be started: all, or the first of each batch.
    pub(in crate::execution::parallel) fn starts(
        &self,
        claim: core::ops::Range<usize>,
    ) -> impl Iterator<Item = usize> {
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
    pub(in crate::execution::parallel) fn begin_batch(&self, first: usize, size: usize) {
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

    /// Transactions of the next new batch.
    pub(in crate::execution::parallel) fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    /// Makes the next new batches larger, where guessing pays, or smaller.
    pub(in crate::execution::parallel) fn resize(&self, size: usize) {
        self.size.store(size.max(1), Ordering::Relaxed);
    }

    /// Lets workers go farther ahead where guessing pays, and no farther than they must where it does not: what they do there is done again.
    pub(in crate::execution::parallel) fn look_ahead(&self, pays: bool) {
        let now = self.lookahead.load(Ordering::Relaxed);
        let next = match pays {
            true => (2 * now).min(self.farthest),
            false => self.nearest,
        };
        self.lookahead.store(next, Ordering::Relaxed);
    }

    pub(super) fn claim(&self, from: &AtomicUsize, end: usize) -> Option<core::ops::Range<usize>> {
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
    pub(in crate::execution::parallel) fn give_back(&self, from: usize) {
        self.next_execution.fetch_min(from, Ordering::SeqCst);
    }
}
