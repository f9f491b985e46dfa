//! Execution of blocks, one transaction after the other, with revm as the reference (Cancun).
//!
//! Every rule of inclusion is checked here first, with an error that names it; then revm executes the transaction and has the last word.
//! A transaction that would run code, create a contract or call a precompile is refused before revm sees it.

use alloy_primitives::{Address, B256, Bytes, Log, U256, keccak256};
use braid_circuits::event::{
    Account, BlockEnvironment, Checkpoint, TransactionKind, TransferEvent,
};
use rayon::prelude::*;
use revm::context::result::{EVMError, ExecutionResult};
use revm::context::{BlockEnv, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::primitives::{TxKind, eip4844, hardfork::SpecId};
use revm::state::EvmState;
use revm::{Context, ExecuteEvm, MainBuilder, MainContext};

use crate::block_file::{Block, BlockFile};
use crate::error::{BlockFault, Error, NotProvable, Place, Result, TransactionFault};
use crate::state::{State, View};
use crate::transaction::{Refusal, SignedTransaction};
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
    pub event: TransferEvent,
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
    /// The state tree before the first block.
    pub tree: StateTree,
    /// The blocks in order.
    pub blocks: Vec<ExecutedBlock>,
    /// The state after the last block.
    pub state: State,
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

/// The addresses of Cancun's precompiled contracts: 0x01 to 0x0a.
pub fn is_precompile(address: Address) -> bool {
    let (last, rest) = match address.as_slice().split_last() {
        Some((last, rest)) => (*last, rest),
        None => return false,
    };
    rest.iter().all(|byte| *byte == 0) && (1..=10).contains(&last)
}

/// Executes all blocks of a file.
pub fn execute(file: &BlockFile) -> Result<ExecutedBlocks> {
    file.check()?;
    let mut state = State::new(&file.alloc)?;
    let tree = state.tree();
    let mut previous = (file.parent.number, file.parent.timestamp);
    let mut blocks = Vec::with_capacity(file.blocks.len());
    for block in &file.blocks {
        check_environment(&block.environment, previous)?;
        previous = (block.environment.number, block.environment.timestamp);
        blocks.push(execute_block(file.chain_id, block, &mut state)?);
    }
    Ok(ExecutedBlocks {
        chain_id: file.chain_id,
        start: Checkpoint {
            state_root: tree.root(),
            block_hash: file.parent.block_hash,
            block: BlockEnvironment {
                number: file.parent.number,
                timestamp: file.parent.timestamp,
                ..BlockEnvironment::default()
            },
            ..Checkpoint::default()
        },
        tree,
        blocks,
        state,
    })
}

fn check_environment(
    environment: &BlockEnvironment,
    (parent_number, parent_timestamp): (u64, u64),
) -> Result<()> {
    let fault = |reason| Error::InvalidBlock {
        block: environment.number,
        reason,
    };
    let expected = parent_number
        .checked_add(1)
        .ok_or_else(|| fault(BlockFault::NumberOverflow))?;
    if environment.number != expected {
        return Err(fault(BlockFault::Number { expected }));
    }
    if environment.timestamp < parent_timestamp {
        return Err(fault(BlockFault::Timestamp {
            timestamp: environment.timestamp,
            parent: parent_timestamp,
        }));
    }
    if environment.gas_limit == 0 {
        return Err(fault(BlockFault::ZeroGasLimit));
    }
    Ok(())
}

fn execute_block(chain_id: u64, block: &Block, state: &mut State) -> Result<ExecutedBlock> {
    let environment = block.environment;
    let decoded: Vec<_> = block
        .transactions
        .par_iter()
        .map(|raw| SignedTransaction::decode(raw.clone(), chain_id))
        .collect();
    let mut transactions = Vec::with_capacity(decoded.len());
    let mut gas_used = 0;
    for (index, (decoded, raw)) in decoded.into_iter().zip(&block.transactions).enumerate() {
        let refuse = |refusal| refused(refusal, environment.number, index, raw);
        let transaction = decoded.map_err(refuse)?;
        check_inclusion(&transaction, &environment, gas_used, state).map_err(refuse)?;
        check_provable(&transaction, state).map_err(refuse)?;
        let executed =
            execute_transfer(chain_id, &environment, &transaction, state).map_err(|fault| {
                match fault {
                    Fault::Refused(fault) => refuse(fault.into()),
                    Fault::Internal(error) => error,
                }
            })?;
        gas_used += executed.gas_used;
        transactions.push(executed);
    }
    Ok(ExecutedBlock {
        environment,
        transactions,
    })
}

fn refused(refusal: Refusal, block: u64, index: usize, raw: &Bytes) -> Error {
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
        Refusal::NotProvable(reason) => Error::NotProvable { place, reason },
    }
}

