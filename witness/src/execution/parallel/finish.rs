//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::{Address, B256};
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::memory::{AccountWrite, Memory};
use super::shared::{Attempt, Shared, Slot};
use crate::error::{Error, Result};
use crate::execution::outcome::{AccountStateChange, SlotChange, StateChanges, TransactionOutcome};
use crate::execution::statistics::Statistics;

/// Transactions below which splitting the work costs more than it brings.
const GRAIN: usize = 256;

/// Takes a block apart whose transactions are all committed.
pub(super) fn finish(shared: Shared<'_>) -> Result<BlockExecution> {
    let coinbase_address = shared.context.environment.coinbase;
    let coinbase_before = shared.coinbase_before();
    let (memory, slots, coinbase) = shared.into_parts();
    let outcomes = slots.into_par_iter().with_min_len(GRAIN).map(outcome);
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
                    .extend(account_change(memory, transaction, change));
            }
        }
        for change in &outcome.storage {
            part.storage
                .extend(slot_change(memory, transaction, change));
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
    transaction: usize,
    change: &AccountStateChange,
) -> Option<AccountStateChange> {
    let hash = memory.hash(&change.address);
    let mut after = change.after;
    if !memory.accounts.is_written_once(hash, transaction) {
        let last = memory.accounts.look(hash, &change.address, |cell| {
            let first = cell
                .entries
                .first()
                .filter(|first| first.transaction == transaction);
            first.and(cell.entries.last().copied())
        });
        let last = last.flatten()?;
        if last.transaction != transaction {
            after = match last.value {
                AccountWrite::Full(account) => account,
                // With others before it, it was settled.
                AccountWrite::Credit(_) => return None,
            };
        }
    }
    let AccountStateChange {
        address, before, ..
    } = *change;
    (before != after).then_some(AccountStateChange {
        address,
        before,
        after,
    })
}

/// The same for a slot.
fn slot_change(memory: &Memory<'_>, transaction: usize, change: &SlotChange) -> Option<SlotChange> {
    let key = (change.address, change.slot);
    let hash = memory.hash(&key);
    let mut after = change.after;
    if !memory.storage.is_written_once(hash, transaction) {
        let last = memory.storage.look(hash, &key, |cell| {
            let first = cell
                .entries
                .first()
                .filter(|first| first.transaction == transaction);
            first.and(cell.entries.last().map(|last| last.value))
        });
        after = last.flatten()?;
    }
    (change.before != after).then_some(SlotChange { after, ..*change })
}
