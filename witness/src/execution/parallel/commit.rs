//! Committing transactions in their order: where the result becomes right, whatever was guessed before.

use super::attempt::{Attempt, End, Outcome, credited_wei};
use super::engine::Engine;
use super::judge::Went;
use super::ledger::Left;
use super::memory::{Trouble, credited};
use super::overlay::Overlay;
use super::scheduler::Phase;
use super::shared::Shared;
use super::transfer::{RECEIPTS_LIMIT, over_receipts_limit, receipt_bytes};
use super::tuning::FIRST_STRETCH;
use super::view::Interruption;
use super::worker::Log;
use super::writers::Reader;
use crate::error::Error;
use crate::execution::inclusion::check_block_gas;
use crate::execution::outcome::TransactionOutcome;
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
pub(super) struct Committer {
    pub(super) gas_used: u64,
    /// Transactions of the window so far, and how many of them were executed again, or in a stretch would have been.
    pub(super) window: (usize, usize),
    /// How often a transaction had waited before the window.
    pub(super) blocked: usize,
    /// Transactions below are executed one after the other.
    pub(super) sequential_until: usize,
    pub(super) stretch: usize,
    /// Batches since one had to be executed again, or since they became larger; and whether one ever had to.
    pub(super) clean: usize,
    pub(super) is_careful: bool,
    /// What transactions left, from those before the last stretches to the end of the last one, which is `covered`.
    pub(super) overlay: Option<Overlay>,
    pub(super) covered: usize,
    /// Of a block that one worker executes alone.
    pub(super) outcomes: Vec<Outcome>,
    /// Bytes of receipts so far: see [`RECEIPTS_LIMIT`].
    pub(super) receipts: u64,
    /// Plain transfers so far.
    pub(super) transfers: u64,
    pub(super) stop: Option<Stop>,
}

impl Committer {
    pub(super) fn new() -> Self {
        Self {
            gas_used: 0,
            window: (0, 0),
            blocked: 0,
            sequential_until: 0,
            stretch: FIRST_STRETCH,
            clean: 0,
            is_careful: false,
            overlay: None,
            covered: 0,
            outcomes: Vec::new(),
            receipts: 0,
            transfers: 0,
            stop: None,
        }
    }

