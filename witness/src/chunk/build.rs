//! The events of each chunk, with the paths of what it touches.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, U256};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::{
    Account, AccountEvent, BlockHashEvent, Checkpoint, ChunkEvents, NumberedHash, ParentHashEvent,
    SlotEvent,
};
use braid_circuits::execution::{AccountVersion, Execution};
use braid_circuits::state_hash::{
    EMPTY, account_key, block_hash_index, block_hash_key, block_hash_value, storage_key,
    storage_value,
};
use braid_circuits::tables::block_hash;
use braid_text::Rules;

use super::value_of;
use crate::chain::last_hash;
use crate::error::{Error, Result};
use crate::execution::blocks::advance;
use crate::execution::reader::block_hash_leaf;
use crate::execution::seal::sealed;
use crate::provable::{ExecutedBlock, ExecutedBlocks, ExecutedTransaction, contradiction};
use crate::tree::StateTree;

/// Builds chunks in order.
pub(super) struct Builder {
    chain_id: u64,
    rules: Rules,
    tree: StateTree,
    position: Checkpoint,
    /// What the leaves of block hashes have, by number modulo 256.
    hashes: BTreeMap<u64, NumberedHash>,
}

impl Builder {
    /// Before the first chunk.
    pub(super) fn new(executed: &ExecutedBlocks) -> Self {
        let start = executed.start.block.number;
        let leaves = executed.block_hashes.all();
        let leaves = leaves.filter(|leaf| leaf.number < start);
        Self {
            chain_id: executed.chain_id,
            rules: executed.rules,
            tree: executed.tree.clone(),
            position: executed.start,
            hashes: leaves
                .map(|leaf| (block_hash_index(leaf.number), leaf))
                .collect(),
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
        let parent_hash = match opens {
            Some(_) => Some(self.parent_hash()?),
            None => None,
        };
        let accounts = self.accounts(transactions)?;
        let slots = self.slots(transactions)?;
        let block_hashes = self.block_hashes(transactions)?;
        if self.tree.root() != tree_after.root() {
            return Err(internal("two ways to the same state tree differ"));
        }
        let mut end = start;
        if let Some(environment) = opens {
            end.block = environment;
            end.open = true;
        }
        for transaction in transactions {
            let raw = &transaction.event.raw;
            advance(&mut end, raw, transaction.gas_used, &transaction.logs);
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
            parent_hash,
            transactions: transactions.iter().map(|it| it.event.clone()).collect(),
            executions: runs().map(|run| run.trace.clone()).collect(),
            codes: once(runs().flat_map(|run| run.codes())),
            accounts,
            slots,
            block_hashes,
            seals,
            end,
        };
        agree(&events)?;
        Ok(events)
    }

    /// Writes the hash of the last sealed block.
    fn parent_hash(&mut self) -> Result<ParentHashEvent> {
        let parent = last_hash(&self.position);
        let (key, value) = block_hash_leaf(&parent);
        self.hashes.insert(block_hash_index(parent.number), parent);
        Ok(ParentHashEvent {
            before: self.tree.get(&key)?,
            path: self.tree.update(key, value)?,
        })
    }

    /// The numbers that block hashes are asked of, ascending.
    fn block_hashes(
        &mut self,
        transactions: &[ExecutedTransaction],
    ) -> Result<Vec<BlockHashEvent>> {
        let asked = transactions.iter().flat_map(|it| &it.block_hashes);
        let asked: BTreeSet<U256> = asked.copied().collect();
        let events = asked.into_iter().map(|asked| {
            let [lowest, ..] = asked.into_limbs();
            let key = block_hash_key(lowest);
            let leaf = self.hashes.get(&block_hash_index(lowest)).copied();
            let value = leaf.as_ref().map_or(EMPTY, block_hash_value);
            if self.tree.get(&key)? != value {
                return Err(internal("the state tree has another block hash"));
            }
            let path = self.tree.update(key, value)?;
            Ok(BlockHashEvent { asked, leaf, path })
        });
        events.collect()
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
    let committed = events.block_hashes.iter();
    let committed = committed.map(|event| (event.asked, U256::from_be_bytes(event.answer().0)));
    if !block_hash::asked(&execution).into_iter().eq(committed) {
        return Err(internal(
            "traces lead to other block hashes than the state tree has",
        ));
    }
    Ok(())
}

fn internal(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
