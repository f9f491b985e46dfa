//! Where each transaction stands, and who may take it from there to where.

use super::super::sync::{MutexGuard, Ordering};
use super::Scheduler;

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::execution::parallel) enum Phase {
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

/// See the module.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) phase: Phase,
    /// How often an execution was taken back.
    pub(super) incarnation: u32,
    /// Who waits for it.
    pub(super) waiting: Vec<usize>,
}

impl Scheduler {
    pub(super) fn standing(&self, transaction: usize) -> Option<MutexGuard<'_, Standing>> {
        let standing = self.standings.get(transaction)?;
        // Nothing that can panic runs under this lock.
        Some(standing.lock().unwrap_or_else(|poison| poison.into_inner()))
    }

    /// Where a transaction stands; past the end everything is committed.
    pub(in crate::execution::parallel) fn phase(&self, transaction: usize) -> Phase {
        self.standing(transaction)
            .map_or(Phase::Committed, |standing| standing.phase)
    }

    /// Starts a transaction that is ready; gives its incarnation. The caller must execute it and call [`Self::executed`] or [`Self::block`].
    pub(in crate::execution::parallel) fn start(&self, transaction: usize) -> Option<u32> {
        let mut standing = self.standing(transaction)?;
        if standing.phase != Phase::Ready {
            return None;
        }
        standing.phase = Phase::Executing;
        Some(standing.incarnation)
    }

    /// The caller executes a transaction and needs what a lower one is about to write: whether it is to wait. If not, the lower one is there by now.
    pub(in crate::execution::parallel) fn block(&self, transaction: usize, on: usize) -> bool {
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
    pub(in crate::execution::parallel) fn executed(&self, transaction: usize) {
        let Some(mut standing) = self.standing(transaction) else {
            return;
        };
        standing.phase = Phase::Executed;
        let waiting = core::mem::take(&mut standing.waiting);
        drop(standing);
        self.release(waiting);
    }

    pub(super) fn release(&self, waiting: Vec<usize>) {
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
    pub(in crate::execution::parallel) fn incarnation(&self, transaction: usize) -> Option<u32> {
        let standing = self.standing(transaction)?;
        (standing.phase == Phase::Executed).then_some(standing.incarnation)
    }

    /// Takes an execution back that turned out to have read what is not so: gives the incarnation that the caller must execute now, or nothing if
    /// somebody else was faster.
    pub(in crate::execution::parallel) fn abort(
        &self,
        transaction: usize,
        incarnation: u32,
    ) -> Option<u32> {
        let mut standing = self.standing(transaction)?;
        if standing.phase != Phase::Executed || standing.incarnation != incarnation {
            return None;
        }
        standing.phase = Phase::Executing;
        standing.incarnation += 1;
        Some(standing.incarnation)
    }

    /// Keeps an execution from being taken back: the caller is about to commit it, and all before it are committed. Not if it was taken back already.
    pub(in crate::execution::parallel) fn freeze(
        &self,
        transaction: usize,
        incarnation: u32,
    ) -> bool {
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
    pub(in crate::execution::parallel) fn reopen(&self, transaction: usize) -> u32 {
        self.standing(transaction).map_or(0, |mut standing| {
            standing.phase = Phase::Executing;
            standing.incarnation += 1;
            standing.incarnation
        })
    }
}
