//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::{Address, B256};
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::attempt::{End, Outcome, Slot};
use super::crew::Done;
use super::ledger::Left;
use super::memory::{Memory, code_hash_of};
use super::publications::Filter;
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
    let keys = shared.publications.keys();
    let mut written = Written {
        rewritten: (shared.scheduler.is_grouped()).then(|| shared.publications.rewritten(keys)),
        ..Written::default()
    };
    let (mut memory, coinbase_after) = shared.into_parts();
    match done.outcomes {
        Some(outcomes) => written.outcomes = outcomes,
        None => written.add(memory.take_slots())?,
    }
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
    /// Batches whose accesses were not noted, with the first transaction of each, ascending.
    batches: Vec<(usize, Box<Left>)>,
    /// Keys that more than one batch wrote, and maybe others.
    rewritten: Option<Filter>,
}

/// Values that some transactions left and none after them changed.
#[derive(Default)]
struct Last<'a> {
    /// Nobody else wrote there.
    accounts: Vec<&'a AccountStateChange>,
    storage: Vec<&'a SlotChange>,
    /// Others wrote there before.
    rewritten_accounts: Vec<AccountStateChange>,
    rewritten_storage: Vec<SlotChange>,
}

impl Written {
    fn add(&mut self, slots: impl ExactSizeIterator<Item = Slot>) -> Result<()> {
        let count = slots.len();
        self.outcomes.reserve_exact(count);
        for (place, slot) in slots.enumerate() {
            match slot.attempt.map(|attempt| attempt.end) {
                Some(End::Ran { outcome, .. }) => self.outcomes.push(outcome),
                Some(End::Batch(mut left)) => {
                    self.outcomes.append(&mut left.outcomes);
                    self.batches.push((place, left));
                }
                // Those of a batch are with its first.
                None | Some(End::Refused(_) | End::Unsettled(_)) => {}
            }
        }
        if self.outcomes.len() != count {
            let missing = "a committed transaction has no outcome, or two";
            return Err(Error::Internal(missing.to_owned()));
        }
        Ok(())
    }

    /// The changes of the block: each location once, by the last transaction that wrote it.
    fn changes(&mut self, memory: &Memory<'_>, coinbase: Address) -> Result<StateChanges> {
        let parts = if self.batches.is_empty() {
            let parts = self.outcomes.par_chunks(GRAIN).enumerate();
            let parts = parts.map(|(chunk, part)| self.last(memory, coinbase, chunk * GRAIN, part));
            parts.collect::<Result<Vec<_>>>()?
        } else {
            let batches = self.batches.par_iter();
            let parts = batches.map(|(place, left)| self.last_of_batch(memory, *place, left));
            parts.collect::<Result<Vec<_>>>()?
        };
        let mut accounts = Vec::with_capacity(parts.iter().map(|part| part.accounts.len()).sum());
        let mut storage = Vec::with_capacity(parts.iter().map(|part| part.storage.len()).sum());
        let (mut more_accounts, mut more_storage) = (Vec::new(), Vec::new());
        for part in parts {
            accounts.extend(part.accounts);
            storage.extend(part.storage);
            more_accounts.push(part.rewritten_accounts);
            more_storage.push(part.rewritten_storage);
        }
        // One more for the coinbase.
        Ok(StateChanges {
            accounts: gathered(more_accounts, &accounts, 1),
            storage: gathered(more_storage, &storage, 0),
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
        let mut last = Last {
            accounts: Vec::with_capacity(2 * part.len()),
            storage: Vec::with_capacity(2 * part.len()),
            ..Last::default()
        };
        for (transaction, outcome) in (first..).zip(part) {
            let access = outcome.access()?;
            for change in &access.accounts {
                if change.before != change.after && change.address != coinbase {
                    let hash = memory.hash(&change.address);
                    self.add_account(memory, hash, transaction, change, &mut last)?;
                }
            }
            for change in &access.storage {
                let hash = memory.hash(&(change.address, change.slot));
                self.add_slot(memory, hash, transaction, change, &mut last)?;
            }
        }
        Ok(last)
    }

    /// Of a batch, which begins at a place of the block, the changes that nobody after it changed again.
    fn last_of_batch<'a>(
        &self,
        memory: &Memory<'_>,
        place: usize,
        left: &'a Left,
    ) -> Result<Last<'a>> {
        let mut last = Last::default();
        for (hash, change) in left.accounts() {
            self.add_account(memory, hash, place, change, &mut last)?;
        }
        for (hash, change) in left.slots() {
            self.add_slot(memory, hash, place, change, &mut last)?;
        }
        Ok(last)
    }

    fn add_account<'a>(
        &self,
        memory: &Memory<'_>,
        hash: u64,
        place: usize,
        change: &'a AccountStateChange,
        last: &mut Last<'a>,
    ) -> Result<()> {
        if self.is_only(&memory.accounts, hash, place) {
            last.accounts.push(change);
            return Ok(());
        }
        let address = &change.address;
        let writes = |above| match self.batch(above) {
            Some(left) => left.account_write(hash, address).is_some(),
            None => self.access(above).is_some_and(|access| {
                let accounts = &access.accounts;
                let place = accounts.binary_search_by_key(address, |change| change.address);
                let change = place.ok().and_then(|place| accounts.get(place));
                change.is_some_and(|change| change.before != change.after)
            }),
        };
        if !self.is_written_above(&memory.accounts, hash, place, writes) {
            let before = memory.base.account(address)?;
            if before != change.after {
                let change = AccountStateChange { before, ..*change };
                last.rewritten_accounts.push(change);
            }
        }
        Ok(())
    }

    fn add_slot<'a>(
        &self,
        memory: &Memory<'_>,
        hash: u64,
        place: usize,
        change: &'a SlotChange,
        last: &mut Last<'a>,
    ) -> Result<()> {
        if self.is_only(&memory.storage, hash, place) {
            last.storage.push(change);
            return Ok(());
        }
        let key = (change.address, change.slot);
        let writes = |above| match self.batch(above) {
            Some(left) => left.slot_write(hash, &key).is_some(),
            None => self.access(above).is_some_and(|access| {
                let slots = &access.storage;
                let found = slots.binary_search_by_key(&key, |slot| (slot.address, slot.slot));
                found.is_ok()
            }),
        };
        if !self.is_written_above(&memory.storage, hash, place, writes) {
            let before = memory.base.storage(&change.address, &change.slot)?;
            if before != change.after {
                let change = SlotChange { before, ..*change };
                last.rewritten_storage.push(change);
            }
        }
        Ok(())
    }

    /// Whether nobody else can have written a key.
    fn is_only(&self, writers: &Writers, hash: u64, place: usize) -> bool {
        match &self.rewritten {
            Some(rewritten) => !rewritten.has(hash),
            None => writers.is_only(hash, place),
        }
    }

    /// What the batch left that begins with a transaction.
    fn batch(&self, place: usize) -> Option<&Left> {
        let found = self
            .batches
            .binary_search_by_key(&place, |(first, _)| *first);
        self.batches.get(found.ok()?).map(|(_, left)| &**left)
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
    if created.is_empty() {
        return Vec::new();
    }
    // Others kept theirs, whatever executions that were taken back did.
    let changed = accounts.iter();
    let changed = changed.filter(|it| code_hash_of(&it.before) != code_hash_of(&it.after));
    let codes = changed
        .filter_map(|change| change.after)
        .filter_map(|account| {
            let code = created.get(&account.code_hash)?;
            Some((account.code_hash, code.clone()))
        });
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable_by_key(|(hash, _)| *hash);
    codes.dedup_by_key(|(hash, _)| *hash);
    codes
}
