//! A worker: takes whatever there is to do until the block is done.

use std::collections::HashMap;
use std::time::Instant;

use super::attempt::{Attempt, End};
use super::commit::Committer;
use super::engine::Engine;
use super::scheduler::Task;
use super::shared::Shared;
use super::sync::{AtomicU32, Mutex, Ordering, sleep, spin_loop, yield_now};
use super::tuning::{MOST_DOUBLINGS, SLEEP, SPINS, YIELDS};
use super::view::Interruption;
use super::writers::Reader;
use crate::execution::statistics::{Location, Statistics};
use crate::execution::timeline::{Activity, Ending, Span};

/// What one worker has to tell.
#[derive(Debug)]
pub(super) struct Log {
    worker: u16,
    origin: Instant,
    pub(super) counts: Statistics,
    pub(super) conflicts: HashMap<Location, u64>,
    pub(super) spans: Option<Vec<Span>>,
    transaction: u32,
}

impl Log {
    pub(super) fn new(worker: u16, origin: Instant, timeline: bool) -> Self {
        Self {
            worker,
            origin,
            counts: Statistics::default(),
            conflicts: HashMap::new(),
            spans: timeline.then(Vec::new),
            transaction: 0,
        }
    }

    /// The time, if anybody wants to know.
    pub(super) fn start(&mut self, transaction: usize) -> u64 {
        self.transaction = transaction as u32;
        self.now()
    }

    fn now(&self) -> u64 {
        if self.spans.is_none() {
            return 0;
        }
        self.origin.elapsed().as_nanos() as u64
    }

    /// Notes what was done since `start`.
    pub(super) fn end(&mut self, start: u64, incarnation: u32, activity: Activity, ending: Ending) {
        let end = self.now();
        let (worker, transaction) = (self.worker, self.transaction);
        if let Some(spans) = &mut self.spans {
            spans.push(Span {
                worker,
                transaction,
                incarnation,
                activity,
                ending,
                start,
                end,
            });
        }
    }

    pub(super) fn conflict(&mut self, at: Location) {
        *self.conflicts.entry(at).or_default() += 1;
    }
}

/// Who sends, as far as it was seen: the highest transaction for each of some classes of senders. It only tells whom to wait for, so that it may be wrong.
#[derive(Debug)]
pub(super) struct Senders(Vec<AtomicU32>);

impl Senders {
    pub(super) fn new(transactions: usize) -> Self {
        let classes = (2 * transactions).next_power_of_two();
        Self((0..classes).map(|_| AtomicU32::new(0)).collect())
    }

    /// The transaction before this one by the same sender, if it was seen.
    fn previous(&self, shared: &Shared<'_>, transaction: usize) -> Option<usize> {
        let sender = &shared.transactions.get(transaction)?.sender;
        let class = shared.memory.hash(sender) as usize & (self.0.len() - 1);
        let latest = self
            .0
            .get(class)?
            .fetch_max(transaction as u32 + 1, Ordering::SeqCst);
        let previous = (latest as usize)
            .checked_sub(1)
            .filter(|latest| *latest < transaction)?;
        (shared.transactions.get(previous)?.sender == *sender).then_some(previous)
    }
}

/// What a worker works with.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) committer: &'a Mutex<Committer>,
    pub(super) senders: &'a Senders,
    pub(super) engine: Engine<'a>,
    pub(super) log: Log,
}

