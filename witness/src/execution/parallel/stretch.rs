//! Transactions executed one after the other, where guessing does not pay or nobody else is there: each on what the one before it left, without versions.

use super::attempt::{Attempt, End, Written};
use super::commit::{Committer, Stop, fatal, impossible, refused};
use super::engine::Engine;
use super::overlay::Overlay;
use super::run::Runner;
use super::shared::Shared;
use super::sync::yield_now;
use super::tuning::{LONGEST_CATCH_UP, STRETCH_BATCH};
use super::worker::Log;
use super::writers::{Reader, Writers};
use crate::execution::timeline::{Activity, Ending};

impl Committer {
    /// Executes a whole block, with nobody else there.
    pub(super) fn alone(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
    ) -> Result<(), Stop> {
        let count = shared.transactions.len();
        let Engine::Single(runner) = engine else {
            while shared.scheduler.head() < count && !shared.scheduler.is_finished() {
                self.next_batch(shared, engine, log)?;
            }
            return Ok(());
        };
        self.outcomes.reserve_exact(count);
        let mut overlay = Overlay::new(0);
        overlay.begin(None, count);
        runner.view().overlay = Some(overlay);
        for place in 0..count {
            let start = log.start(place);
            let (attempt, _) = self.execute_next(shared, runner, log, place)?;
            let outcome = match attempt.end {
                End::Ran { outcome, .. } => outcome,
                end => return Err(refused(place, &end)),
            };
            log.end(start, 0, Activity::Sequential, Ending::Done);
            self.outcomes.push(outcome);
        }
        self.overlay = runner.view().overlay.take();
        Ok(())
    }

    /// Executes and commits transactions from the first that is not committed to the end of the stretch. What they wrote last is then made known to those
    /// after them, some of which may have been executed before.
    pub(super) fn stretch(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
    ) -> Result<(), Stop> {
        let (first, count) = (shared.scheduler.head(), shared.transactions.len());
        let mut end = self.sequential_until.min(count);
        shared.scheduler.pause(true);
        let Engine::Single(runner) = engine else {
            while shared.scheduler.head() < end && !shared.scheduler.is_finished() {
                self.next_batch(shared, engine, log)?;
            }
            shared.scheduler.pause(false);
            return Ok(());
        };
        self.catch_up(shared, first);
        let overlay = self.overlay.take();
        let mut overlay = overlay.unwrap_or_else(|| Overlay::new(first));
        overlay.begin(Some(first), end.saturating_sub(first));
        runner.view().overlay = Some(overlay);
        self.window = (0, 0);
        let mut place = first;
        let mut done = Ok(true);
        while place < end && done.is_ok() {
            done = self.step(shared, runner, log, place);
            place += 1;
            if done == Ok(false) {
                end = place;
            }
        }
        self.window = (0, 0);
        self.sequential_until = end;
        self.overlay = runner.view().overlay.take();
        self.covered = end;
        done?;
        match &self.overlay {
            // Nobody is left who could read it.
            Some(overlay) if end == count && overlay.first() == 0 => {}
            Some(overlay) => announce(shared, overlay, end),
            None => {}
        }
        shared.scheduler.pause(false);
        Ok(())
    }

    /// Executes and commits the batch that begins at the first transaction that is not committed.
    fn next_batch(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
    ) -> Result<(), Stop> {
        let place = shared.scheduler.head();
        shared.scheduler.begin_batch(place, STRETCH_BATCH);
        if let Some(incarnation) = take(shared, place) {
            self.execute_final(shared, engine, log, place, incarnation, false)?;
        }
        Ok(())
    }

    /// Makes the overlay of the last stretch, or an empty one at the beginning of the block, one of all transactions up to this one; or drops it if
    /// that takes long.
    fn catch_up(&mut self, shared: &Shared<'_>, end: usize) {
        if end - self.covered > LONGEST_CATCH_UP {
            self.overlay = None;
            return;
        }
        let first = self.covered;
        let overlay = self.overlay.get_or_insert_with(|| Overlay::new(first));
        for place in first..end {
            let slot = shared.slot(place);
            let attempt = slot.as_ref().and_then(|slot| slot.attempt.as_ref());
            if let Some(End::Ran { outcome, .. }) = attempt.map(|attempt| &attempt.end)
                && let Some(access) = &outcome.access
            {
                overlay.add(place, access, &shared.context.environment.coinbase);
            }
        }
        self.covered = end;
    }

