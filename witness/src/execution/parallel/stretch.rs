//! Transactions executed one after the other, where guessing does not pay or nobody else is there: each on what the one before it left, without versions.

use alloy_primitives::Address;
use alloy_primitives::map::HashMap;

use super::attempt::{Attempt, End};
use super::commit::{Committer, Stop, fatal, impossible, refused};
use super::keys::{Key, KeyHasher, Keyed, SlotKey};
use super::ledger::{Kept, Ledger};
use super::memory::Memory;
use super::run::Runner;
use super::shared::Shared;
use super::sync::yield_now;
use super::tuning::LONGEST_CATCH_UP;
use super::worker::Log;
use super::writers::Writers;
use crate::execution::outcome::TransactionOutcome;
use crate::execution::timeline::{Activity, Ending};

impl Committer {
    /// Executes a whole block, with nobody else there.
    pub(super) fn alone(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
    ) -> Result<(), Stop> {
        let count = shared.transactions.len();
        self.outcomes.reserve_exact(count);
        let ledger = runner.ledger();
        ledger.reserve(count);
        for place in 0..count {
            let start = log.start(place);
            let outcome = match self.execute_next(shared, ledger, log, place)?.end {
                End::Ran { outcome, .. } => outcome,
                end => return Err(refused(place, &end)),
            };
            log.end(start, 0, Activity::Sequential, Ending::Done);
            self.outcomes.push(outcome);
        }
        self.kept = Some(ledger.leave());
        Ok(())
    }

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
        shared.scheduler.pause(true);
        let ledger = runner.ledger();
        ledger.resume(self.kept.take().unwrap_or_default());
        self.catch_up(shared, ledger, first)?;
        ledger.reserve(end.saturating_sub(first));
        // If it ends the block and the ledger knows the whole block, nobody is left who could ask.
        let is_last = end == count && ledger.first() == 0;
        let mut written = (!is_last).then(Written::default);
        for place in first..end {
            self.step(shared, ledger, log, place, written.as_mut())?;
        }
        self.kept = Some(ledger.leave());
        self.covered = end;
        if let Some(written) = written
            && written.announce(&shared.memory)
        {
            shared.scheduler.revalidate(end);
        }
        shared.scheduler.pause(false);
        Ok(())
    }

    /// Makes what the last stretch left, or nothing at the beginning of the block, what all transactions up to this one left; or begins anew if
    /// that takes long.
    fn catch_up(
        &mut self,
        shared: &Shared<'_>,
        ledger: &mut Ledger<'_>,
        end: usize,
    ) -> Result<(), Stop> {
        if end - self.covered > LONGEST_CATCH_UP {
            ledger.resume(Kept::new(end));
        } else {
            for place in self.covered..end {
                let slot = shared.slot(place);
                let attempt = slot.as_ref().and_then(|slot| slot.attempt.as_ref());
                if let Some(End::Ran { outcome, .. }) = attempt.map(|attempt| &attempt.end) {
                    let added = ledger.add(outcome);
                    added.map_err(|interruption| impossible(interruption, place))?;
                }
            }
        }
        self.covered = end;
        Ok(())
    }

    /// What the whole block left, if that is known already.
    pub(super) fn whole(&mut self, shared: &Shared<'_>) -> Result<Option<Kept>, Stop> {
        // Without any stretch nothing is known.
        let Some(kept) = self.kept.take().filter(|kept| kept.first == 0) else {
            return Ok(None);
        };
        let count = shared.transactions.len();
        if !self.outcomes.is_empty() || self.covered == count {
            return Ok(Some(kept));
        }
        let mut ledger = Ledger::new(shared);
        ledger.resume(kept);
        self.catch_up(shared, &mut ledger, count)?;
        Ok(Some(ledger.leave()).filter(|kept| kept.first == 0))
    }

    /// Executes and commits the first transaction that is not committed.
    fn step(
        &mut self,
        shared: &Shared<'_>,
        ledger: &mut Ledger<'_>,
        log: &mut Log,
        place: usize,
        written: Option<&mut Written>,
    ) -> Result<(), Stop> {
        let Some(incarnation) = take(shared, place) else {
            return Ok(());
        };
        let start = log.start(place);
        let attempt = self.execute_next(shared, ledger, log, place)?;
        if let (Some(written), End::Ran { outcome, .. }) = (written, &attempt.end) {
            written.add(place, outcome, &shared.context.environment.coinbase);
        }
        keep(shared, place, attempt);
        log.end(start, incarnation, Activity::Sequential, Ending::Done);
        shared.scheduler.commit_executed(place);
        Ok(())
    }

    /// Executes a transaction on what all before it left, which is final.
    fn execute_next(
        &mut self,
        shared: &Shared<'_>,
        ledger: &mut Ledger<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<Attempt, Stop> {
        log.counts.executions += 1;
        log.counts.sequential += 1;
        let attempt = ledger.run(place);
        let attempt = attempt.map_err(|interruption| impossible(interruption, place))?;
        let gas_used = self.check_gas(shared, place)?;
        let End::Ran { outcome, .. } = &attempt.end else {
            return Err(refused(place, &attempt.end));
        };
        self.gas_used = gas_used + outcome.receipt.gas_used;
        let committed = shared.commit_coinbase(place, outcome);
        committed.map_err(fatal)?;
        Ok(attempt)
    }
}

/// Who of a stretch wrote what first and last.
#[derive(Default)]
struct Written {
    accounts: HashMap<Keyed<Address>, (usize, usize), KeyHasher>,
    storage: HashMap<Keyed<SlotKey>, (usize, usize), KeyHasher>,
}

impl Written {
    /// The next transaction, but for the coinbase, which is kept apart.
    fn add(&mut self, place: usize, outcome: &TransactionOutcome, coinbase: &Address) {
        for change in &outcome.accounts {
            if change.before != change.after && change.address != *coinbase {
                let writers = self.accounts.entry(Keyed(change.address));
                writers.or_insert((place, place)).1 = place;
            }
        }
        for change in &outcome.storage {
            let writers = self.storage.entry(Keyed((change.address, change.slot)));
            writers.or_insert((place, place)).1 = place;
        }
    }

    /// Says what the stretch wrote: the last writers, whose values count, and the first, so that a key that was written twice shows. Gives whether somebody above
    /// may have read one of them.
    fn announce(&self, memory: &Memory<'_>) -> bool {
        let accounts = announce(memory, &memory.accounts, &self.accounts);
        announce(memory, &memory.storage, &self.storage) || accounts
    }
}

fn announce<K: Key>(
    memory: &Memory<'_>,
    index: &Writers,
    written: &HashMap<Keyed<K>, (usize, usize), KeyHasher>,
) -> bool {
    let mut read_above = false;
    for (Keyed(key), (first, last)) in written {
        let hash = memory.hash(key);
        if first != last {
            read_above |= index.add(hash, *first);
        }
        read_above |= index.add(hash, *last);
    }
    read_above
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