impl Worker<'_> {
    /// Executes the whole block.
    pub(super) fn work_alone(&mut self) {
        let mut committer = self.committer.lock();
        let committer = match &mut committer {
            Ok(committer) => &mut **committer,
            Err(poison) => &mut **poison.get_mut(),
        };
        let done = committer.alone(self.shared, &mut self.engine, &mut self.log);
        committer.stop = done.err();
    }

    /// Works until the block is done or stopped.
    pub(super) fn work(&mut self) {
        let scheduler = &self.shared.scheduler;
        let mut idle = 0;
        while !scheduler.is_finished() {
            if (scheduler.is_paused() || scheduler.head_is_executed())
                && let Ok(mut committer) = self.committer.try_lock()
            {
                committer.advance(self.shared, &mut self.engine, &mut self.log);
                idle = 0;
            }
            match scheduler.next() {
                Task::Execute(claim) => self.execute_all(claim),
                Task::Validate(claim) => self.validate_all(claim),
                Task::Wait => {
                    wait(idle);
                    idle += 1;
                    continue;
                }
            }
            idle = 0;
        }
    }

    fn execute_all(&mut self, claim: core::ops::Range<usize>) {
        let scheduler = &self.shared.scheduler;
        for transaction in scheduler.starts(claim) {
            if scheduler.is_paused() || scheduler.is_finished() {
                scheduler.give_back(transaction);
                break;
            }
            if let Some(incarnation) = scheduler.start(transaction) {
                self.execute(transaction, incarnation);
                self.look_again(transaction);
            }
        }
    }

    /// Looks whether something that a batch asked for was written while it was executed; then it is validated at once. So nobody has to look again who commits it.
    fn look_again(&mut self, place: usize) {
        let shared = self.shared;
        if !shared.scheduler.is_grouped() {
            return;
        }
        let has_met = {
            let mut slot = shared.slot(place);
            let attempt = slot.as_mut().and_then(|slot| slot.attempt.as_mut());
            let Some(End::Batch(left)) = attempt.map(|attempt| &mut attempt.end) else {
                return;
            };
            left.look_again(shared, place)
        };
        if has_met {
            self.validate(place);
        }
    }

    /// Executes a transaction that was started.
    fn execute(&mut self, transaction: usize, incarnation: u32) {
        let scheduler = &self.shared.scheduler;
        // Two transactions of one sender can never run side by side.
        if !scheduler.is_grouped() {
            let previous = self.senders.previous(self.shared, transaction);
            if previous.is_some_and(|previous| scheduler.block(transaction, previous)) {
                return;
            }
        }
        let length = scheduler.length(transaction);
        loop {
            let start = self.log.start(transaction);
            self.log.counts.executions += length as u64;
            let reader = Reader::Execution {
                head: scheduler.head(),
            };
            let (on, at) = match self.engine.run(transaction, reader, true) {
                Ok(attempt) => {
                    if self.shared.publish(transaction, attempt) {
                        // Before this one can be committed: then whoever commits those above knows of the wave.
                        scheduler.revalidate(transaction + length);
                    }
                    scheduler.executed(transaction);
                    let (activity, ending) = (Activity::Execute, Ending::Done);
                    self.log.end(start, incarnation, activity, ending);
                    return;
                }
                Err(Interruption::Blocked { on, at }) => (on, at),
                Err(Interruption::Overflow { at }) => {
                    self.postpone(start, transaction, incarnation, at);
                    return;
                }
                // Only this guess may have asked the store for what it cannot tell, or for so much memory.
                Err(Interruption::Fatal(_) | Interruption::Memory) => {
                    let sent = self.shared.transactions.get(transaction);
                    let sender = sent.map(|sent| sent.sender).unwrap_or_default();
                    self.postpone(start, transaction, incarnation, Location::Account(sender));
                    return;
                }
            };
            let (activity, ending) = (Activity::Execute, Ending::Blocked);
            self.log.end(start, incarnation, activity, ending);
            self.log.counts.blocked += 1;
            self.log.conflict(at);
            if scheduler.block(transaction, on) {
                return;
            }
        }
    }

    /// Leaves a transaction to the committer that cannot be executed now: whether it really cannot shows when everything before is final.
    fn postpone(&mut self, start: u64, transaction: usize, incarnation: u32, at: Location) {
        let scheduler = &self.shared.scheduler;
        if self.shared.publish(transaction, Attempt::unsettled(at)) {
            scheduler.revalidate(transaction + scheduler.length(transaction));
        }
        scheduler.executed(transaction);
        let (activity, ending) = (Activity::Execute, Ending::Done);
        self.log.end(start, incarnation, activity, ending);
    }

    fn validate_all(&mut self, claim: core::ops::Range<usize>) {
        let scheduler = &self.shared.scheduler;
        for transaction in scheduler.starts(claim) {
            if scheduler.is_finished() {
                break;
            }
            self.validate(transaction);
        }
    }

    /// Validates a transaction early; one that read what is not so is executed again at once.
    fn validate(&mut self, transaction: usize) {
        let (shared, scheduler) = (self.shared, &self.shared.scheduler);
        let Some(incarnation) = scheduler.incarnation(transaction) else {
            return;
        };
        let start = self.log.start(transaction);
        let stale = match shared.slot(transaction).as_ref().map(|slot| &slot.attempt) {
            Some(Some(attempt)) if attempt.is_whole() => attempt.stale(shared, transaction),
            // One that is refused, mostly since its nonce is not the next yet, would be refused again: that must wait for the commit.
            _ => return,
        };
        self.log.counts.validations += 1;
        // A store that cannot be read shows again when the transaction is committed.
        let stale = stale.unwrap_or_default();
        // What it read may have come back meanwhile, and the transaction be committed: then there was no conflict.
        let taken_back =
            stale.and_then(|at| Some((at, scheduler.abort(transaction, incarnation)?)));
        let ending = match taken_back {
            Some(_) => Ending::Conflict,
            None => Ending::Done,
        };
        self.log.end(start, incarnation, Activity::Validate, ending);
        let Some((location, incarnation)) = taken_back else {
            return;
        };
        self.log.conflict(location);
        shared.estimate(transaction);
        self.execute(transaction, incarnation);
    }
}

fn wait(idle: u32) {
    if idle < SPINS {
        spin_loop();
    } else if idle < YIELDS {
        yield_now();
    } else {
        // Whoever waits long waits for a long stretch: waking up takes time of a core.
        let doublings = (idle - YIELDS).min(MOST_DOUBLINGS);
        sleep(SLEEP * (1 << doublings));
    }
}
