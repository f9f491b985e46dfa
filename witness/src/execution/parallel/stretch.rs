//! Transactions executed one after the other, where guessing does not pay or nobody else is there: each on what the one before it left, without versions.

use super::attempt::{Attempt, End};
use super::commit::{Committer, Stop, fatal, impossible, refused};
use super::overlay::Overlay;
use super::run::Runner;
use super::shared::Shared;
use super::sync::yield_now;
use super::worker::Log;
use super::writers::{Reader, Writers};
use crate::execution::timeline::{Activity, Ending};

impl Committer {
    /// Executes and commits transactions from the first that is not committed to the end of the stretch. What they wrote last is then made known to those
    /// after them, some of which may have been executed before.
    pub(super) fn stretch(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
    ) -> Result<(), Stop> {
        let (first, count) = (shared.scheduler.head(), shared.transactions.len());
        let end = self.sequential_until.min(count);
        let is_alone = self.sequential_until == usize::MAX;
        // A transaction mostly writes two accounts.
        let accounts = 2 * end.saturating_sub(first);
        shared.scheduler.pause(true);
        runner.view().overlay = Some(Overlay::new(first, accounts));
        let done = (first..end).try_for_each(|place| self.execute_next(shared, runner, log, place));
        let overlay = runner.view().overlay.take();
        done?;
        if is_alone {
            self.whole = overlay;
        } else if let Some(overlay) = &overlay {
            announce(shared, overlay, end);
            shared.scheduler.pause(false);
        }
        Ok(())
    }

    /// Executes the first transaction that is not committed, and commits it.
    fn execute_next(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<(), Stop> {
        let Some(incarnation) = take(shared, place) else {
            return Ok(());
        };
        let start = log.start(place);
        log.counts.executions += 1;
        log.counts.sequential += 1;
        let attempt = runner.run(place, Reader::Final, true);
        let attempt = attempt.map_err(|interruption| impossible(interruption, place))?;
        let gas_used = self.check_gas(shared, place)?;
        let End::Ran { outcome, .. } = &attempt.end else {
            return Err(refused(place, &attempt.end));
        };
        self.gas_used = gas_used + outcome.receipt.gas_used;
        let committed = shared.commit_coinbase(place, outcome);
        committed.map_err(fatal)?;
        if let Some(overlay) = &mut runner.view().overlay {
            overlay.add(place, outcome, &shared.context.environment.coinbase);
        }
        keep(shared, place, attempt);
        log.end(start, incarnation, Activity::Sequential, Ending::Done);
        shared.scheduler.commit_executed(place);
        Ok(())
    }
}

/// Takes a transaction over as soon as nobody executes it; gives its incarnation. `None` if all work was stopped.
fn take(shared: &Shared<'_>, place: usize) -> Option<u32> {
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
fn keep(shared: &Shared<'_>, place: usize, attempt: Attempt) {
    let Some(mut slot) = shared.slot(place) else {
        return;
    };
    let mut read_above = false;
    if slot.attempt.is_some() {
        // What an earlier execution wrote is known already, and may be wrong.
        drop(slot);
        read_above = shared.publish(place, attempt);
    } else {
        let code_hashes = &shared.memory.code_hashes;
        for address in attempt.written_code_hashes() {
            read_above |= code_hashes.add(shared.memory.hash(address), place);
        }
        slot.attempt = Some(attempt);
    }
    if read_above {
        shared.scheduler.revalidate(place + 1);
    }
}

/// Says who wrote what: the last, whose values count, and the first, so that a key that was written twice shows.
fn announce(shared: &Shared<'_>, overlay: &Overlay, end: usize) {
    let memory = &shared.memory;
    let mut read_above = false;
    for (address, writers) in overlay.account_writers() {
        read_above |= add_both(&memory.accounts, memory.hash(address), writers);
    }
    for (key, writers) in overlay.slot_writers() {
        read_above |= add_both(&memory.storage, memory.hash(key), writers);
    }
    if read_above {
        shared.scheduler.revalidate(end);
    }
}

fn add_both(writers: &Writers, hash: u64, (first, last): (usize, usize)) -> bool {
    if first != last {
        writers.add(hash, first);
    }
    writers.add(hash, last)
}
