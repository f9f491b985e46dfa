//! The workers of a block together: each works until the block is done, and whatever breaks one off stops all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::Instant;

use crossbeam_utils::CachePadded;

use super::attempt::Outcome;
use super::commit::{Committer, Stop};
use super::engine::Engine;
use super::overlay::Overlay;
use super::shared::Shared;
use super::sync::{Mutex, MutexGuard};
use super::worker::{Log, Senders, Worker};
use crate::error::Error;

/// See the module.
pub(super) struct Crew<'a> {
    shared: &'a Shared<'a>,
    is_alone: bool,
    senders: Senders,
    committer: CachePadded<Mutex<Committer>>,
    logs: Mutex<Vec<Log>>,
    failure: Mutex<Option<Error>>,
    origin: Instant,
    timeline: bool,
}

impl<'a> Crew<'a> {
    /// For this many workers; one alone executes one transaction after the other.
    pub(super) fn new(shared: &'a Shared<'a>, workers: usize, timeline: bool) -> Self {
        let is_alone = workers == 1;
        let senders = match is_alone || shared.scheduler.is_grouped() {
            true => 0,
            false => shared.transactions.len(),
        };
        Self {
            shared,
            is_alone,
            senders: Senders::new(senders),
            committer: CachePadded::new(Mutex::new(Committer::new())),
            logs: Mutex::new(Vec::with_capacity(workers)),
            failure: Mutex::new(None),
            origin: Instant::now(),
            timeline,
        }
    }

    /// What the worker with this index does, on whatever thread it is.
    pub(super) fn work(&self, index: usize) {
        let outcome = broken_off(|| {
            let mut worker = Worker {
                shared: self.shared,
                committer: &self.committer,
                senders: &self.senders,
                engine: Engine::new(self.shared),
                log: Log::new(index as u16, self.origin, self.timeline),
            };
            match self.is_alone {
                true => worker.work_alone(),
                false => worker.work(),
            }
            lock(&self.logs).push(worker.log);
            Ok(())
        });
        if let Err(error) = outcome {
            self.shared.scheduler.stop();
            lock(&self.failure).get_or_insert(error);
        }
    }

    /// When all workers are done.
    pub(super) fn finish(self) -> Result<Done, Stop> {
        if let Some(error) = lock(&self.failure).take() {
            return Err(Stop::Fatal(error));
        }
        let committer = CachePadded::into_inner(self.committer).into_inner();
        let mut committer = committer.unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = committer.stop {
            return Err(stop);
        }
        let whole = committer.whole(self.shared);
        let is_slotted = !self.is_alone || self.shared.scheduler.is_grouped();
        let outcomes = (!is_slotted).then_some(committer.outcomes);
        let logs = self.logs.into_inner();
        Ok(Done {
            gas_used: committer.gas_used,
            transfers: committer.transfers,
            logs: logs.unwrap_or_else(PoisonError::into_inner),
            whole,
            outcomes,
        })
    }
}

/// What the workers have to say of a block that is done.
pub(super) struct Done {
    /// Gas that it used.
    pub(super) gas_used: u64,
    /// Plain transfers in it.
    pub(super) transfers: u64,
    pub(super) logs: Vec<Log>,
    /// What it left, if that is known already.
    pub(super) whole: Option<Overlay>,
    /// What its transactions did, if they are not in their slots.
    pub(super) outcomes: Option<Vec<Outcome>>,
}

/// Does something; a panic in it is an error.
pub(super) fn broken_off<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|payload| Err(Error::Panicked(message(payload.as_ref()))))
}

fn message(payload: &(dyn core::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
