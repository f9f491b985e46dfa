//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::{Address, B256};
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::memory::Memory;
use super::shared::{Attempt, Shared, Slot};
use super::writers::Writers;
use crate::error::{Error, Result};
use crate::execution::outcome::{AccountStateChange, SlotChange, StateChanges, TransactionOutcome};
use crate::execution::statistics::Statistics;

/// Transactions below which splitting the work costs more than it brings.
const GRAIN: usize = 256;

/// Takes a block apart whose transactions are all committed.
pub(super) fn finish(shared: Shared<'_>) -> Result<BlockExecution> {
    let coinbase_address = shared.context.environment.coinbase;
    let coinbase_before = shared.coinbase_before();
    let (mut memory, coinbase) = shared.into_parts();
    let outcomes = memory
        .take_slots()
        .into_par_iter()
        .with_min_len(GRAIN)
        .map(outcome);
    let transactions = outcomes.collect::<Result<Vec<_>>>()?;
    let mut changes = changes(&memory, &transactions, coinbase_address)?;
    let after = coinbase.last().copied().unwrap_or(coinbase_before);
    if after != coinbase_before {
        changes.accounts.push(AccountStateChange {
            address: coinbase_address,
            before: coinbase_before,
            after,
        });
    }
    changes.codes = codes(&memory, &changes.accounts);
    Ok(BlockExecution {
        transactions,
        coinbase,
        coinbase_before,
        changes,
        gas_used: 0,
        statistics: Statistics::default(),
        timeline: None,
    })
}

fn outcome(slot: Slot) -> Result<TransactionOutcome> {
    let missing = || Error::Internal("a committed transaction has no outcome".to_owned());
    match slot.attempt {
        Some(Attempt {
            reads,
            end: Ok(ran),
        }) => Ok(TransactionOutcome {
            receipt: ran.receipt,
            reads: reads.list,
            accounts: ran.accounts,
            storage: ran.storage,
            tip: ran.tip,
        }),
        _ => Err(missing()),
    }
}

/// The changes of the block: each location once, by the first transaction that wrote it.
fn changes(
    memory: &Memory<'_>,
    outcomes: &[TransactionOutcome],
    coinbase: Address,
) -> Result<StateChanges> {
    let parts = outcomes.par_iter().enumerate().with_min_len(GRAIN);
    let parts = parts.fold(Part::default, |mut part, (transaction, outcome)| {
        for change in &outcome.accounts {
            if change.address != coinbase {
                part.accounts
                    .extend(account_change(memory, outcomes, transaction, change));
            }
        }
        for change in &outcome.storage {
            part.storage
                .extend(slot_change(memory, outcomes, transaction, change));
        }
        part
    });
    let parts: Vec<Part> = parts.collect();
    let mut accounts = Vec::with_capacity(parts.iter().map(|part| part.accounts.len()).sum());
    let mut storage = Vec::with_capacity(parts.iter().map(|part| part.storage.len()).sum());
    for part in parts {
        accounts.extend(part.accounts);
        storage.extend(part.storage);
    }
    Ok(StateChanges {
        accounts,
        storage,
        codes: Vec::new(),
    })
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

/// Changes of some transactions.
#[derive(Default)]
struct Part {
    accounts: Vec<AccountStateChange>,
    storage: Vec<SlotChange>,
}

/// What the block did to an account, if this transaction was the first to change it.
fn account_change(
    memory: &Memory<'_>,
    outcomes: &[TransactionOutcome],
    transaction: usize,
    change: &AccountStateChange,
) -> Option<AccountStateChange> {
    let hash = memory.hash(&change.address);
    let of = |outcome: &TransactionOutcome| {
        let accounts = &outcome.accounts;
        let place = accounts.binary_search_by_key(&change.address, |change| change.address);
        Some(accounts.get(place.ok()?)?.after)
    };
    let after = match memory.accounts.is_only(hash, transaction) {
        true => change.after,
        false => last_of(&memory.accounts, hash, outcomes, transaction, of)?,
    };
    (change.before != after).then_some(AccountStateChange { after, ..*change })
}

/// The same for a slot.
fn slot_change(
    memory: &Memory<'_>,
    outcomes: &[TransactionOutcome],
    transaction: usize,
    change: &SlotChange,
) -> Option<SlotChange> {
    let key = (change.address, change.slot);
    let hash = memory.hash(&key);
    let of = |outcome: &TransactionOutcome| {
        let slots = &outcome.storage;
        let place = slots.binary_search_by_key(&key, |change| (change.address, change.slot));
        Some(slots.get(place.ok()?)?.after)
    };
    let after = match memory.storage.is_only(hash, transaction) {
        true => change.after,
        false => last_of(&memory.storage, hash, outcomes, transaction, of)?,
    };
    (change.before != after).then_some(SlotChange { after, ..*change })
}

/// What the last writer of a key left, if `transaction` was the first.
fn last_of<V>(
    writers: &Writers,
    hash: u64,
    outcomes: &[TransactionOutcome],
    transaction: usize,
    of: impl Fn(&TransactionOutcome) -> Option<V>,
) -> Option<V> {
    let mut from = 0;
    loop {
        let writer = writers.from(hash, from)?;
        if writer >= transaction {
            break;
        }
        if outcomes.get(writer).and_then(&of).is_some() {
            return None;
        }
        from = writer + 1;
    }
    let mut below = outcomes.len();
    while let Some(writer) = writers.below(hash, below) {
        let last = outcomes.get(writer).and_then(&of);
        if last.is_some() {
            return last;
        }
        below = writer;
    }
    None
}
