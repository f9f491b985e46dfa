//! Blocks whose every transaction can be proved, with what the tables are filled from.

mod delegations;
mod performed;
mod run;
mod scope;

use std::collections::BTreeMap;

use alloy_primitives::{Address, Log, U256};
use braid_circuits::event::{Account, BlockEnvironment, Checkpoint, TransactionEvent};
use braid_circuits::shapes;
use braid_circuits::shapes::Largest;
use braid_circuits::state_hash::{account_key, block_hash_key, storage_key};
use braid_text::Rules;

use crate::block_file::{Block, BlockFile};
use crate::chain::{Chain, MemoryChain};
use crate::chunk::demand_of_one;
use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::execution::blocks::{ExecutedBlock as AnyBlock, Settings, execute_next, execute_open};
use crate::execution::changed::Changed;
use crate::execution::inclusion::is_precompile;
use crate::execution::machine::fee_fits;
use crate::execution::system_call::{calls_beacon_roots, calls_history};
use crate::execution::{BlockHashes, SlotChange, StateReader};
use crate::refusals::Refusals;
use crate::store::Ahead;
use crate::transaction::SignedTransaction;
use crate::tree::StateTree;

use delegations::{Delegations, is_delegation};
use performed::performed;
use run::{Touching, runs};

pub use run::Run;
pub use scope::GAS_LIMIT_BOUND;

pub(crate) use run::{TABLES, contradiction};
pub(crate) use scope::{opcode_name, precompile_address};

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
    /// Its surviving logs.
    pub logs: Vec<Log>,
    /// Every account that it touches, changed or not, ascending: sender, recipient and coinbase, and those that the code accesses.
    pub accounts: Vec<AccountChange>,
    /// Every slot that it accesses, changed or not, ascending.
    pub slots: Vec<SlotChange>,
    /// Every number that it asks a block hash of, ascending.
    pub block_hashes: Vec<U256>,
    /// What its code did, if its recipient has code.
    pub run: Option<Run>,
}

/// A block and what its transactions did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedBlock {
    /// Its environment.
    pub environment: BlockEnvironment,
    /// Its transactions.
    pub transactions: Vec<ExecutedTransaction>,
    /// The position after it.
    pub end: Checkpoint,
}

/// All blocks of a file.
#[derive(Clone, Debug)]
pub struct ExecutedBlocks {
    /// The chain.
    pub chain_id: u64,
    /// Its rules.
    pub rules: Rules,
    /// Before the first block.
    pub start: Checkpoint,
    /// The state tree before the first block, with the paths of all touched accounts, slots and block hashes at least.
    pub tree: StateTree,
    /// The block hashes that it has, and that of the block before the first one.
    pub block_hashes: BlockHashes,
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

/// Executes all blocks of a file, on the current rayon pool, if they can be proved in chunks of the largest shape.
///
/// # Errors
/// All that is refused, as far as it is known without executing on a state that no valid block leaves ([`Refusals`]): [`Error::NotProvable`] if all blocks are valid.
pub fn execute(file: &BlockFile) -> Result<ExecutedBlocks> {
    execute_for(file, shapes::largest())
}

/// [`execute`], where the largest shape is another one.
///
/// # Errors
/// As [`execute`].
pub fn execute_for<'a>(
    file: &BlockFile,
    largest: impl Into<Largest<'a>>,
) -> Result<ExecutedBlocks> {
    Ok(in_memory(file, largest.into(), Settings::default())?.0)
}

/// [`execute`], with other settings, which keep accesses.
///
/// # Errors
/// As [`execute`].
pub fn execute_with(file: &BlockFile, settings: Settings<'_>) -> Result<ExecutedBlocks> {
    Ok(in_memory(file, shapes::largest(), settings)?.0)
}

/// [`execute`], with the chain after the last block.
///
/// # Errors
/// As [`execute`].
pub fn execute_in_memory(file: &BlockFile) -> Result<(ExecutedBlocks, MemoryChain)> {
    in_memory(file, shapes::largest(), Settings::default())
}

fn in_memory(
    file: &BlockFile,
    largest: Largest<'_>,
    settings: Settings<'_>,
) -> Result<(ExecutedBlocks, MemoryChain)> {
    file.check()?;
    let mut chain = MemoryChain::new(file)?;
    let (start, tree) = (chain.position(), chain.tree().clone());
    let block_hashes = chain.block_hashes();
    let executed = ExecutedBlocks {
        chain_id: file.chain_id,
        rules: file.rules,
        start,
        tree,
        block_hashes,
        blocks: execute_all(&mut chain, &file.blocks, largest, settings)?,
    };
    Ok((executed, chain))
}

/// Executes all blocks of a file on a stored state, as [`execute`] does on the file's own. The store stays as it is.
///
/// # Errors
/// As [`execute`]; [`StoreError::OtherRules`](crate::error::StoreError::OtherRules) if the file's rules are not the store's; or when the store cannot be read.
pub fn execute_ahead(chain: Ahead, file: &BlockFile) -> Result<ExecutedBlocks> {
    execute_ahead_for(chain, file, shapes::largest(), Settings::default())
}

