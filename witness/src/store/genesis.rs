//! What a store starts from.

use std::collections::BTreeMap;

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256};
use braid_circuits::event::Code;
use braid_text::Rules;
use redb::Database;

use super::files::begin_write;
use super::tables::{Entry, SCHEMA};
use super::{StoreError, StoredBlock, write};
use crate::block_file::{AllocAccount, BlockFile, Parent};
use crate::error::Result;
use crate::execution::{AccountState, AccountStateChange, BlockHashes, SlotChange, StateChanges};
use crate::ordinary::begins_ordinary;
use crate::state::{StoredCode, leaf_changes};
use crate::tree::StateTree;

/// What a store starts from.
#[derive(Clone, Debug)]
pub struct Genesis<'a> {
    /// The chain.
    pub chain_id: u64,
    /// Its rules.
    pub rules: Rules,
    /// The block that the first block follows.
    pub parent: Parent,
    /// The state after that block.
    pub alloc: &'a BTreeMap<Address, AllocAccount>,
    /// Hashes of some of the 256 blocks before that block, which are part of this state.
    pub older_hashes: BTreeMap<u64, B256>,
}

impl<'a> From<&'a BlockFile> for Genesis<'a> {
    fn from(file: &'a BlockFile) -> Self {
        Self {
            chain_id: file.chain_id,
            rules: file.rules,
            parent: file.parent,
            alloc: &file.alloc,
            older_hashes: file.older_hashes(),
        }
    }
}

/// Writes the first version of a store into an empty database.
pub(super) fn write_genesis(database: &Database, genesis: &Genesis) -> Result<()> {
    let (changes, codes) = genesis_changes(genesis.alloc, genesis.rules)?;
    let known: B256Map<Code> = codes.iter().map(|c| (c.code.keccak, c.code)).collect();
    let code = |hash: &B256| match known.get(hash) {
        Some(code) => Ok(*code),
        None => Ok(Code::NONE),
    };
    let hashes = BlockHashes::at_start(&genesis.parent, genesis.older_hashes.clone());
    let mut leaves = leaf_changes(&changes, code)?;
    leaves.extend(hashes.leaves(genesis.parent.number));
    let tree = StateTree::build(leaves);
    let parent = StoredBlock {
        number: genesis.parent.number,
        timestamp: genesis.parent.timestamp,
        block_hash: genesis.parent.block_hash,
        state_root: tree.root(),
    };
    let transaction = begin_write(database)?;
    let _ = write::state(
        &transaction,
        None,
        &changes,
        &codes,
        [&StateTree::default(), &tree],
    )?;
    write::head(&transaction, &parent)?;
    let older = hashes.before(parent.number);
    write::older_hashes(&transaction, parent.number, &older)?;
    write::number(&transaction, Entry::Schema, SCHEMA)?;
    write::number(&transaction, Entry::Rules, genesis.rules.number().into())?;
    write::number(&transaction, Entry::ChainId, genesis.chain_id)?;
    write::number(&transaction, Entry::Oldest, parent.number)?;
    let is_ordinary = begins_ordinary(genesis.alloc);
    write::number(&transaction, Entry::Ordinary, is_ordinary.into())?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(())
}

/// The genesis as changes to nothing.
fn genesis_changes(
    alloc: &BTreeMap<Address, AllocAccount>,
    rules: Rules,
) -> Result<(StateChanges, Vec<StoredCode>)> {
    let mut changes = StateChanges::default();
    let mut codes = BTreeMap::new();
    for (address, given) in alloc {
        let mut after = AccountState {
            nonce: given.nonce,
            balance: given.balance,
            ..AccountState::EMPTY
        };
        if !given.code.is_empty() {
            let stored = StoredCode::new(&given.code, rules)?;
            after.code_hash = stored.code.keccak;
            codes.insert(stored.code.keccak, stored);
        }
        changes.accounts.push(AccountStateChange {
            address: *address,
            before: None,
            after: Some(after),
        });
        let storage = given.storage.iter().filter(|(_, value)| !value.is_zero());
        changes
            .storage
            .extend(storage.map(|(slot, value)| SlotChange {
                address: *address,
                slot: *slot,
                before: Default::default(),
                after: *value,
            }));
    }
    Ok((changes, codes.into_values().collect()))
}
