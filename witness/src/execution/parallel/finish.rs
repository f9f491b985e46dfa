//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::{Address, B256};
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::attempt::{Attempt, End, Outcome, Slot};
use super::crew::Done;
use super::ledger::Left;
use super::memory::Memory;
use super::shared::Shared;
use super::worker::Log;
use super::writers::Writers;
use crate::error::{Error, Result};
use crate::execution::outcome::{Access, AccountStateChange, SlotChange, StateChanges};
use crate::execution::statistics::Statistics;

/// Transactions below which splitting the work costs more than it brings.
const GRAIN: usize = 256;

/// Takes a block apart whose transactions are all committed, with what the workers say of it.
pub(super) fn finish(shared: Shared<'_>, done: Done) -> Result<(BlockExecution, Vec<Log>)> {
    let coinbase = shared.context.environment.coinbase;
    let coinbase_before = shared.coinbase_before();
    let (mut memory, coinbase_after) = shared.into_parts();
    let mut written = Written::default();
    match done.outcomes {
        Some(outcomes) => written.outcomes = outcomes,
        None => written.add(memory.take_slots(), done.unslotted)?,
    }
    written.last = done.last;
    let mut changes = match done.whole {
        Some(overlay) => overlay.into_changes(),
        None => written.changes(&memory, coinbase)?,
    };
    if coinbase_after != coinbase_before {
        changes.accounts.push(AccountStateChange {
            address: coinbase,
            before: coinbase_before,
            after: coinbase_after,
        });
    }
    changes.codes = codes(&memory, &changes.accounts);
    let execution = BlockExecution {
        transactions: written.outcomes,
        coinbase,
        coinbase_before,
        changes,
        gas_used: done.gas_used,
        statistics: Statistics {
            transfers: done.transfers,
            ..Statistics::default()
        },
        timeline: None,
    };
    Ok((execution, done.logs))
}

/// All that the transactions wrote.
#[derive(Default)]
struct Written {
    outcomes: Vec<Outcome>,
    /// What stretches without accesses left, with the last transaction of each, ascending.
    stretches: Vec<(usize, Box<Left>)>,
    /// The stretch of that kind at the end of the block, which is not in the index of writers.
    last: Option<Left>,
}

/// Values that some transactions left and none after them changed.
#[derive(Default)]
struct Last<'a> {
    /// Nobody else wrote there.
    accounts: Vec<&'a AccountStateChange>,
    storage: Vec<&'a SlotChange>,
    /// Others wrote there before, or the change is not to be found elsewhere.
    more_accounts: Vec<Vec<AccountStateChange>>,
    more_storage: Vec<Vec<SlotChange>>,
}

impl Written {
    fn add(
        &mut self,
        slots: impl ExactSizeIterator<Item = Slot>,
        unslotted: Vec<Outcome>,
    ) -> Result<()> {
        self.outcomes.reserve_exact(slots.len());
        let mut unslotted = unslotted.into_iter();
        for (place, slot) in slots.enumerate() {
            let outcome = match slot.attempt {
                Some(Attempt {
                    end: End::Ran { outcome, .. },
                    left,
                    ..
                }) => {
                    self.stretches.extend(left.map(|left| (place, left)));
                    Some(outcome)
                }
                None => unslotted.next(),
                Some(_) => None,
            };
            let missing = || Error::Internal("a committed transaction has no outcome".to_owned());
            self.outcomes.push(outcome.ok_or_else(missing)?);
        }
        Ok(())
    }

    /// The changes of the block: each location once, by the last transaction that wrote it.
    fn changes(&mut self, memory: &Memory<'_>, coinbase: Address) -> Result<StateChanges> {
        let end = self.take_last_stretch(memory)?;
        let parts = self.outcomes.par_chunks(GRAIN).enumerate();
        let parts = parts.map(|(chunk, part)| self.last(memory, coinbase, chunk * GRAIN, part));
        let mut parts = parts.collect::<Result<Vec<_>>>()?;
        for (place, left) in &self.stretches {
            parts.push(self.last_of_stretch(memory, *place, left)?);
        }
        parts.push(end);
        let mut last = Last::default();
        last.accounts
            .reserve(parts.iter().map(|part| part.accounts.len()).sum());
        last.storage
            .reserve(parts.iter().map(|part| part.storage.len()).sum());
        for part in parts {
            last.accounts.extend(part.accounts);
            last.storage.extend(part.storage);
            last.more_accounts.extend(part.more_accounts);
            last.more_storage.extend(part.more_storage);
        }
        // One more for the coinbase.
        Ok(StateChanges {
            accounts: gathered(last.more_accounts, &last.accounts, 1),
            storage: gathered(last.more_storage, &last.storage, 0),
            codes: Vec::new(),
        })
    }

