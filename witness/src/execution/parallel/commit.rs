//! Committing transactions in their order: where the result becomes right, whatever was guessed before.

use super::memory::{Trouble, credited};
use super::run::{Interruption, Runner};
use super::scheduler::Phase;
use super::shared::{Credit, Ran, Shared};
use super::sync::yield_now;
use super::tuning::{CONFLICTS, FIRST_STRETCH, LONGEST_STRETCH, WINDOW};
use super::worker::Log;
use super::writers::Reader;
use crate::error::Error;
use crate::execution::inclusion::check_block_gas;
use crate::execution::outcome::AccountStateChange;
use crate::execution::timeline::{Activity, Ending};
use crate::transaction::Refusal;

/// Why a block stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The transaction with this index may not be included, or cannot be part of the rollup; all before it may.
    Refused {
        /// Its index in the block.
        index: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The store, or a fault of this program.
    Fatal(Error),
}

/// What the committing worker knows. One at a time has it.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) gas_used: u64,
    /// Transactions of the window so far, and how many of them were executed again.
    window: (usize, usize),
    /// Transactions below are executed one after the other.
    sequential_until: usize,
    stretch: usize,
    pub(super) stop: Option<Stop>,
}

impl Committer {
    /// With `sequential` nothing is ever guessed.
    pub(super) fn new(sequential: bool) -> Self {
        Self {
            gas_used: 0,
            window: (0, 0),
            sequential_until: if sequential { usize::MAX } else { 0 },
            stretch: FIRST_STRETCH,
            stop: None,
        }
    }

    /// Commits all that can be committed now.
    pub(super) fn advance(&mut self, shared: &Shared<'_>, runner: &mut Runner<'_>, log: &mut Log) {
        let scheduler = &shared.scheduler;
        while !scheduler.is_finished() {
            let place = scheduler.head();
            let sequential = place < self.sequential_until;
            if scheduler.is_paused() != sequential {
                scheduler.pause(sequential);
            }
            let done = match scheduler.phase(place) {
                Phase::Executed => self.commit(shared, runner, log, place),
                Phase::Ready if sequential => self.execute_next(shared, runner, log, place),
                // Somebody is about to end, or to be released by a transaction that was just executed.
                Phase::Executing | Phase::Blocked if sequential => {
                    yield_now();
                    Ok(true)
                }
                _ => Ok(false),
            };
            match done {
                Ok(true) => {}
                Ok(false) => break,
                Err(stop) => {
                    self.stop = Some(stop);
                    scheduler.stop();
                }
            }
        }
    }

