//! What is left of an executed block: outcomes in order and the changes of the state.

use alloy_primitives::B256;
use rayon::prelude::*;
use revm::state::Bytecode;

use super::BlockExecution;
use super::memory::{AccountWrite, Memory};
use super::shared::{Attempt, Shared, Slot};
use crate::error::{Error, Result};
use crate::execution::outcome::{
    AccountState, AccountStateChange, SlotChange, StateChanges, TransactionOutcome,
};
use crate::execution::statistics::Statistics;

/// Shards or transactions below which splitting the work costs more than it brings.
const GRAIN: usize = 256;

/// Takes a block apart whose transactions are all committed.
pub(super) fn finish(shared: Shared<'_>) -> Result<BlockExecution> {
    let coinbase_address = shared.context.environment.coinbase;
    let coinbase_before = shared.coinbase_before();
    let (memory, slots, coinbase) = shared.into_parts();
    let outcomes = slots.into_par_iter().with_min_len(GRAIN).map(outcome);
    let transactions = outcomes.collect::<Result<Vec<_>>>()?;
    let mut changes = changes(&memory, |address| *address == coinbase_address)?;
    let after = coinbase.last().copied().unwrap_or(coinbase_before);
    if after != coinbase_before {
        let accounts = &mut changes.accounts;
        let place = accounts.partition_point(|change| change.address < coinbase_address);
        let change = AccountStateChange {
            address: coinbase_address,
            before: coinbase_before,
            after,
        };
        accounts.insert(place, change);
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

/// The last value of every location whose value is another one than before the block.
fn changes(
    memory: &Memory<'_>,
    is_apart: impl Fn(&alloy_primitives::Address) -> bool + Sync,
) -> Result<StateChanges> {
    let base = memory.base;
    let shards = (0..memory.accounts.shard_count()).into_par_iter();
    let accounts = shards.with_min_len(GRAIN / 16).map(|shard| {
        let mut list: Vec<Result<AccountStateChange>> = Vec::new();
        memory.accounts.visit(shard, |cell| {
            let address = cell.key;
            let last: Option<Option<AccountState>> =
                cell.entries.last().and_then(|entry| match entry.value {
                    AccountWrite::Full(account) => Some(account),
                    AccountWrite::Credit(_) => None,
                });
            if let Some(after) = last.filter(|_| !is_apart(&address)) {
                let before = base.account(&address);
                list.push(before.map(|before| AccountStateChange {
                    address,
                    before,
                    after,
                }));
            }
        });
        list
    });
    let mut accounts = accounts.flatten_iter().collect::<Result<Vec<_>>>()?;
    accounts.retain(|change| change.before != change.after);
    accounts.par_sort_unstable_by_key(|change| change.address);

    let shards = (0..memory.storage.shard_count()).into_par_iter();
    let storage = shards.with_min_len(GRAIN / 16).map(|shard| {
        let mut list: Vec<Result<SlotChange>> = Vec::new();
        memory.storage.visit(shard, |cell| {
            let (address, slot) = cell.key;
            if let Some(last) = cell.entries.last() {
                let before = base.storage(&address, &slot);
                let after = last.value;
                list.push(before.map(|before| SlotChange {
                    address,
                    slot,
                    before,
                    after,
                }));
            }
        });
        list
    });
    let mut storage = storage.flatten_iter().collect::<Result<Vec<_>>>()?;
    storage.retain(|change| change.before != change.after);
    storage.par_sort_unstable_by_key(|change| (change.address, change.slot));
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