    /// Of some transactions, which begin at a place of the block, the changes that nobody after them changed again.
    fn last<'a>(
        &self,
        memory: &Memory<'_>,
        coinbase: Address,
        first: usize,
        part: &'a [Outcome],
    ) -> Result<Last<'a>> {
        let noted = part.iter().filter(|outcome| outcome.access.is_some());
        let room = 2 * noted.count();
        let mut last = Last {
            accounts: Vec::with_capacity(room),
            storage: Vec::with_capacity(room),
            ..Last::default()
        };
        let (mut rewritten_accounts, mut rewritten_storage) = (Vec::new(), Vec::new());
        for (transaction, outcome) in (first..).zip(part) {
            // What stretches left is looked at apart.
            let Some(access) = &outcome.access else {
                continue;
            };
            for change in &access.accounts {
                if change.before == change.after || change.address == coinbase {
                    continue;
                }
                let hash = memory.hash(&change.address);
                if self.last.is_none() && memory.accounts.is_only(hash, transaction) {
                    last.accounts.push(change);
                } else if !self.is_account_written_above(memory, hash, transaction, change) {
                    rewritten_accounts.extend(rewritten_account(memory, change)?);
                }
            }
            for change in &access.storage {
                let hash = memory.hash(&(change.address, change.slot));
                if self.last.is_none() && memory.storage.is_only(hash, transaction) {
                    last.storage.push(change);
                } else if !self.is_slot_written_above(memory, hash, transaction, change) {
                    rewritten_storage.extend(rewritten_slot(memory, change)?);
                }
            }
        }
        last.more_accounts.push(rewritten_accounts);
        last.more_storage.push(rewritten_storage);
        Ok(last)
    }

    /// Of a stretch before the end of the block the changes that nobody after it changed again; `place` is its last transaction.
    fn last_of_stretch(
        &self,
        memory: &Memory<'_>,
        place: usize,
        left: &Left,
    ) -> Result<Last<'static>> {
        let is_only = |writers: &Writers, hash| self.last.is_none() && writers.is_only(hash, place);
        let (mut accounts, mut storage) = (Vec::new(), Vec::new());
        for change in &left.accounts {
            let hash = memory.hash(&change.address);
            if is_only(&memory.accounts, hash) {
                accounts.push(*change);
            } else if !self.is_account_written_above(memory, hash, place, change) {
                accounts.extend(rewritten_account(memory, change)?);
            }
        }
        for change in &left.slots {
            let hash = memory.hash(&(change.address, change.slot));
            if is_only(&memory.storage, hash) {
                storage.push(*change);
            } else if !self.is_slot_written_above(memory, hash, place, change) {
                storage.extend(rewritten_slot(memory, change)?);
            }
        }
        Ok(Last {
            more_accounts: vec![accounts],
            more_storage: vec![storage],
            ..Last::default()
        })
    }

    /// The changes of the stretch at the end of the block, which are final: the lists are its own, since they are the larger part of what the block changed.
    fn take_last_stretch(&mut self, memory: &Memory<'_>) -> Result<Last<'static>> {
        let Some(left) = &mut self.last else {
            return Ok(Last::default());
        };
        let mut accounts = core::mem::take(&mut left.accounts);
        let mut storage = core::mem::take(&mut left.slots);
        // From the last to the first, so that places stay what they are.
        for place in left.written_accounts.iter().rev() {
            if let Some(change) = accounts.get_mut(*place) {
                change.before = memory.base.account(&change.address)?;
                if change.before == change.after {
                    accounts.swap_remove(*place);
                }
            }
        }
        for place in left.written_slots.iter().rev() {
            if let Some(change) = storage.get_mut(*place) {
                change.before = memory.base.storage(&change.address, &change.slot)?;
                if change.before == change.after {
                    storage.swap_remove(*place);
                }
            }
        }
        Ok(Last {
            more_accounts: vec![accounts],
            more_storage: vec![storage],
            ..Last::default()
        })
    }

    /// What the stretch that ends with a transaction left.
    fn stretch(&self, place: usize) -> Option<&Left> {
        let found = self
            .stretches
            .binary_search_by_key(&place, |(last, _)| *last);
        self.stretches.get(found.ok()?).map(|(_, left)| &**left)
    }

    /// Whether an account was changed again after a transaction. A stretch changed it, or somebody before it who is found next, if it is not what the transaction
    /// left.
    fn is_account_written_above(
        &self,
        memory: &Memory<'_>,
        hash: u64,
        transaction: usize,
        change: &AccountStateChange,
    ) -> bool {
        let is_other = |left: &Left| {
            let after = left.account(&change.address);
            after.is_some_and(|after| after != change.after)
        };
        let writes = |above: usize| match self.stretch(above) {
            Some(left) => is_other(left),
            None => self.access(above).is_some_and(|access| {
                let accounts = &access.accounts;
                let place = accounts.binary_search_by_key(&change.address, |change| change.address);
                let change = place.ok().and_then(|place| accounts.get(place));
                change.is_some_and(|change| change.before != change.after)
            }),
        };
        self.last.as_ref().is_some_and(is_other)
            || self.is_written_above(&memory.accounts, hash, transaction, writes)
    }

    /// As [`Self::is_account_written_above`], for a slot.
    fn is_slot_written_above(
        &self,
        memory: &Memory<'_>,
        hash: u64,
        transaction: usize,
        change: &SlotChange,
    ) -> bool {
        let key = (change.address, change.slot);
        let is_other = |left: &Left| left.slot(&key).is_some_and(|after| after != change.after);
        let writes = |above: usize| match self.stretch(above) {
            Some(left) => is_other(left),
            None => self.access(above).is_some_and(|access| {
                let slots = &access.storage;
                let found = slots.binary_search_by_key(&key, |slot| (slot.address, slot.slot));
                found.is_ok()
            }),
        };
        self.last.as_ref().is_some_and(is_other)
            || self.is_written_above(&memory.storage, hash, transaction, writes)
    }

    fn access(&self, place: usize) -> Option<&Access> {
        self.outcomes.get(place)?.access.as_deref()
    }

    /// Whether a transaction above that is in the index wrote a key.
    fn is_written_above(
        &self,
        writers: &Writers,
        hash: u64,
        transaction: usize,
        writes: impl Fn(usize) -> bool,
    ) -> bool {
        let mut below = self.outcomes.len();
        // Nearly always the highest of all is meant.
        while let Some(writer) = writers.below(hash, below) {
            if writer <= transaction {
                return false;
            }
            if writes(writer) {
                return true;
            }
            below = writer;
        }
        false
    }
}

