//! A store as the state that blocks are executed on.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::{Checkpoint, Code};
use braid_text::Rules;
use revm::state::Bytecode;

use super::ahead::after;
use super::{AppliedBlock, Store};
use crate::chain::{Chain, Seal};
use crate::error::Result;
use crate::execution::{AccountState, BlockHashes, StateChanges, StateReader};

impl StateReader for Store {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        self.view.account(address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        self.view.storage(address, slot)
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        self.view.code(hash)
    }

    fn is_ordinary(&self) -> bool {
        self.view.is_ordinary()
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        self.view.slots(address)
    }
}

impl Chain for Store {
    fn chain_id(&self) -> u64 {
        self.view.chain_id()
    }

    fn rules(&self) -> Rules {
        self.view.rules()
    }

    fn position(&self) -> Checkpoint {
        after(self.head())
    }

    fn block_hashes(&self) -> BlockHashes {
        self.hashes.clone()
    }

    fn code_commitment(&self, hash: &B256) -> Result<Code> {
        self.view.code_commitment(hash)
    }

    fn commit(&mut self, changes: &StateChanges, seal: Seal<'_>) -> Result<Checkpoint> {
        let prepared = self.prepare(changes)?;
        let sealed = seal(prepared.state_root());
        let block = AppliedBlock {
            number: sealed.block.number,
            timestamp: sealed.block.timestamp,
            block_hash: sealed.block_hash,
        };
        Self::commit(self, &block, &prepared)?;
        Ok(self.position())
    }
}