/// Every rule of inclusion (Cancun), for a transaction that comes after `gas_used` gas of its block.
pub fn check_inclusion(
    transaction: &SignedTransaction,
    environment: &BlockEnvironment,
    gas_used: u64,
    state: &State,
) -> core::result::Result<(), Refusal> {
    let needed = transaction.check_static()?;
    let available = environment.gas_limit.saturating_sub(gas_used);
    if transaction.gas_limit > available {
        return Err(TransactionFault::BlockGas {
            gas_limit: transaction.gas_limit,
            available,
        }
        .into());
    }
    if transaction.max_fee < environment.base_fee {
        return Err(TransactionFault::FeeBelowBaseFee {
            cap: transaction.max_fee,
            base_fee: environment.base_fee,
        }
        .into());
    }
    let sender = state.account(transaction.sender).unwrap_or(Account::EMPTY);
    if sender.code.size != 0 {
        return Err(TransactionFault::SenderHasCode(transaction.sender).into());
    }
    let (found, expected) = (transaction.nonce, sender.nonce);
    if found < expected {
        return Err(TransactionFault::NonceTooLow { found, expected }.into());
    }
    if found > expected {
        return Err(TransactionFault::NonceTooHigh { found, expected }.into());
    }
    if sender.balance < needed {
        return Err(TransactionFault::Balance {
            sender: transaction.sender,
            balance: sender.balance,
            needed,
        }
        .into());
    }
    Ok(())
}

/// Whether a valid transaction runs no code: it has a recipient, which has no code and is no precompile.
pub fn check_provable(
    transaction: &SignedTransaction,
    state: &State,
) -> core::result::Result<(), Refusal> {
    let refuse = |reason| Err(Refusal::NotProvable(reason));
    let Some(to) = transaction.to else {
        return refuse(NotProvable::CreatesContract);
    };
    if is_precompile(to) {
        return refuse(NotProvable::CallsPrecompile(to));
    }
    if state
        .account(to)
        .is_some_and(|account| account.code.size != 0)
    {
        return refuse(NotProvable::RunsCode(to));
    }
    if u128::try_from(transaction.max_fee).is_err() {
        return refuse(NotProvable::FeeTooLarge);
    }
    Ok(())
}

/// Why revm does not execute a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Refused(TransactionFault),
    Internal(Error),
}

/// A transaction as revm takes it; fees of 2^128 and above are cut off.
pub(crate) fn transaction_environment(transaction: &SignedTransaction, chain_id: u64) -> TxEnv {
    let fee = |fee: U256| u128::try_from(fee).unwrap_or(u128::MAX);
    let (tx_type, chain_id) = match transaction.kind {
        TransactionKind::Legacy { protected } => (0, protected.then_some(chain_id)),
        TransactionKind::AccessList => (1, Some(chain_id)),
        TransactionKind::DynamicFee => (2, Some(chain_id)),
    };
    TxEnv {
        tx_type,
        caller: transaction.sender,
        gas_limit: transaction.gas_limit,
        gas_price: fee(transaction.max_fee),
        kind: transaction.to.map_or(TxKind::Create, TxKind::Call),
        value: transaction.value,
        data: transaction.data.clone(),
        nonce: transaction.nonce,
        chain_id,
        access_list: transaction.access_list.clone(),
        gas_priority_fee: (tx_type == 2).then(|| fee(transaction.max_priority_fee)),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: Vec::new(),
    }
}

/// What revm says about one transaction in a state.
#[derive(Clone, Debug)]
pub(crate) struct RevmOutcome {
    pub(crate) gas_used: u64,
    pub(crate) success: bool,
    pub(crate) logs: Vec<Log>,
    pub(crate) changes: EvmState,
}

