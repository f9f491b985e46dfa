//! Transactions executed one after the other where nobody asks what each read and changed: in a ledger of their own, which stands for all of them at the end.

use super::attempt::{Attempt, Outcome};
use super::commit::{Committer, Stop, impossible};
use super::ledger::{Ledger, Left};
use super::memory::code_hash_of;
use super::shared::Shared;
use super::stretch::{keep, take};
use super::worker::Log;
use crate::execution::timeline::{Activity, Ending};

impl Committer {
    /// Executes a whole block, with nobody else there.
    pub(super) fn alone_briefly(&mut self, shared: &Shared<'_>, log: &mut Log) -> Result<(), Stop> {
        let count = shared.transactions.len();
        let mut ledger = Ledger::new(shared, 0, count);
        for place in 0..count {
            let start = log.start(place);
            let outcome = self.execute_briefly(shared, &mut ledger, log, place)?;
            log.end(start, 0, Activity::Sequential, Ending::Done);
            self.outcomes.push(outcome);
        }
        self.last = Some(leave(shared, ledger, count)?);
        Ok(())
    }

    /// Executes and commits transactions from the first that is not committed up to `end`, or to where it does not pay any more.
    pub(super) fn stretch_briefly(
        &mut self,
        shared: &Shared<'_>,
        log: &mut Log,
        mut end: usize,
    ) -> Result<(), Stop> {
        let scheduler = &shared.scheduler;
        let (first, count) = (scheduler.head(), shared.transactions.len());
        // Nobody but this stretch knows of what is farther away.
        let farthest = scheduler.farthest_claim();
        let mut ledger = Ledger::new(shared, first, end.saturating_sub(first));
        self.window = (0, 0);
        let mut place = first;
        while place < end {
            // Somebody else may have failed meanwhile.
            if scheduler.is_finished() {
                return Ok(());
            }
            let incarnation = match place < farthest {
                false => 0,
                true => match take(shared, place) {
                    Some(incarnation) => incarnation,
                    None => return Ok(()),
                },
            };
            let start = log.start(place);
            let outcome = self.execute_briefly(shared, &mut ledger, log, place)?;
            if !self.goes_on(ledger.conflicts()) {
                end = place + 1;
            }
            if place < farthest || place + 1 == end {
                keep(shared, place, Attempt::unnoted(outcome));
                scheduler.settle(place);
            } else {
                self.unslotted.push(outcome);
            }
            log.end(start, incarnation, Activity::Sequential, Ending::Done);
            place += 1;
        }
        self.window = (0, 0);
        self.sequential_until = end;
        let left = leave(shared, ledger, end)?;
        match end == count {
            // Nobody is left who could read it.
            true => self.last = Some(left),
            false => announce(shared, left, end - 1),
        }
        scheduler.commit(end - 1);
        Ok(())
    }

    fn execute_briefly(
        &mut self,
        shared: &Shared<'_>,
        ledger: &mut Ledger<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<Outcome, Stop> {
        log.counts.executions += 1;
        log.counts.sequential += 1;
        let ran = ledger.run(place);
        let ran = ran.map_err(|interruption| impossible(interruption, place))?;
        let gas_used = self.check_gas(shared, place)?;
        let outcome = ran.map_err(|refusal| Stop::Refused {
            index: place,
            refusal,
        })?;
        self.note(gas_used, &outcome);
        Ok(outcome)
    }
}

/// What a ledger of committed transactions, up to `end`, left.
fn leave(shared: &Shared<'_>, ledger: Ledger<'_>, end: usize) -> Result<Left, Stop> {
    let left = ledger.leave();
    let (left, coinbase) = left.map_err(|interruption| impossible(interruption, end))?;
    shared.set_coinbase(end, coinbase);
    Ok(left)
}

/// Says what the stretch wrote, as if its last transaction had written it all.
fn announce(shared: &Shared<'_>, left: Left, last: usize) {
    let memory = &shared.memory;
    let accounts = left.accounts.iter();
    let accounts: Vec<_> = accounts
        .map(|change| {
            let is_other = code_hash_of(&change.before) != code_hash_of(&change.after);
            (memory.hash(&change.address), is_other)
        })
        .collect();
    let slots = left.slots.iter();
    let slots: Vec<_> = slots
        .map(|change| memory.hash(&(change.address, change.slot)))
        .collect();
    // Whoever learns who wrote must find what was written.
    if let Some(mut slot) = shared.slot(last)
        && let Some(attempt) = &mut slot.attempt
    {
        attempt.left = Some(Box::new(left));
    }
    let mut read_above = false;
    for (hash, has_other_code) in accounts {
        read_above |= memory.accounts.add(hash, last);
        if has_other_code {
            read_above |= memory.code_hashes.add(hash, last);
        }
    }
    for hash in slots {
        read_above |= memory.storage.add(hash, last);
    }
    if read_above {
        shared.scheduler.revalidate(last + 1);
    }
}