/// What the block made of an account that others wrote before this last change.
fn rewritten_account(
    memory: &Memory<'_>,
    change: &AccountStateChange,
) -> Result<Option<AccountStateChange>> {
    let before = memory.base.account(&change.address)?;
    Ok((before != change.after).then_some(AccountStateChange { before, ..*change }))
}

/// As [`rewritten_account`], of a slot.
fn rewritten_slot(memory: &Memory<'_>, change: &SlotChange) -> Result<Option<SlotChange>> {
    let before = memory.base.storage(&change.address, &change.slot)?;
    Ok((before != change.after).then_some(SlotChange { before, ..*change }))
}

/// All in one list: these are the largest of a block, so that there is room for all at once, and the longest part stays where it is.
fn gathered<C: Copy + Send + Sync>(mut parts: Vec<Vec<C>>, others: &[&C], spare: usize) -> Vec<C> {
    let longest = (0..parts.len()).max_by_key(|place| parts.get(*place).map(Vec::len));
    let mut all = longest.map_or_else(Vec::new, |place| parts.swap_remove(place));
    let more: usize = parts.iter().map(Vec::len).sum();
    all.reserve_exact(others.len() + more + spare);
    for part in parts {
        all.extend(part);
    }
    all.par_extend(others.par_iter().with_min_len(GRAIN).map(|change| **change));
    all
}

/// Bytecode that these changes need and the block made. Code of executions that were taken back is left out.
fn codes(memory: &Memory<'_>, accounts: &[AccountStateChange]) -> Vec<(B256, Bytecode)> {
    let created = memory.codes();
    let hashes = accounts.iter().filter_map(|change| change.after);
    let codes = hashes.filter_map(|account| {
        let code = created.get(&account.code_hash)?;
        Some((account.code_hash, code.clone()))
    });
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable_by_key(|(hash, _)| *hash);
    codes.dedup_by_key(|(hash, _)| *hash);
    codes
}