/// Executes one transaction of any kind with revm, without changing `state`.
pub(crate) fn run_revm(
    chain_id: u64,
    environment: &BlockEnvironment,
    excess_blob_gas: u64,
    transaction: TxEnv,
    state: &State,
) -> core::result::Result<RevmOutcome, Fault> {
    let internal = |what: String| Fault::Internal(Error::Internal(what));
    let block = BlockEnv {
        number: U256::from(environment.number),
        beneficiary: environment.coinbase,
        timestamp: U256::from(environment.timestamp),
        gas_limit: environment.gas_limit,
        basefee: u64::try_from(environment.base_fee)
            .map_err(|_| internal("base fee of 2^64 or above".to_owned()))?,
        difficulty: U256::ZERO,
        prevrandao: Some(environment.prev_randao),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(
            excess_blob_gas,
            eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_CANCUN,
        )),
        slot_num: 0,
    };
    let mut evm = Context::mainnet()
        .with_db(View(state))
        .with_block(block)
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::CANCUN);
            cfg.chain_id = chain_id;
            cfg.tx_chain_id_check = true;
            cfg.max_blobs_per_tx = Some(eip4844::MAX_BLOB_NUMBER_PER_BLOCK_CANCUN);
        })
        .build_mainnet();
    let outcome = evm.transact(transaction).map_err(|error| match error {
        EVMError::Transaction(reason) => {
            Fault::Refused(TransactionFault::Reference(reason.to_string()))
        }
        other => internal(format!("revm: {other}")),
    })?;
    let success = outcome.result.is_success();
    let gas_used = outcome.result.tx_gas_used();
    let logs = match outcome.result {
        ExecutionResult::Success { logs, .. } => logs,
        // Logs of what is rolled back do not survive.
        _ => Vec::new(),
    };
    Ok(RevmOutcome {
        gas_used,
        success,
        logs,
        changes: outcome.state,
    })
}

fn execute_transfer(
    chain_id: u64,
    environment: &BlockEnvironment,
    transaction: &SignedTransaction,
    state: &mut State,
) -> core::result::Result<ExecutedTransaction, Fault> {
    let internal = |what: &str| Fault::Internal(Error::Internal(what.to_owned()));
    let event = transaction
        .to_event()
        .ok_or_else(|| internal("a transfer without a recipient"))?;
    let input = transaction_environment(transaction, chain_id);
    let outcome = run_revm(chain_id, environment, 0, input, state)?;
    if !outcome.success || !outcome.logs.is_empty() {
        return Err(internal(
            "revm ran code in a transaction that has none to run",
        ));
    }
    let mut touched = vec![event.sender, event.to, environment.coinbase];
    touched.sort_unstable();
    touched.dedup();
    let changes = outcome
        .changes
        .iter()
        .filter(|(_, change)| change.is_touched());
    if changes
        .map(|(address, _)| address)
        .any(|address| !touched.contains(address))
    {
        return Err(internal("revm touched an account that no transfer touches"));
    }
    let mut accounts: Vec<_> = touched
        .into_iter()
        .map(|address| AccountChange {
            address,
            before: state.account(address),
            after: None,
        })
        .collect();
    state.commit(outcome.changes).map_err(Fault::Internal)?;
    for change in &mut accounts {
        change.after = state.account(change.address);
    }
    Ok(ExecutedTransaction {
        event,
        gas_used: outcome.gas_used,
        accounts,
    })
}

/// `tx_chain' = keccak256(tx_chain || hash)`.
pub(crate) fn extend_chain(chain: B256, hash: B256) -> B256 {
    keccak256([chain.0, hash.0].concat())
}

/// Hash of a sealed block: Keccak-256 over eleven words of 32 bytes.
pub fn block_hash(open: &Checkpoint) -> B256 {
    let environment = &open.block;
    let word = |number: u64| B256::from(U256::from(number));
    let mut root = B256::ZERO;
    for (bytes, element) in root.0.chunks_exact_mut(8).zip(open.state_root) {
        bytes.copy_from_slice(&element.to_be_bytes());
    }
    let words = [
        open.block_hash,
        word(environment.number),
        word(environment.timestamp),
        environment.coinbase.into_word(),
        word(environment.gas_limit),
        B256::from(environment.base_fee),
        environment.prev_randao,
        open.tx_chain,
        open.log_chain,
        word(open.gas_used),
        root,
    ];
    keccak256(words.concat())
}
