//! The events of each chunk, with the paths of what it touches.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::{Account, AccountEvent, Checkpoint, ChunkEvents, SlotEvent};
use braid_circuits::execution::{AccountVersion, Execution};
use braid_circuits::state_hash::{account_key, storage_key, storage_value};
use braid_text::Rules;

use super::value_of;
use crate::error::{Error, Result};
use crate::execution::blocks::advance;
use crate::execution::seal::sealed;
use crate::provable::{ExecutedBlock, ExecutedBlocks, ExecutedTransaction, contradiction};
use crate::tree::StateTree;

/// Builds chunks in order.
pub(super) struct Builder {
    chain_id: u64,
    rules: Rules,
    tree: StateTree,
    position: Checkpoint,
}

impl Builder {
    /// Before the first chunk.
    pub(super) fn new(executed: &ExecutedBlocks) -> Self {
        Self {
            chain_id: executed.chain_id,
            rules: executed.rules,
            tree: executed.tree.clone(),
            position: executed.start,
        }
    }

    /// The chunk of some transactions of a block: opens with the first, seals with the last.
    pub(super) fn chunk(
        &mut self,
        block: &ExecutedBlock,
        range: core::ops::Range<usize>,
        tree_after: &StateTree,
    ) -> Result<ChunkEvents> {
        let start = self.position;
        let opens = (range.start == 0).then_some(block.environment);
        let seals = range.end == block.transactions.len();
        let transactions = block.transactions.get(range).unwrap_or_default();
        let accounts = self.accounts(transactions)?;
        let slots = self.slots(transactions)?;
        if self.tree.root() != tree_after.root() {
            return Err(internal("two ways to the same state tree differ"));
        }
        let mut end = start;
        if let Some(environment) = opens {
            end.block = environment;
            end.open = true;
        }
        for transaction in transactions {
            let hash = transaction.event.hash;
            advance(&mut end, hash, transaction.gas_used, &transaction.logs);
        }
        end.state_root = self.tree.root();
        if seals {
            end = sealed(&end);
            if end != block.end {
                return Err(internal("a block's chunks end in another position than it"));
            }
        }
        self.position = end;
        let runs = || transactions.iter().filter_map(|it| it.run.as_ref());
        let events = ChunkEvents {
            chain_id: self.chain_id,
            rules: self.rules,
            start,
            opens,
            transactions: transactions.iter().map(|it| it.event.clone()).collect(),
            executions: runs().map(|run| run.trace.clone()).collect(),
            codes: once(runs().flat_map(|run| run.codes())),
            accounts,
            slots,
            seals,
            end,
        };
        agree(&events)?;
        Ok(events)
    }

    /// The touched accounts in order of their addresses, each with its path; brings the tree up to date.
    fn accounts(&mut self, transactions: &[ExecutedTransaction]) -> Result<Vec<AccountEvent>> {
        let changes = transactions.iter().flat_map(|it| &it.accounts);
        let changes = changes.map(|change| (change.address, change.before, change.after));
        let touched: BTreeMap<Address, (Option<Account>, Option<Account>)> = first_to_last(changes);
        let events = touched.into_iter().map(|(address, (before, after))| {
            let key = account_key(address);
            Ok(AccountEvent {
                address,
                before,
                after,
                path: self.tree.update(key, value_of(&after))?,
            })
        });
        events.collect()
    }

    /// The same of slots, in order of address and slot.
    fn slots(&mut self, transactions: &[ExecutedTransaction]) -> Result<Vec<SlotEvent>> {
        let changes = transactions.iter().flat_map(|it| &it.slots);
        let changes =
            changes.map(|change| ((change.address, change.slot), change.before, change.after));
        let touched: BTreeMap<(Address, U256), (U256, U256)> = first_to_last(changes);
        let events = touched
            .into_iter()
            .map(|((address, slot), (before, after))| {
                let key = storage_key(address, slot);
                Ok(SlotEvent {
                    address,
                    slot,
                    before,
                    after,
                    path: self.tree.update(key, storage_value(after))?,
                })
            });
        events.collect()
    }
}

/// What each thing was before its first change, and is after its last.
fn first_to_last<K: Ord, V: Copy>(changes: impl Iterator<Item = (K, V, V)>) -> BTreeMap<K, (V, V)> {
    let mut all = BTreeMap::new();
    for (key, before, after) in changes {
        let entry = all.entry(key).or_insert((before, after));
        entry.1 = after;
    }
    all
}

/// Bytecodes without repetitions.
fn once(codes: impl Iterator<Item = CodeEvent>) -> Vec<CodeEvent> {
    let mut known = std::collections::HashSet::new();
    codes.filter(|code| known.insert(code.keccak)).collect()
}

/// Nothing, if what the tables will find in the traces is what execution committed: accounts and slots that are touched, and what they are before and after.
fn agree(events: &ChunkEvents) -> Result<()> {
    let execution = Execution::of(events).map_err(contradiction)?;
    let known = |version: &AccountVersion| {
        let account = version.account;
        (!account.is_empty()).then_some(account)
    };
    let found = execution.accounts.touched.iter();
    let found = found.map(|(address, first, last)| (*address, known(first), known(last)));
    let committed = events.accounts.iter();
    let committed = committed.map(|event| (event.address, event.before, event.after));
    if !found.eq(committed) {
        return Err(internal(
            "traces lead to other accounts than execution committed",
        ));
    }
    let found = execution.storage.touched.iter();
    let found = found.filter(|slot| slot.key.space == 0);
    let found = found.map(|slot| {
        let key = (slot.key.address, slot.key.slot);
        (key, slot.first, slot.last.value)
    });
    let committed = events.slots.iter();
    let committed = committed.map(|event| ((event.address, event.slot), event.before, event.after));
    if !found.eq(committed) {
        return Err(internal(
            "traces lead to other slots than execution committed",
        ));
    }
    Ok(())
}

fn internal(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