    /// Executes the first transaction that is not committed; everything before it is final.
    fn execute_next(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<bool, Stop> {
        let Some(incarnation) = shared.scheduler.start(place) else {
            return Ok(true);
        };
        self.execute_final(shared, runner, log, place, incarnation, true)
    }

    /// Validates and commits a transaction; executes it again first if it read what is not so. Gives whether there may be more to commit.
    fn commit(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<bool, Stop> {
        let Some(incarnation) = shared.scheduler.incarnation(place) else {
            return Ok(true);
        };
        let start = log.start(place);
        let stale = {
            let Some(slot) = shared.slot(place) else {
                return Ok(false);
            };
            let Some(attempt) = &slot.attempt else {
                return Ok(false);
            };
            attempt.reads.stale(shared, place).map_err(fatal)?
        };
        log.counts.validations += 1;
        let Some(location) = stale else {
            log.end(start, incarnation, Activity::Validate, Ending::Done);
            return self.finish(shared, runner, log, place, incarnation, true);
        };
        let Some(incarnation_now) = shared.scheduler.abort(place, incarnation) else {
            log.end(start, incarnation, Activity::Validate, Ending::Done);
            return Ok(true);
        };
        log.end(start, incarnation, Activity::Validate, Ending::Conflict);
        log.conflict(location);
        let incarnation = incarnation_now;
        shared.estimate(place);
        self.execute_final(shared, runner, log, place, incarnation, true)
    }

    fn execute_final(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
        incarnation: u32,
        commutative: bool,
    ) -> Result<bool, Stop> {
        let start = log.start(place);
        log.counts.executions += 1;
        log.counts.sequential += 1;
        let attempt = match runner.run(place, Reader::Final, commutative) {
            Ok(attempt) => attempt,
            Err(Interruption::Overflow { .. }) if commutative => {
                return self.execute_final(shared, runner, log, place, incarnation, false);
            }
            Err(interruption) => return Err(impossible(interruption, place)),
        };
        if shared.publish(place, attempt) {
            shared.scheduler.revalidate(place + 1);
        }
        shared.scheduler.executed(place);
        log.end(start, incarnation, Activity::Sequential, Ending::Done);
        self.finish(shared, runner, log, place, incarnation, commutative)
    }

    /// Commits a transaction whose reads are final.
    fn finish(
        &mut self,
        shared: &Shared<'_>,
        runner: &mut Runner<'_>,
        log: &mut Log,
        place: usize,
        incarnation: u32,
        commutative: bool,
    ) -> Result<bool, Stop> {
        let Some(transaction) = shared.transactions.get(place) else {
            return Ok(false);
        };
        // From here on nobody can take it back.
        if !shared.scheduler.freeze(place, incarnation) {
            return Ok(true);
        }
        let Some(mut slot) = shared.slot(place) else {
            return Ok(false);
        };
        let Some(attempt) = &mut slot.attempt else {
            return Ok(false);
        };
        let refuse = |refusal| Stop::Refused {
            index: place,
            refusal,
        };
        check_block_gas(transaction, &shared.context.environment, self.gas_used)
            .map_err(|fault| refuse(fault.into()))?;
        let ran = match &mut attempt.end {
            Ok(ran) => ran,
            Err(refusal) => return Err(refuse(refusal.clone())),
        };
        let settled = settle_credit(shared, place, ran).and_then(|()| shared.commit_coinbase(ran));
        match settled {
            Ok(()) => {}
            Err(Trouble::Overflow) if commutative => {
                drop(slot);
                let incarnation = shared.scheduler.reopen(place);
                shared.estimate(place);
                return self.execute_final(shared, runner, log, place, incarnation, false);
            }
            Err(trouble) => return Err(fatal(trouble)),
        }
        self.gas_used += ran.receipt.gas_used;
        drop(slot);
        shared.scheduler.commit(place);
        self.judge(place, incarnation > 0);
        Ok(true)
    }

    /// Looks at the last commits: where most were executed again, the next are executed one after the other, for longer each time.
    fn judge(&mut self, place: usize, again: bool) {
        if place < self.sequential_until {
            return;
        }
        self.window.0 += 1;
        self.window.1 += usize::from(again);
        if self.window.0 < WINDOW {
            return;
        }
        if self.window.1 >= CONFLICTS {
            self.sequential_until = place + 1 + self.stretch;
            self.stretch = (self.stretch * 4).min(LONGEST_STRETCH);
        } else {
            self.stretch = (self.stretch / 2).max(FIRST_STRETCH);
        }
        self.window = (0, 0);
    }
}

/// Says what account a plain credit leaves, so that nobody has to add up again.
fn settle_credit(shared: &Shared<'_>, place: usize, ran: &mut Ran) -> Result<(), Trouble> {
    let Some(Credit { to, wei, base }) = ran.credit else {
        return Ok(());
    };
    // The coinbase's account is kept apart.
    if to == shared.context.environment.coinbase {
        return Ok(());
    }
    let memory = &shared.memory;
    let hash = memory.hash(&to);
    let before = match base {
        Some(before) if memory.accounts.below(hash, place).is_none() => before,
        _ => memory.account(hash, &to, place, Reader::Final)?.value,
    };
    let after = credited(before, wei).ok_or(Trouble::Overflow)?;
    let accounts = &mut ran.accounts;
    let index = accounts.partition_point(|known| known.address < to);
    accounts.insert(
        index,
        AccountStateChange {
            address: to,
            before,
            after,
        },
    );
    Ok(())
}

fn fatal(trouble: Trouble) -> Stop {
    Stop::Fatal(match trouble {
        Trouble::Store(error) => error,
        other => Error::Internal(format!("a committed value cannot be read: {other:?}")),
    })
}

fn impossible(interruption: Interruption, place: usize) -> Stop {
    Stop::Fatal(match interruption {
        Interruption::Fatal(error) => error,
        other => Error::Internal(format!(
            "transaction {place} cannot be executed although all before it are final: {other:?}"
        )),
    })
}
