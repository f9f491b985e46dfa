//! Blocks of signed bytes: decoding, execution in parallel, sealing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use alloy_primitives::{B256, Bytes, Log, U256, keccak256};
use braid_circuits::event::{BlockEnvironment, Checkpoint};
use braid_circuits::shapes;
use braid_text::Rules;
use revm::state::Bytecode;

use super::changed::Changed;
use super::inclusion::block_faults;
use super::machine::{BlockContext, blob_base_fee};
use super::outcome::StateChanges;
use super::parallel::{BlockExecution, Options, Stop, execute_block};
use super::reader::StateReader;
use super::seal::{extend_log_chain, sealed};
use super::system_call::before_transactions;
use crate::block_file::{Block, BlockFile};
use crate::chain::{Chain, MemoryChain};
use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::provable::block_not_provable;
use crate::refusals::Refusals;
use crate::senders::{self, SenderCache};
use crate::transaction::{Refusal, SignedTransaction};

/// How to execute blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings<'a> {
    /// How transactions are executed.
    pub options: Options,
    /// Senders that are known already; those that are found are added.
    pub senders: Option<&'a SenderCache>,
}

/// How long the parts of a block took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Decoding and recovery of senders.
    pub senders: Duration,
    /// Execution, from recovered transactions to final outcomes and changes.
    pub execution: Duration,
    /// State tree, block hash and, with a store, writing.
    pub commit: Duration,
}

/// A block that was executed and sealed.
#[derive(Clone, Debug)]
pub struct ExecutedBlock {
    /// The rules by which it was executed.
    pub rules: Rules,
    /// Its environment.
    pub environment: BlockEnvironment,
    /// Its excess blob gas (EIP-4844).
    pub excess_blob_gas: u64,
    /// Hashes of earlier blocks that it gives.
    pub older_hashes: BTreeMap<u64, B256>,
    /// What happened to the state before its first transaction: the calls of the beacon roots contract (EIP-4788) and the history contract (EIP-2935).
    pub before_transactions: StateChanges,
    /// Why it cannot be proved whatever its transactions are, if it cannot.
    pub not_provable: Option<NotProvable>,
    /// Its transactions.
    pub transactions: Vec<SignedTransaction>,
    /// What they did. The changes are those of the whole block, what happened before the transactions included.
    pub execution: BlockExecution,
    /// The position after it.
    pub end: Checkpoint,
    /// How long it took.
    pub durations: Durations,
}

impl ExecutedBlock {
    /// All bytecode that its transactions can meet beside that of the state before it, in order of hash: what the block left, and delegations (EIP-7702) that it set and replaced.
    pub fn codes(&self) -> Vec<(B256, Bytecode)> {
        let mut codes = self.execution.changes.codes.clone();
        let authorizations = self.transactions.iter().flat_map(|it| &it.authorizations);
        codes.extend(authorizations.map(|authorization| {
            let code = Bytecode::new_eip7702(*authorization.address());
            (code.hash_slow(), code)
        }));
        codes.sort_unstable_by_key(|(hash, _)| *hash);
        codes.dedup_by_key(|(hash, _)| *hash);
        codes
    }

    /// What holds for all its transactions.
    pub fn context(&self, chain_id: u64) -> BlockContext {
        BlockContext {
            chain_id,
            rules: self.rules,
            environment: self.environment,
            excess_blob_gas: self.excess_blob_gas,
        }
    }
}

/// Blocks that were executed.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The chain.
    pub chain_id: u64,
    /// Its rules.
    pub rules: Rules,
    /// Before the first block.
    pub start: Checkpoint,
    /// The blocks in order.
    pub blocks: Vec<ExecutedBlock>,
}

impl Execution {
    /// After the last block.
    pub fn end(&self) -> Checkpoint {
        self.blocks.last().map_or(self.start, |block| block.end)
    }

    /// Transactions in all blocks.
    pub fn transaction_count(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| block.transactions.len())
            .sum()
    }

    /// Gas that all blocks used.
    pub fn gas_used(&self) -> u64 {
        let blocks = self.blocks.iter();
        blocks.fold(0, |sum, block| sum.saturating_add(block.execution.gas_used))
    }
}

/// Executes the blocks of a file on its own state, in memory.
///
/// # Errors
/// See [`execute_on`].
pub fn execute_file(file: &BlockFile, settings: Settings<'_>) -> Result<(Execution, MemoryChain)> {
    file.check()?;
    let mut chain = MemoryChain::new(file)?;
    let execution = execute_on(&mut chain, &file.blocks, settings)?;
    Ok((execution, chain))
}

/// Executes blocks on a chain and commits each.
///
/// # Errors
/// All that is refused of the first block that cannot be executed and of those after it ([`Refusals`]). Blocks before it are committed.
pub fn execute_on(
    chain: &mut impl Chain,
    blocks: &[Block],
    settings: Settings<'_>,
) -> Result<Execution> {
    let mut execution = Execution {
        chain_id: chain.chain_id(),
        rules: chain.rules(),
        start: chain.position(),
        blocks: Vec::with_capacity(blocks.len()),
    };
    for (index, block) in blocks.iter().enumerate() {
        match execute_next(chain, block, settings) {
            Ok(executed) => execution.blocks.push(executed),
            Err(first) => {
                let rest = blocks.get(index..).unwrap_or_default();
                let refusals = Refusals::of(chain, rest, first, settings, shapes::largest())?;
                return Err(refusals.of_execution().0);
            }
        }
    }
    Ok(execution)
}