    /// What the whole block left, if that is known already.
    pub(super) fn whole(&mut self, shared: &Shared<'_>) -> Option<Overlay> {
        // Without any stretch nothing is known.
        self.overlay.as_ref()?;
        if self.outcomes.is_empty() {
            self.catch_up(shared, shared.transactions.len());
        }
        self.overlay.take().filter(|overlay| overlay.first() == 0)
    }

    /// Executes and commits the first transaction that is not committed; gives whether it pays to go on.
    fn step(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<bool, Stop> {
        let Some(incarnation) = take(shared, place) else {
            return Ok(true);
        };
        let start = log.start(place);
        let (attempt, conflicts) = self.execute_next(shared, runner, log, place)?;
        keep(shared, place, attempt);
        log.end(start, incarnation, Activity::Sequential, Ending::Done);
        shared.scheduler.commit_executed(place);
        Ok(self.goes_on(conflicts))
    }

    /// Executes a transaction on what all before it left, which is final. Gives also whether it changed what one before it had changed.
    fn execute_next(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<(Attempt, bool), Stop> {
        log.counts.executions += 1;
        log.counts.sequential += 1;
        let attempt = runner.run(place, Reader::Final, true);
        let attempt = attempt.map_err(|interruption| impossible(interruption, place))?;
        let gas_used = self.check_gas(shared, place)?;
        let End::Ran { outcome, .. } = &attempt.end else {
            return Err(refused(place, &attempt.end));
        };
        self.note(place, gas_used, outcome)?;
        let access = outcome.access().map_err(Stop::Fatal)?;
        let committed = shared.commit_coinbase(place, access);
        committed.map_err(fatal)?;
        let coinbase = &shared.context.environment.coinbase;
        let conflicts = match &mut runner.view().overlay {
            Some(overlay) => overlay.add(place, access, coinbase),
            None => false,
        };
        Ok((attempt, conflicts))
    }
}

/// Takes a transaction over as soon as nobody executes it; gives its incarnation. `None` if all work was stopped.
pub(super) fn take(shared: &Shared<'_>, place: usize) -> Option<u32> {
    let scheduler = &shared.scheduler;
    loop {
        if scheduler.is_finished() {
            return None;
        }
        if let Some(incarnation) = scheduler.start(place) {
            return Some(incarnation);
        }
        let executed = scheduler.incarnation(place);
        match executed.and_then(|incarnation| scheduler.abort(place, incarnation)) {
            Some(incarnation) => return Some(incarnation),
            // Somebody is about to end, or to be released by a transaction that was just committed.
            None => yield_now(),
        }
    }
}

/// Keeps an execution whose writes are known by the overlay until the stretch is over.
pub(super) fn keep(shared: &Shared<'_>, place: usize, attempt: Attempt) {
    let Some(mut slot) = shared.slot(place) else {
        return;
    };
    let mut read_above = false;
    if slot.attempt.is_some() {
        // What an earlier execution wrote is known already, and may be wrong.
        drop(slot);
        read_above = shared.publish(place, attempt);
    } else {
        let memory = &shared.memory;
        attempt.each_write(memory, |hash, written| {
            if let Written::CodeHash(_) = written {
                read_above |= memory.code_hashes.add(hash, place);
            }
        });
        slot.attempt = Some(attempt);
    }
    if read_above {
        shared.scheduler.revalidate(place + 1);
    }
}

/// Says what the stretch wrote: the last writers, whose values count, and the first, so that a key that was written twice shows.
fn announce(shared: &Shared<'_>, overlay: &Overlay, end: usize) {
    let memory = &shared.memory;
    let mut read_above = false;
    for (address, writers) in overlay.account_writers() {
        read_above |= add(&memory.accounts, memory.hash(address), writers);
    }
    for (key, writers) in overlay.slot_writers() {
        read_above |= add(&memory.storage, memory.hash(key), writers);
    }
    if read_above {
        shared.scheduler.revalidate(end);
    }
}

fn add(writers: &Writers, hash: u64, (first, last): (usize, usize)) -> bool {
    if first != last {
        writers.add(hash, first);
    }
    writers.add(hash, last)
}