    /// Commits all that can be committed now.
    pub(super) fn advance(&mut self, shared: &Shared<'_>, engine: &mut Engine<'_>, log: &mut Log) {
        let scheduler = &shared.scheduler;
        while !scheduler.is_finished() {
            let place = scheduler.head();
            let done = if place < self.sequential_until {
                self.stretch(shared, engine, log).map(|()| true)
            } else if scheduler.phase(place) == Phase::Executed {
                self.commit(shared, engine, log, place)
            } else {
                Ok(false)
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

    /// Validates and commits a transaction; executes it again first if it read what is not so. Gives whether there may be more to commit.
    fn commit(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
        place: usize,
    ) -> Result<bool, Stop> {
        let Some(incarnation) = shared.scheduler.incarnation(place) else {
            return Ok(true);
        };
        let start = log.start(place);
        let stale = {
            let slot = shared.slot(place);
            let attempt = slot.as_ref().and_then(|slot| slot.attempt.as_ref());
            let Some(attempt) = attempt else {
                return Ok(false);
            };
            if attempt.is_untouched(shared, place) {
                drop(slot);
                return self.finish(shared, engine, log, place, incarnation, true);
            }
            attempt.stale(shared, place).map_err(fatal)?
        };
        log.counts.validations += 1;
        let Some(location) = stale else {
            log.end(start, incarnation, Activity::Validate, Ending::Done);
            return self.finish(shared, engine, log, place, incarnation, true);
        };
        let Some(incarnation_now) = shared.scheduler.abort(place, incarnation) else {
            log.end(start, incarnation, Activity::Validate, Ending::Done);
            return Ok(true);
        };
        log.end(start, incarnation, Activity::Validate, Ending::Conflict);
        log.conflict(location);
        let incarnation = incarnation_now;
        shared.estimate(place);
        self.execute_final(shared, engine, log, place, incarnation, true)
    }

    pub(super) fn execute_final(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
        place: usize,
        incarnation: u32,
        commutative: bool,
    ) -> Result<bool, Stop> {
        let start = log.start(place);
        let length = shared.scheduler.length(place);
        log.counts.executions += length as u64;
        log.counts.sequential += length as u64;
        let attempt = match engine.run(place, Reader::Final, commutative) {
            Ok(attempt) => attempt,
            Err(Interruption::Overflow { .. }) if commutative => {
                return self.execute_final(shared, engine, log, place, incarnation, false);
            }
            Err(interruption) => return Err(impossible(interruption, place)),
        };
        if shared.publish(place, attempt) {
            shared.scheduler.revalidate(place + length);
        }
        shared.scheduler.executed(place);
        log.end(start, incarnation, Activity::Sequential, Ending::Done);
        self.finish(shared, engine, log, place, incarnation, commutative)
    }

    /// Commits a transaction whose reads are final.
    fn finish(
        &mut self,
        shared: &Shared<'_>,
        engine: &mut Engine<'_>,
        log: &mut Log,
        place: usize,
        incarnation: u32,
        commutative: bool,
    ) -> Result<bool, Stop> {
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
        if let End::Batch(left) = &mut attempt.end {
            let went = match (incarnation > 0, left.was_beside) {
                (true, _) => Went::Again,
                (false, true) => Went::Beside,
                (false, false) => Went::Alone,
            };
            self.finish_batch(shared, place, left)?;
            drop(slot);
            shared.scheduler.commit(place);
            self.judge_batch(&shared.scheduler, place, went);
            return Ok(true);
        }
        let gas_used = self.check_gas(shared, place)?;
        let settled = settle_credit(shared, place, attempt);
        let outcome = match &attempt.end {
            End::Ran { outcome, .. } => outcome,
            end => return Err(refused(place, end)),
        };
        let access = outcome.access().map_err(Stop::Fatal)?;
        let settled = settled.and_then(|()| shared.commit_coinbase(place, access));
        match settled {
            Ok(()) => {}
            Err(Trouble::Overflow) if commutative => {
                drop(slot);
                let incarnation = shared.scheduler.reopen(place);
                shared.estimate(place);
                return self.execute_final(shared, engine, log, place, incarnation, false);
            }
            Err(trouble) => return Err(fatal(trouble)),
        }
        self.note(place, gas_used, outcome)?;
        drop(slot);
        shared.scheduler.commit(place);
        self.judge(&shared.scheduler, place, incarnation > 0);
        Ok(true)
    }

    /// Takes over what a batch did; its reads are final.
    fn finish_batch(
        &mut self,
        shared: &Shared<'_>,
        first: usize,
        left: &mut Left,
    ) -> Result<(), Stop> {
        let mut place = first;
        for outcome in &left.outcomes {
            let gas_used = self.check_gas(shared, place)?;
            self.note(place, gas_used, outcome)?;
            place += 1;
        }
        if let Some(refusal) = left.refusal.take() {
            self.check_gas(shared, place)?;
            return Err(Stop::Refused {
                index: place,
                refusal,
            });
        }
        left.settle(shared, first).map_err(fatal)?;
        shared.commit_coinbase_of(first, left);
        Ok(())
    }

    /// Takes over what is summed up over all transactions.
    pub(super) fn note(
        &mut self,
        place: usize,
        gas_used: u64,
        outcome: &TransactionOutcome,
    ) -> Result<(), Stop> {
        self.gas_used = gas_used + outcome.receipt.gas_used;
        self.transfers += u64::from(outcome.is_transfer);
        self.receipts = self
            .receipts
            .saturating_add(receipt_bytes(&outcome.receipt));
        match self.receipts > RECEIPTS_LIMIT {
            true => Err(Stop::Refused {
                index: place,
                refusal: over_receipts_limit(),
            }),
            false => Ok(()),
        }
    }

    /// Gas that the block used so far, if that leaves enough for a transaction.
    pub(super) fn check_gas(&self, shared: &Shared<'_>, place: usize) -> Result<u64, Stop> {
        let environment = &shared.context.environment;
        let Some(transaction) = shared.transactions.get(place) else {
            return Err(internal(format!("there is no transaction {place}")));
        };
        match check_block_gas(transaction, environment, self.gas_used) {
            Ok(()) => Ok(self.gas_used),
            Err(fault) => Err(Stop::Refused {
                index: place,
                refusal: fault.into(),
            }),
        }
    }
}

/// Says what account a plain credit leaves, so that nobody has to add up again.
fn settle_credit(shared: &Shared<'_>, place: usize, attempt: &mut Attempt) -> Result<(), Trouble> {
    let is_guess_of_base = attempt.is_last_read_from_base();
    let End::Ran { outcome, credit } = &mut attempt.end else {
        return Ok(());
    };
    let (recipient, access) = (credit.take(), outcome.access.as_mut());
    let accounts = access.map(|access| &mut access.accounts);
    let change = recipient.and_then(|recipient| accounts?.get_mut(recipient));
    let Some(change) = change else {
        return Ok(());
    };
    let to = change.address;
    let memory = &shared.memory;
    let hash = memory.hash(&to);
    let before = if to == shared.context.environment.coinbase {
        shared.coinbase_account(place)?
    } else if is_guess_of_base && memory.accounts.below(hash, place).is_none() {
        return Ok(());
    } else {
        memory.account(hash, &to, place, Reader::Final)?.value
    };
    change.after = credited(before, credited_wei(change)).ok_or(Trouble::Overflow)?;
    change.before = before;
    Ok(())
}

/// A block ends at what cannot be part of it.
pub(super) fn refused(place: usize, end: &End) -> Stop {
    match end {
        End::Refused(refused) => Stop::Refused {
            index: place,
            refusal: refused.refusal.clone(),
        },
        _ => internal(format!("transaction {place} was committed on a guess")),
    }
}

pub(super) fn fatal(trouble: Trouble) -> Stop {
    match trouble {
        Trouble::Store(error) => Stop::Fatal(error),
        other => internal(format!("a committed value cannot be read: {other:?}")),
    }
}

pub(super) fn impossible(interruption: Interruption, place: usize) -> Stop {
    match interruption {
        Interruption::Fatal(error) => Stop::Fatal(error),
        other => internal(format!(
            "transaction {place} cannot be executed although all before it are final: {other:?}"
        )),
    }
}

fn internal(what: String) -> Stop {
    Stop::Fatal(Error::Internal(what))
}
