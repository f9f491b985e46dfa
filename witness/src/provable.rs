//! Blocks whose every transaction can be proved, with what the tables are filled from.

use std::sync::LazyLock;

use alloy_primitives::Address;
use braid_circuits::chunk::ChunkTable;
use braid_circuits::event::{Account, BlockEnvironment, Checkpoint, TransactionEvent};
use braid_circuits::state_hash::account_key;
use braid_circuits::{registry, shapes};

use crate::block_file::{Block, BlockFile};
use crate::chain::{Chain, MemoryChain};
use crate::chunk::demand_of_one;
use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::execution::blocks::{ExecutedBlock as AnyBlock, Settings, execute_next};
use crate::execution::inclusion::is_precompile;
use crate::execution::machine::fee_fits;
use crate::execution::system_call::calls_beacon_roots;
use crate::execution::{AccountStateChange, StateReader, Status};
use crate::refusals::Refusals;
use crate::store::Ahead;
use crate::transaction::SignedTransaction;
use crate::tree::StateTree;

/// An account before and after a transaction; `None` is an account without a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// The account.
    pub address: Address,
    /// Before.
    pub before: Option<Account>,
    /// After.
    pub after: Option<Account>,
}

/// A transaction and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedTransaction {
    /// The transaction.
    pub event: TransactionEvent,
    /// Gas that it used.
    pub gas_used: u64,
    /// Sender, recipient and coinbase, ascending and without repetition, changed or not.
    pub accounts: Vec<AccountChange>,
}

/// A block and what its transactions did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedBlock {
    /// Its environment.
    pub environment: BlockEnvironment,
    /// Its transactions.
    pub transactions: Vec<ExecutedTransaction>,
}

/// All blocks of a file.
#[derive(Clone, Debug)]
pub struct ExecutedBlocks {
    /// The chain.
    pub chain_id: u64,
    /// Before the first block.
    pub start: Checkpoint,
    /// The state tree before the first block, with the paths of all touched accounts at least.
    pub tree: StateTree,
    /// The blocks in order.
    pub blocks: Vec<ExecutedBlock>,
}

impl ExecutedBlocks {
    /// Gas that all blocks used.
    pub fn gas_used(&self) -> u64 {
        let transactions = self.blocks.iter().flat_map(|block| &block.transactions);
        transactions.fold(0, |sum, transaction| {
            sum.saturating_add(transaction.gas_used)
        })
    }

    /// Transactions in all blocks.
    pub fn transaction_count(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| block.transactions.len())
            .sum()
    }
}

/// Executes all blocks of a file, on the current rayon pool, if they can be proved.
///
/// # Errors
/// All that is refused, as far as it is known without executing on a state that no valid block leaves ([`Refusals`]): [`Error::NotProvable`] if all blocks are valid.
pub fn execute(file: &BlockFile) -> Result<ExecutedBlocks> {
    Ok(execute_in_memory(file)?.0)
}

/// [`execute`], with the chain after the last block.
///
/// # Errors
/// As [`execute`].
pub fn execute_in_memory(file: &BlockFile) -> Result<(ExecutedBlocks, MemoryChain)> {
    file.check()?;
    let mut chain = MemoryChain::new(file)?;
    let (start, tree) = (chain.position(), chain.tree().clone());
    let executed = ExecutedBlocks {
        chain_id: file.chain_id,
        start,
        tree,
        blocks: execute_all(&mut chain, &file.blocks)?,
    };
    Ok((executed, chain))
}

/// Executes all blocks of a file on a stored state, as [`execute`] does on the file's own. The store stays as it is.
///
/// # Errors
/// As [`execute`], or when the store cannot be read.
pub fn execute_ahead(mut chain: Ahead, file: &BlockFile) -> Result<ExecutedBlocks> {
    file.check()?;
    let start = chain.position();
    let blocks = execute_all(&mut chain, &file.blocks)?;
    let transactions = blocks.iter().flat_map(|block| &block.transactions);
    let touched = transactions.flat_map(|transaction| &transaction.accounts);
    let touched = touched.map(|account| account_key(account.address));
    Ok(ExecutedBlocks {
        chain_id: chain.chain_id(),
        start,
        tree: chain.base_tree(touched)?,
        blocks,
    })
}

fn execute_all(chain: &mut impl Chain, blocks: &[Block]) -> Result<Vec<ExecutedBlock>> {
    let mut provable = Vec::with_capacity(blocks.len());
    let mut refused = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let executed = match execute_next(chain, block, Settings::default()) {
            Ok(executed) => executed,
            Err(first) => {
                // Nothing is executed from here on; what is known without is said all the same.
                let rest = blocks.get(index..).unwrap_or_default();
                return Err(Refusals::of(chain, rest, first, None)?.of_proving(refused));
            }
        };
        refused.extend(refused_of(&executed));
        if refused.is_empty() {
            provable.push(transfers(chain, &executed)?);
        }
    }
    if refused.is_empty() {
        Ok(provable)
    } else {
        Err(Error::NotProvable(refused))
    }
}