/// [`execute_ahead`], where the largest shape and the settings, which keep accesses, are others.
///
/// # Errors
/// As [`execute_ahead`].
pub fn execute_ahead_for(
    mut chain: Ahead,
    file: &BlockFile,
    largest: Largest<'_>,
    settings: Settings<'_>,
) -> Result<ExecutedBlocks> {
    file.check()?;
    chain.base().must_have_rules(file.rules)?;
    let (start, block_hashes) = (chain.position(), chain.block_hashes());
    let blocks = execute_all(&mut chain, &file.blocks, largest, settings)?;
    let transactions = blocks.iter().flat_map(|block| &block.transactions);
    let touched = transactions.flat_map(|transaction| {
        let accounts = transaction.accounts.iter();
        let accounts = accounts.map(|account| account_key(account.address));
        let slots = transaction.slots.iter();
        let slots = slots.map(|slot| storage_key(slot.address, slot.slot));
        let asked = transaction.block_hashes.iter();
        let asked = asked.map(|number| block_hash_key(number.as_limbs()[0]));
        accounts.chain(slots).chain(asked)
    });
    Ok(ExecutedBlocks {
        chain_id: chain.chain_id(),
        rules: chain.rules(),
        start,
        tree: chain.base_tree(touched)?,
        block_hashes,
        blocks,
    })
}

fn execute_all(
    chain: &mut impl Chain,
    blocks: &[Block],
    largest: Largest<'_>,
    settings: Settings<'_>,
) -> Result<Vec<ExecutedBlock>> {
    let mut provable = Vec::with_capacity(blocks.len());
    let mut refused = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let executed = match execute_next(chain, block, settings) {
            Ok(executed) => executed,
            Err(first) => {
                // Nothing is committed from here on; what is known without is said all the same.
                let rest = blocks.get(index..).unwrap_or_default();
                return Err(
                    Refusals::of(chain, rest, first, settings, largest)?.of_proving(refused)
                );
            }
        };
        let judged = judge(chain.chain_id(), chain, &executed, largest)?;
        if judged.untraced > 0 {
            return Err(internal("a block was executed for its receipts alone"));
        }
        refused.extend(judged.refused);
        if refused.is_empty() {
            provable.push(performed(chain, &executed, judged.runs)?);
        }
    }
    if refused.is_empty() {
        Ok(provable)
    } else {
        Err(Error::NotProvable(refused))
    }
}

/// What is known of an executed block.
struct Judged {
    refused: Vec<Unprovable>,
    /// Those that run code and are not refused, by their places.
    runs: BTreeMap<usize, Touching>,
    /// See [`Provability::untraced`].
    untraced: usize,
}

/// What of an executed block can be proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provability {
    /// What cannot: the block whatever its transactions are, and transactions.
    pub refused: Vec<Unprovable>,
    /// Transactions that run code and may be provable. It takes their traces to know, and so an execution with [`Detail::Accesses`](crate::execution::Detail::Accesses), which
    /// this one was not; 0 otherwise.
    pub untraced: usize,
}

/// What of an executed block can be proved; `state` is the one after it.
///
/// # Errors
/// When the state cannot be read.
pub fn provability(
    chain_id: u64,
    state: &dyn StateReader,
    executed: &AnyBlock,
) -> Result<Provability> {
    let judged = judge(chain_id, state, executed, shapes::largest())?;
    Ok(Provability {
        refused: judged.refused,
        untraced: judged.untraced,
    })
}

/// What of the first `count` transactions of the block after a chain's last one cannot be proved, where the one behind them is refused. They are executed, and the chain stays as it is.
///
/// # Errors
/// When they cannot be executed, or the state cannot be read.
pub(crate) fn refused_of_first(
    chain: &impl Chain,
    block: &Block,
    count: usize,
    settings: Settings<'_>,
    largest: Largest<'_>,
) -> Result<Provability> {
    let mut first = block.clone();
    first.transactions.truncate(count);
    let executed = execute_open(chain, &first, settings)?;
    let state = Changed::new(chain, &executed.execution.changes)?;
    let judged = judge(chain.chain_id(), &state, &executed, largest)?;
    Ok(Provability {
        refused: judged.refused,
        untraced: judged.untraced,
    })
}

