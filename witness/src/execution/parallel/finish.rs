//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::{Address, B256};
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::attempt::{Attempt, End, Outcome, Slot};
use super::crew::Done;
use super::memory::Memory;
use super::shared::Shared;
use super::worker::Log;
use super::writers::Writers;
use crate::error::{Error, Result};
use crate::execution::outcome::{AccountStateChange, SlotChange, StateChanges, TransactionOutcome};
use crate::execution::statistics::Statistics;

/// Transactions below which splitting the work costs more than it brings.
const GRAIN: usize = 256;

/// Takes a block apart whose transactions are all committed, with what the workers say of it.
pub(super) fn finish(shared: Shared<'_>, done: Done) -> Result<(BlockExecution, Vec<Log>)> {
    let coinbase = shared.context.environment.coinbase;
    let coinbase_before = shared.coinbase_before();
    let (mut memory, coinbase_after) = shared.into_parts();
    let transactions = match done.outcomes {
        Some(outcomes) => outcomes,
        None => {
            let outcomes = memory.take_slots().map(outcome);
            outcomes.collect::<Result<Vec<_>>>()?
        }
    };
    let mut changes = match done.whole {
        Some(overlay) => overlay.into_changes(),
        None => changes(&memory, &transactions, coinbase)?,
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
        transactions,
        coinbase,
        coinbase_before,
        changes,
        gas_used: done.gas_used,
        statistics: Statistics::default(),
        timeline: None,
    };
    Ok((execution, done.logs))
}

fn outcome(slot: Slot) -> Result<Outcome> {
    match slot.attempt {
        Some(Attempt {
            end: End::Ran { outcome, .. },
            ..
        }) => Ok(outcome),
        _ => Err(Error::Internal(
            "a committed transaction has no outcome".to_owned(),
        )),
    }
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

/// The changes of the block: each location once, by the last transaction that wrote it.
fn changes(memory: &Memory<'_>, outcomes: &[Outcome], coinbase: Address) -> Result<StateChanges> {
    let parts = outcomes.par_chunks(GRAIN).enumerate();
    let parts = parts.map(|(chunk, part)| last(memory, outcomes, coinbase, chunk * GRAIN, part));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    let mut last = Last::default();
    last.accounts
        .reserve(parts.iter().map(|part| part.accounts.len()).sum());
    last.storage
        .reserve(parts.iter().map(|part| part.storage.len()).sum());
    for part in parts {
        last.accounts.extend(part.accounts);
        last.storage.extend(part.storage);
        last.rewritten_accounts.extend(part.rewritten_accounts);
        last.rewritten_storage.extend(part.rewritten_storage);
    }
    let accounts = last.accounts.into_par_iter().with_min_len(GRAIN);
    let accounts = accounts.map(|change| *change);
    let storage = last.storage.into_par_iter().with_min_len(GRAIN);
    let storage = storage.map(|change| *change);
    // Room for all at once, and for the coinbase: these are the largest lists of a block.
    let room = accounts.len() + last.rewritten_accounts.len() + 1;
    let mut changes = StateChanges {
        accounts: Vec::with_capacity(room),
        storage: Vec::with_capacity(storage.len() + last.rewritten_storage.len()),
        codes: Vec::new(),
    };
    changes.accounts.par_extend(accounts);
    changes.accounts.extend(last.rewritten_accounts);
    changes.storage.par_extend(storage);
    changes.storage.extend(last.rewritten_storage);
    Ok(changes)
}

/// Of some transactions, which begin at a place of the block, the changes that nobody after them changed again.
fn last<'a>(
    memory: &Memory<'_>,
    outcomes: &[Outcome],
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
        for change in &outcome.accounts {
            if change.before == change.after || change.address == coinbase {
                continue;
            }
            let hash = memory.hash(&change.address);
            if memory.accounts.is_only(hash, transaction) {
                last.accounts.push(change);
                continue;
            }
            let writes = |above: &TransactionOutcome| writes_account(above, &change.address);
            if !is_written_above(&memory.accounts, hash, outcomes, transaction, writes) {
                let before = memory.base.account(&change.address)?;
                if before != change.after {
                    last.rewritten_accounts
                        .push(AccountStateChange { before, ..*change });
                }
            }
        }
        for change in &outcome.storage {
            let hash = memory.hash(&(change.address, change.slot));
            if memory.storage.is_only(hash, transaction) {
                last.storage.push(change);
                continue;
            }
            let writes = |above: &TransactionOutcome| writes_slot(above, change);
            if !is_written_above(&memory.storage, hash, outcomes, transaction, writes) {
                let before = memory.base.storage(&change.address, &change.slot)?;
                if before != change.after {
                    last.rewritten_storage
                        .push(SlotChange { before, ..*change });
                }
            }
        }
    }
    Ok(last)
}

fn writes_account(outcome: &TransactionOutcome, address: &Address) -> bool {
    let accounts = &outcome.accounts;
    let place = accounts.binary_search_by_key(address, |change| change.address);
    let change = place.ok().and_then(|place| accounts.get(place));
    change.is_some_and(|change| change.before != change.after)
}

fn writes_slot(outcome: &TransactionOutcome, slot: &SlotChange) -> bool {
    let key = (slot.address, slot.slot);
    let slots = &outcome.storage;
    slots
        .binary_search_by_key(&key, |change| (change.address, change.slot))
        .is_ok()
}

/// Whether a transaction above wrote a key.
fn is_written_above(
    writers: &Writers,
    hash: u64,
    outcomes: &[Outcome],
    transaction: usize,
    writes: impl Fn(&TransactionOutcome) -> bool,
) -> bool {
    let mut below = outcomes.len();
    // Nearly always the highest of all is meant.
    while let Some(writer) = writers.below(hash, below) {
        if writer <= transaction {
            return false;
        }
        if outcomes.get(writer).is_some_and(|outcome| writes(outcome)) {
            return true;
        }
        below = writer;
    }
    false
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