/// Executes the block after a chain's last one and commits it.
///
/// # Errors
/// The first fault in the order of execution, with its place; the chain stays as it was. [`Refusals::of`] finds the others.
pub fn execute_next(
    chain: &mut impl Chain,
    block: &Block,
    settings: Settings<'_>,
) -> Result<ExecutedBlock> {
    let mut executed = execute_open(chain, block, settings)?;
    let start = Instant::now();
    let outcomes = &executed.execution.transactions;
    for (transaction, outcome) in executed.transactions.iter().zip(outcomes) {
        let receipt = &outcome.receipt;
        let raw = &transaction.raw;
        advance(&mut executed.end, raw, receipt.gas_used, &receipt.logs);
    }
    let open = executed.end;
    executed.end = chain.commit(&executed.execution.changes, &mut |state_root| {
        sealed(&Checkpoint { state_root, ..open })
    })?;
    executed.durations.commit = start.elapsed();
    Ok(executed)
}

/// Executes the block after a chain's last one and leaves the chain as it is. The position after the block is that of one that was opened.
///
/// # Errors
/// As [`execute_next`].
pub(crate) fn execute_open(
    chain: &impl Chain,
    block: &Block,
    settings: Settings<'_>,
) -> Result<ExecutedBlock> {
    let mut environment = block.environment;
    let rules = chain.rules();
    let position = chain.position();
    let mut hashes = chain.block_hashes();
    let parent = (position.block.number, position.block.timestamp);
    if let Some(reason) = block_faults(block, rules, parent, &mut hashes)
        .into_iter()
        .next()
    {
        return Err(Error::InvalidBlock {
            block: environment.number,
            reason,
        });
    }
    let price = blob_base_fee(rules, block.excess_blob_gas);
    let no_price = || Error::Internal("blob gas without a price is no fault".to_owned());
    environment.blob_base_fee = U256::from(price.ok_or_else(no_price)?);
    let not_provable = block_not_provable(block, rules, chain)?;
    let start = Instant::now();
    let (transactions, refused) = prepare(
        &block.transactions,
        chain.chain_id(),
        rules,
        settings.senders,
    );
    let senders = start.elapsed();

    let start = Instant::now();
    let context = BlockContext {
        chain_id: chain.chain_id(),
        rules,
        environment,
        excess_blob_gas: block.excess_blob_gas,
    };
    let root = block.parent_beacon_block_root;
    let before_transactions =
        before_transactions(context, root, position.block_hash, &hashes, chain)?;
    let changed;
    let state: &dyn StateReader = match before_transactions.is_empty() {
        true => chain,
        false => {
            changed = Changed::new(chain, &before_transactions)?;
            &changed
        }
    };
    let refuse = |index: usize, refusal| {
        let raw = block.transactions.get(index).map(Bytes::as_ref);
        refused_at(refusal, environment.number, index, raw.unwrap_or_default())
    };
    let execution = execute_block(context, &hashes, &transactions, state, settings.options);
    let mut execution = execution.map_err(|stop| match stop {
        Stop::Refused { index, refusal } => refuse(index, refusal),
        Stop::Fatal(error) => error,
    })?;
    if let Some(refusal) = refused {
        return Err(refuse(transactions.len(), refusal));
    }
    let changes = core::mem::take(&mut execution.changes);
    execution.changes = before_transactions.clone().followed_by(changes);
    let executed = start.elapsed();
    Ok(ExecutedBlock {
        rules,
        environment,
        excess_blob_gas: block.excess_blob_gas,
        older_hashes: block.older_hashes.clone(),
        before_transactions,
        not_provable,
        transactions,
        execution,
        end: Checkpoint {
            block: environment,
            open: true,
            ..position
        },
        durations: Durations {
            senders,
            execution: executed,
            commit: Duration::ZERO,
        },
    })
}

/// The open block after one more transaction, with these published bytes.
pub fn advance(open: &mut Checkpoint, raw: &[u8], gas_used: u64, logs: &[Log]) {
    open.tx_count += 1;
    open.gas_used += gas_used;
    open.published.absorb(raw);
    for log in logs {
        open.log_chain = extend_log_chain(open.log_chain, log);
    }
}

/// Transactions up to the first that is refused for what it says itself, and why that one is.
fn prepare(
    raw: &[Bytes],
    chain_id: u64,
    rules: Rules,
    cache: Option<&SenderCache>,
) -> (Vec<SignedTransaction>, Option<Refusal>) {
    let mut transactions = Vec::with_capacity(raw.len());
    for prepared in senders::prepare(raw, chain_id, rules, cache) {
        match prepared {
            Ok(transaction) => transactions.push(transaction),
            Err(refusal) => return (transactions, Some(refusal)),
        }
    }
    (transactions, None)
}

/// The error for a transaction that is refused.
pub fn refused_at(refusal: Refusal, block: u64, index: usize, raw: &[u8]) -> Error {
    let place = Place {
        block,
        index,
        hash: keccak256(raw),
    };
    match refusal {
        Refusal::Malformed(what) => Error::MalformedTransaction { place, what },
        Refusal::Invalid(reason) => Error::InvalidTransaction {
            place,
            reason: Box::new(reason),
        },
        Refusal::NotProvable(reason) => {
            Error::NotProvable(vec![Unprovable::transaction(place, reason)])
        }
        Refusal::WouldNotFit(reason) => Error::WouldNotFit { place, reason },
    }
}