/// What of an executed block cannot be proved: the block whatever its transactions are, and transactions.
pub fn refused_of(executed: &AnyBlock) -> Vec<Unprovable> {
    let block = executed.environment.number;
    let of_block = executed.not_provable.clone();
    let of_block = of_block.map(|reason| Unprovable::block(block, reason));
    let pairs = executed.transactions.iter();
    let pairs = pairs.zip(&executed.execution.transactions).enumerate();
    let refused = pairs.filter_map(|(index, (transaction, outcome))| {
        let reason = not_provable(transaction, !outcome.is_transfer)?;
        let place = Place {
            block,
            index,
            hash: transaction.hash,
        };
        Some(Unprovable::transaction(place, reason))
    });
    of_block.into_iter().chain(refused).collect()
}

/// Why a valid transaction cannot be proved, if it cannot: it must have a recipient, which has no code and is no precompile, and fit into a chunk of the largest
/// shape.
pub fn not_provable(
    transaction: &SignedTransaction,
    recipient_has_code: bool,
) -> Option<NotProvable> {
    if !fee_fits(transaction) {
        return Some(NotProvable::FeeTooLarge);
    }
    match transaction.to {
        None => Some(NotProvable::CreatesContract),
        Some(to) if is_precompile(to) => Some(NotProvable::CallsPrecompile(to)),
        Some(to) if recipient_has_code => Some(NotProvable::RunsCode(to)),
        Some(_) => too_large(transaction),
    }
}

/// Why a transfer fits into no chunk, if it does not.
fn too_large(transaction: &SignedTransaction) -> Option<NotProvable> {
    static TABLES: LazyLock<Vec<Box<dyn ChunkTable>>> = LazyLock::new(registry::tables);
    let largest = shapes::largest();
    let misfit = demand_of_one(&TABLES, &transaction.to_event()?)
        .fits(largest)
        .err()?;
    let shape = largest.name.clone();
    Some(NotProvable::DoesNotFit { shape, misfit })
}

/// Why a valid block cannot be proved whatever its transactions are, if it cannot, in the state before it. Excess blob gas and hashes of earlier blocks are no reason: code alone
/// sees them (BLOBBASEFEE, BLOCKHASH), and a transfer runs none. Nor is a beacon root where nobody is given it.
///
/// # Errors
/// When the state cannot be read.
pub fn block_not_provable(block: &Block, state: &dyn StateReader) -> Result<Option<NotProvable>> {
    let calls = calls_beacon_roots(block.parent_beacon_block_root, state)?;
    Ok(calls.then_some(NotProvable::CallsBeaconRoots))
}

/// As [`not_provable`], in a state.
///
/// # Errors
/// When the state cannot be read.
pub fn not_provable_in(
    transaction: &SignedTransaction,
    state: &dyn StateReader,
) -> Result<Option<NotProvable>> {
    let recipient = match transaction.to {
        Some(to) => state.account(&to)?,
        None => None,
    };
    let has_code = recipient.is_some_and(|account| account.has_code());
    Ok(not_provable(transaction, has_code))
}

/// A block of which every transaction is a transfer, as the tables see it.
fn transfers(chain: &impl Chain, executed: &AnyBlock) -> Result<ExecutedBlock> {
    let execution = &executed.execution;
    let coinbase = executed.environment.coinbase;
    let mut coinbase_before = execution.coinbase_before;
    let mut transactions = Vec::with_capacity(executed.transactions.len());
    let outcomes = execution
        .transactions
        .iter()
        .zip(execution.coinbase_after_each()?);
    for (transaction, (outcome, coinbase_after)) in executed.transactions.iter().zip(outcomes) {
        let access = outcome.access()?;
        let ran_code = outcome.receipt.status != Status::Success
            || !outcome.receipt.logs.is_empty()
            || !access.storage.is_empty();
        let event = transaction.to_event().filter(|_| !ran_code);
        let event = event.ok_or_else(|| internal("a transfer did what only code can do"))?;
        let mut changes = access.accounts.clone();
        changes.retain(|change| change.address != coinbase);
        changes.push(AccountStateChange {
            address: coinbase,
            before: coinbase_before,
            after: coinbase_after,
        });
        coinbase_before = coinbase_after;
        changes.sort_unstable_by_key(|change| change.address);
        if changes
            .iter()
            .any(|change| ![event.sender, event.to, coinbase].contains(&change.address))
        {
            return Err(internal(
                "a transfer changed an account that is not its own",
            ));
        }
        let accounts = changes.into_iter().map(|change| {
            Ok(AccountChange {
                address: change.address,
                before: chain.committed(change.before)?,
                after: chain.committed(change.after)?,
            })
        });
        transactions.push(ExecutedTransaction {
            event,
            gas_used: outcome.receipt.gas_used,
            accounts: accounts.collect::<Result<_>>()?,
        });
    }
    Ok(ExecutedBlock {
        environment: executed.environment,
        transactions,
    })
}

fn internal(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
