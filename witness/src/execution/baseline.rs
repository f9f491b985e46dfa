//! Sequential execution with revm as it comes, but for the rule that it lacks ([`StorageOwners`]), to compare with: one machine, one transaction after the other, nothing kept but the
//! results.
//!
//! The journal collects all changes of the block and gives them up at the end, which is the fastest way found to run a block with revm on one core; revm's own
//! `CacheDB` in place of our reader is not faster. Senders and
//! inclusion are checked by revm alone, which knows neither the block's gas nor whether fees fit.

use alloy_primitives::{Address, B256, U256};
use revm::Database;
use revm::context::TxEnv;
use revm::context::result::{EVMError, ExecutionResult};
use revm::state::{AccountInfo, Bytecode, EvmState};

use super::machine::{BlockContext, Evm, StorageOwners, context};
use super::reader::{BlockHashes, StateReader};
use crate::error::{Error, NotProvable, Unprovable};

/// A state that revm reads directly.
#[derive(Clone, Copy, Debug)]
pub struct ReaderDatabase<'a, S: ?Sized> {
    state: &'a S,
    hashes: &'a BlockHashes,
    block: u64,
}

impl<'a, S: StateReader + ?Sized> ReaderDatabase<'a, S> {
    /// The state before a block, given by its number, and the hashes of blocks before it.
    pub fn new(state: &'a S, hashes: &'a BlockHashes, block: u64) -> Self {
        Self {
            state,
            hashes,
            block,
        }
    }
}

/// The reader's error, as revm wants it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct ReadFault(#[from] pub Error);

impl revm::database_interface::DBErrorMarker for ReadFault {}

impl<S: StateReader + ?Sized> Database for ReaderDatabase<'_, S> {
    type Error = ReadFault;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, ReadFault> {
        let account = self.state.account(&address)?;
        Ok(account.map(|account| {
            AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: account.code_hash,
                ..AccountInfo::default()
            }
            .without_code()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, ReadFault> {
        Ok(self.state.code(&hash)?)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, ReadFault> {
        Ok(self.state.storage(&address, &slot)?)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, ReadFault> {
        let block = self.block;
        let unknown = || {
            let reason = NotProvable::UnknownBlockHash { number, block };
            Error::NotProvable(vec![Unprovable::block(block, reason)])
        };
        Ok(self.hashes.get(number).ok_or_else(unknown)?)
    }
}

impl<S: StateReader + ?Sized> StorageOwners for ReaderDatabase<'_, S> {
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, ReadFault> {
        Ok(self.state.first_slot(&address)?)
    }
}

/// What sequential execution leaves.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// What each transaction returned.
    pub results: Vec<ExecutionResult>,
    /// Every account that was loaded, as it is at the end, with the coinbase's reward.
    pub state: EvmState,
}

impl Baseline {
    /// Gas that all transactions used, after refunds.
    pub fn gas_used(&self) -> u64 {
        self.results.iter().map(ExecutionResult::tx_gas_used).sum()
    }
}

/// Runs a block's transactions one after the other.
///
/// # Errors
/// The reader's, or why revm refuses a transaction.
pub fn run_sequentially<S: StateReader + ?Sized>(
    block: BlockContext,
    hashes: &BlockHashes,
    state: &S,
    transactions: Vec<TxEnv>,
) -> Result<Baseline, EVMError<ReadFault>> {
    let database = ReaderDatabase::new(state, hashes, block.environment.number);
    let mut evm = Evm::new(context(block, database));
    // Most transactions load two accounts that none before them did: growing step by step would cost 5 % of a block of transfers.
    let accounts = &mut evm.ctx.journaled_state.inner.state;
    accounts.reserve(2 * transactions.len());
    let mut results = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        results.push(evm.transact_one(transaction)?);
    }
    Ok(Baseline {
        results,
        state: evm.finalize(),
    })
}