fn judge(
    chain_id: u64,
    state: &dyn StateReader,
    executed: &AnyBlock,
    largest: Largest<'_>,
) -> Result<Judged> {
    let block = executed.environment.number;
    let of_block = executed.not_provable.clone();
    let of_block = of_block.map(|reason| Unprovable::block(block, reason));
    let delegations = Delegations::new(state, executed);
    let (mut refused, mut running) = (BTreeMap::new(), Vec::new());
    let pairs = executed.transactions.iter();
    let pairs = pairs.zip(&executed.execution.transactions).enumerate();
    for (index, (transaction, outcome)) in pairs {
        let parties = Parties {
            recipient_has_code: !outcome.is_transfer,
            delegation: delegations.of_party(transaction, outcome)?,
        };
        match not_provable(transaction, executed.rules, parties, largest) {
            Some(reason) => {
                refused.insert(index, reason);
            }
            None if outcome.is_transfer => {}
            None => running.push(index),
        }
    }
    let outcomes = &executed.execution.transactions;
    let is_traced = |index: &usize| outcomes.get(*index).is_some_and(|it| it.access.is_some());
    let mut judged = Judged {
        refused: Vec::from_iter(of_block),
        runs: BTreeMap::new(),
        untraced: 0,
    };
    if running.iter().all(is_traced) {
        for (index, run) in runs(chain_id, state, executed, &running, largest)? {
            match run {
                Ok(run) => {
                    judged.runs.insert(index, run);
                }
                Err(reason) => {
                    refused.insert(index, reason);
                }
            }
        }
    } else {
        judged.untraced = running.len();
    }
    let named = refused.into_iter().filter_map(|(index, reason)| {
        let hash = executed.transactions.get(index)?.hash;
        let place = Place { block, index, hash };
        Some(Unprovable::transaction(place, reason))
    });
    judged.refused.extend(named);
    Ok(judged)
}

/// What must be known of a transaction's sender and recipient to say whether it can be proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// Whether the recipient has code.
    pub recipient_has_code: bool,
    /// Which of the two has a delegation (EIP-7702), if one has.
    pub delegation: Option<Address>,
}

/// Why a valid transaction cannot be proved whatever code does, if it cannot: it must set no code, neither its sender nor its recipient may have a delegation, it must have a recipient, which is no precompile, and a gas limit that tables count, and fit into a chunk of the
/// largest shape if it runs no code. Of one that runs code its trace tells the rest.
pub fn not_provable(
    transaction: &SignedTransaction,
    rules: Rules,
    parties: Parties,
    largest: Largest<'_>,
) -> Option<NotProvable> {
    let Parties {
        recipient_has_code,
        delegation,
    } = parties;
    if !fee_fits(transaction) {
        return Some(NotProvable::FeeTooLarge);
    }
    let gas = transaction.gas_limit;
    if transaction.kind.of_tables().is_none() {
        return Some(NotProvable::SetsCode);
    }
    if let Some(account) = delegation {
        return Some(NotProvable::Delegation(account));
    }
    match transaction.to {
        None => Some(NotProvable::CreatesContract),
        _ if gas >= GAS_LIMIT_BOUND => Some(NotProvable::GasLimit(gas)),
        Some(to) if is_precompile(to, rules) => Some(NotProvable::CallsPrecompile(to)),
        Some(to) if recipient_has_code && !largest.runs_code() => Some(NotProvable::RunsCode(to)),
        Some(_) if recipient_has_code => None,
        Some(_) => too_large(transaction, largest),
    }
}

/// Why a transfer fits into no chunk, if it does not.
fn too_large(transaction: &SignedTransaction, largest: Largest<'_>) -> Option<NotProvable> {
    let misfit = demand_of_one(&TABLES, &transaction.to_event()?)
        .fits(largest.transfers)
        .err()?;
    let shape = largest.transfers.name.clone();
    Some(NotProvable::DoesNotFit { shape, misfit })
}

/// Why a valid block cannot be proved whatever its transactions are, if it cannot, in the state before it. Excess blob gas and hashes of earlier blocks are no reason: code alone
/// sees them (BLOBBASEFEE, BLOCKHASH), and a transfer runs none. Nor is a beacon root where nobody is given it.
///
/// # Errors
/// When the state cannot be read.
pub fn block_not_provable(
    block: &Block,
    rules: Rules,
    state: &dyn StateReader,
) -> Result<Option<NotProvable>> {
    if calls_beacon_roots(block.parent_beacon_block_root, state)? {
        return Ok(Some(NotProvable::CallsBeaconRoots));
    }
    let calls = calls_history(rules, state)?;
    Ok(calls.then_some(NotProvable::CallsHistory))
}

/// As [`not_provable`], in a state.
///
/// # Errors
/// When the state cannot be read.
pub fn not_provable_in(
    transaction: &SignedTransaction,
    rules: Rules,
    state: &dyn StateReader,
    largest: Largest<'_>,
) -> Result<Option<NotProvable>> {
    let recipient = match transaction.to {
        Some(to) => state.account(&to)?,
        None => None,
    };
    let mut parties = Parties {
        recipient_has_code: recipient.is_some_and(|account| account.has_code()),
        delegation: None,
    };
    for address in [Some(transaction.sender), transaction.to]
        .into_iter()
        .flatten()
    {
        let account = state.account(&address)?;
        if is_delegation(state, account.map(|account| account.code_hash))? {
            parties.delegation = Some(address);
            break;
        }
    }
    Ok(not_provable(transaction, rules, parties, largest))
}

fn internal(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
