//! A stored state that goes on by blocks which nobody writes: what proving them needs, whatever the store does meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::{Checkpoint, Code};
use braid_circuits::state_hash::Digest;
use braid_text::Rules;
use revm::state::Bytecode;

use super::view::StoreView;
use super::{StoredBlock, stored_codes};
use crate::block_file::Parent;
use crate::chain::{Chain, Seal, last_hash, position};
use crate::error::Result;
use crate::execution::reader::block_hash_leaf;
use crate::execution::{AccountState, BlockHashes, StateChanges, StateReader};
use crate::state::{StoredCode, leaf_changes};
use crate::tree::StateTree;

/// See the module. Blocks that are committed to it are in memory alone.
#[derive(Debug)]
pub struct Ahead {
    base: StoreView,
    position: Checkpoint,
    hashes: BlockHashes,
    /// What the blocks left, where that is not what the store has.
    accounts: HashMap<Address, Option<AccountState>>,
    slots: HashMap<(Address, U256), U256>,
    codes: B256Map<StoredCode>,
    /// The same as leaves of the state tree.
    leaves: BTreeMap<Digest, Digest>,
}

impl Ahead {
    /// Of the state after a block of the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn new(base: StoreView) -> Result<Self> {
        Ok(Self {
            position: after(base.block()),
            hashes: base.block_hashes()?,
            base,
            accounts: HashMap::new(),
            slots: HashMap::new(),
            codes: B256Map::default(),
            leaves: BTreeMap::new(),
        })
    }

    /// The state before the first block.
    pub fn base(&self) -> &StoreView {
        &self.base
    }

    /// The state tree before the first block, with the paths of these keys and of all that the blocks changed: see [`StoreView::tree`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn base_tree(&self, keys: impl IntoIterator<Item = Digest>) -> Result<StateTree> {
        let mut all: BTreeSet<Digest> = self.leaves.keys().copied().collect();
        all.extend(keys);
        self.base.tree(&Vec::from_iter(all))
    }
}

/// Where a chain is after a stored block.
pub(super) fn after(block: &StoredBlock) -> Checkpoint {
    let parent = Parent {
        number: block.number,
        timestamp: block.timestamp,
        block_hash: block.block_hash,
    };
    position(&parent, block.state_root)
}

impl StateReader for Ahead {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        match self.accounts.get(address) {
            Some(account) => Ok(*account),
            None => self.base.account(address),
        }
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        match self.slots.get(&(*address, *slot)) {
            Some(value) => Ok(*value),
            None => self.base.storage(address, slot),
        }
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        match self.codes.get(hash) {
            Some(stored) => Ok(stored.bytecode.clone()),
            None => self.base.code(hash),
        }
    }

    fn is_ordinary(&self) -> bool {
        // Transactions keep it so.
        self.base.is_ordinary()
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        let mut slots = BTreeSet::from_iter(self.base.slots(address)?);
        for ((owner, slot), value) in &self.slots {
            if owner != address {
                continue;
            }
            match value.is_zero() {
                true => slots.remove(slot),
                false => slots.insert(*slot),
            };
        }
        Ok(Vec::from_iter(slots))
    }
}

impl Chain for Ahead {
    fn chain_id(&self) -> u64 {
        self.base.chain_id()
    }

    fn rules(&self) -> Rules {
        self.base.rules()
    }

    fn position(&self) -> Checkpoint {
        self.position
    }

    fn block_hashes(&self) -> BlockHashes {
        self.hashes.clone()
    }

    fn code_commitment(&self, hash: &B256) -> Result<Code> {
        match self.codes.get(hash) {
            Some(stored) => Ok(stored.code),
            None => self.base.code_commitment(hash),
        }
    }

    fn commit(&mut self, changes: &StateChanges, seal: Seal<'_>) -> Result<Checkpoint> {
        // The codes first: they do no harm if the rest fails.
        let codes = stored_codes(&changes.codes, self.base.rules())?.into_iter();
        self.codes
            .extend(codes.map(|stored| (stored.code.keccak, stored)));
        let new = leaf_changes(changes, |hash| self.code_commitment(hash))?;
        let mut leaves = self.leaves.clone();
        leaves.extend(new);
        leaves.extend([block_hash_leaf(&last_hash(&self.position))]);
        let mut tree = self.base.tree(&Vec::from_iter(leaves.keys().copied()))?;
        tree.update_all(leaves.iter().map(|(key, value)| (*key, *value)).collect())?;

        self.leaves = leaves;
        let accounts = changes.accounts.iter();
        self.accounts
            .extend(accounts.map(|change| (change.address, change.after)));
        let slots = changes.storage.iter();
        self.slots
            .extend(slots.map(|change| ((change.address, change.slot), change.after)));
        self.position = seal(tree.root());
        let position = &self.position;
        self.hashes
            .add_block(position.block.number, position.block_hash);
        Ok(self.position)
    }
}
