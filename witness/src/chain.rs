//! Where a rollup's blocks are executed on: a state that moves on by a block at a time.

use alloy_primitives::B256;
use braid_circuits::event::{Account, BlockEnvironment, Checkpoint, Code, NumberedHash};
use braid_circuits::state_hash::Digest;
use braid_text::Rules;

use crate::block_file::{AllocAccount, Block, BlockFile, Parent};
use crate::error::Result;
use crate::execution::reader::block_hash_leaf;
use crate::execution::{AccountState, BlockHashes, StateChanges, StateReader};
use crate::state::State;
use crate::tree::StateTree;

/// Makes the checkpoint after a block from the root of the state after it.
pub type Seal<'a> = &'a mut dyn FnMut(Digest) -> Checkpoint;

/// A state with the position of its last sealed block.
pub trait Chain: StateReader {
    /// The chain id.
    fn chain_id(&self) -> u64;

    /// The rules by which its blocks are executed.
    fn rules(&self) -> Rules;

    /// The position: between blocks.
    fn position(&self) -> Checkpoint;

    /// Hashes of earlier blocks, as far as they are known.
    fn block_hashes(&self) -> BlockHashes;

    /// What accounts with this code hash commit to.
    ///
    /// # Errors
    /// When the code is not known or the store cannot be read.
    fn code_commitment(&self, hash: &B256) -> Result<Code>;

    /// Takes over what a block changed, as a whole or not at all; gives the new position. Opening it wrote the hash of the block before it into the state tree.
    ///
    /// # Errors
    /// When the changes do not fit the state or the store cannot be written.
    fn commit(&mut self, changes: &StateChanges, seal: Seal<'_>) -> Result<Checkpoint>;

    /// An account as the state tree commits to it; an empty one is none.
    ///
    /// # Errors
    /// As [`Self::code_commitment`].
    fn committed(&self, account: Option<AccountState>) -> Result<Option<Account>> {
        let Some(account) = account.filter(|account| !account.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Account {
            nonce: account.nonce,
            balance: account.balance,
            code: self.code_commitment(&account.code_hash)?,
        }))
    }
}

/// The position after a sealed block, of which nothing but number, timestamp and hash is left.
pub fn position(parent: &Parent, state_root: Digest) -> Checkpoint {
    Checkpoint {
        state_root,
        block_hash: parent.block_hash,
        block: BlockEnvironment {
            number: parent.number,
            timestamp: parent.timestamp,
            ..BlockEnvironment::default()
        },
        ..Checkpoint::default()
    }
}

/// The last sealed block: what the next one, when it is opened, writes into the state tree.
pub(crate) fn last_hash(position: &Checkpoint) -> NumberedHash {
    NumberedHash {
        number: position.block.number,
        hash: position.block_hash,
    }
}

/// A chain in memory.
#[derive(Clone, Debug)]
pub struct MemoryChain {
    chain_id: u64,
    rules: Rules,
    state: State,
    tree: StateTree,
    position: Checkpoint,
    hashes: BlockHashes,
}

impl MemoryChain {
    /// The chain before the first block of a file.
    ///
    /// # Errors
    /// When the accounts cannot be held.
    pub fn new(file: &BlockFile) -> Result<Self> {
        let state = State::by_rules(&file.alloc, file.rules)?;
        let hashes = BlockHashes::at_start(&file.parent, file.older_hashes());
        let mut leaves = state.leaves();
        leaves.extend(hashes.leaves(file.parent.number));
        let tree = StateTree::build(leaves);
        Ok(Self {
            chain_id: file.chain_id,
            rules: file.rules,
            position: position(&file.parent, tree.root()),
            state,
            tree,
            hashes,
        })
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state tree.
    pub fn tree(&self) -> &StateTree {
        &self.tree
    }

    /// A block file of blocks that follow this position. Its state is this one: the first block gives the hashes that the state has.
    pub fn next_file(&self, mut blocks: Vec<Block>) -> BlockFile {
        if let Some(first) = blocks.first_mut() {
            let hashes = self.hashes.before(self.position.block.number);
            first.older_hashes.extend(hashes);
        }
        let alloc = self.state.accounts().map(|(address, stored)| {
            let account = &stored.account;
            let code = self.state.code(account.code.keccak);
            let account = AllocAccount {
                balance: account.balance,
                nonce: account.nonce,
                code: code
                    .map(|code| code.bytecode.original_bytes())
                    .unwrap_or_default(),
                storage: stored
                    .storage
                    .iter()
                    .map(|(key, value)| (*key, *value))
                    .collect(),
            };
            (*address, account)
        });
        let position = &self.position;
        BlockFile {
            chain_id: self.chain_id,
            rules: self.rules,
            parent: Parent {
                number: position.block.number,
                timestamp: position.block.timestamp,
                block_hash: position.block_hash,
            },
            alloc: alloc.collect(),
            blocks,
        }
    }

    /// The state alone.
    pub fn into_state(self) -> State {
        self.state
    }
}

impl StateReader for MemoryChain {
    fn account(&self, address: &alloy_primitives::Address) -> Result<Option<AccountState>> {
        StateReader::account(&self.state, address)
    }

    fn storage(
        &self,
        address: &alloy_primitives::Address,
        slot: &alloy_primitives::U256,
    ) -> Result<alloy_primitives::U256> {
        self.state.storage(address, slot)
    }

    fn code(&self, hash: &B256) -> Result<revm::state::Bytecode> {
        StateReader::code(&self.state, hash)
    }

    fn expect(&self, accounts: &mut dyn Iterator<Item = alloy_primitives::Address>) {
        self.state.expect(accounts);
    }

    fn is_ordinary(&self) -> bool {
        self.state.is_ordinary()
    }

    fn slots(&self, address: &alloy_primitives::Address) -> Result<Vec<alloy_primitives::U256>> {
        self.state.slots(address)
    }
}

impl Chain for MemoryChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn position(&self) -> Checkpoint {
        self.position
    }

    fn block_hashes(&self) -> BlockHashes {
        self.hashes.clone()
    }

    fn code_commitment(&self, hash: &B256) -> Result<Code> {
        self.state.code_commitment(hash)
    }

    fn commit(&mut self, changes: &StateChanges, seal: Seal<'_>) -> Result<Checkpoint> {
        self.state.apply(changes)?;
        let mut leaves = self.state.leaf_changes(changes)?;
        leaves.push(block_hash_leaf(&last_hash(&self.position)));
        self.tree.update_all(leaves)?;
        self.position = seal(self.tree.root());
        let position = &self.position;
        self.hashes
            .add_block(position.block.number, position.block_hash);
        Ok(self.position)
    }
}
