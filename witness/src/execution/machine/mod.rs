//! revm as this rollup uses it: by the chain's rules, one transaction at a time, the coinbase's tip kept apart.
//!
//! revm adds the tip to the coinbase's balance at the end of each transaction, which would make every transaction of a block depend on the one before it.
//! Nothing in a transaction sees its own tip, so that it can be added later: [`tip`] says how much it is.

mod blob_fee;
mod evm;
mod hashes;
mod held;
mod interpreter;
mod rooms;
mod sent;
mod succession;

use std::marker::PhantomData;

use alloy_primitives::{Address, U256};
use braid_circuits::event::BlockEnvironment;
use braid_text::Rules;
use revm::Database;
use revm::context::result::{EVMError, ExecutionResult, HaltReason};
use revm::context::{BlockEnv, ContextSetters, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::context_interface::either::Either;
use revm::handler::{FrameResult, Handler, MainnetContext};
use revm::inspector::{Inspector, InspectorHandler};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::primitives::{TxKind, hardfork::SpecId};
use revm::state::{Account, EvmState};

use blob_fee::max_blobs;
pub use blob_fee::{blob_base_fee, max_excess_blob_gas, next_excess_blob_gas};
pub(super) use evm::Evm;
pub use evm::StorageOwners;
pub use hashes::Hashes;
pub use held::{MEMORY_LIMIT, is_over_limit};
pub use succession::Succession;

use self::interpreter::run_frames;
use crate::transaction::{SignedTransaction, TransactionKind};

/// Gas limit times fee cap stays below this, so that revm's 128-bit arithmetic of fees is exact.
pub const FEE_LIMIT_BITS: usize = 128;

/// What holds for all transactions of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// The chain.
    pub chain_id: u64,
    /// The rules by which it executes.
    pub rules: Rules,
    /// The block's environment; its base fee is below 2^64.
    pub environment: BlockEnvironment,
    /// Excess blob gas, which BLOBBASEFEE shows: at most [`max_excess_blob_gas`].
    pub excess_blob_gas: u64,
}

impl BlockContext {
    fn to_revm(self) -> BlockEnv {
        let environment = &self.environment;
        BlockEnv {
            number: U256::from(environment.number),
            beneficiary: environment.coinbase,
            timestamp: U256::from(environment.timestamp),
            gas_limit: environment.gas_limit,
            basefee: environment.base_fee.saturating_to(),
            difficulty: U256::ZERO,
            prevrandao: Some(environment.prev_randao),
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
                excess_blob_gas: self.excess_blob_gas,
                // Blocks above the limit are refused before they get here.
                blob_gasprice: blob_base_fee(self.rules, self.excess_blob_gas).unwrap_or(u128::MAX),
            }),
            slot_num: 0,
        }
    }
}

/// Whether fees are small enough for revm's arithmetic.
pub fn fee_fits(transaction: &SignedTransaction) -> bool {
    let most = U256::from(transaction.gas_limit).checked_mul(transaction.max_fee);
    most.is_some_and(|most| most.bit_len() <= FEE_LIMIT_BITS)
}

/// The chain id that a transaction signs.
fn signed_chain_id(kind: TransactionKind, chain_id: u64) -> Option<u64> {
    let is_signed = kind != (TransactionKind::Legacy { protected: false });
    is_signed.then_some(chain_id)
}

/// The specification that revm has of some rules.
pub fn specification(rules: Rules) -> SpecId {
    match rules {
        Rules::Cancun => SpecId::CANCUN,
        Rules::Prague => SpecId::PRAGUE,
        Rules::Osaka => SpecId::OSAKA,
    }
}

/// A transaction as revm takes it. Its fees fit: see [`fee_fits`].
pub fn transaction_input(transaction: &SignedTransaction, chain_id: u64) -> TxEnv {
    let kind = transaction.kind;
    let authorizations = transaction.authorizations.iter().cloned();
    TxEnv {
        tx_type: kind.number(),
        caller: transaction.sender,
        gas_limit: transaction.gas_limit,
        gas_price: transaction.max_fee.saturating_to(),
        kind: transaction.to.map_or(TxKind::Create, TxKind::Call),
        value: transaction.value,
        data: transaction.data.clone(),
        nonce: transaction.nonce,
        chain_id: signed_chain_id(kind, chain_id),
        access_list: transaction.access_list.clone(),
        gas_priority_fee: kind
            .has_priority_fee()
            .then(|| transaction.max_priority_fee.saturating_to()),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: authorizations.map(Either::Right).collect(),
    }
}

/// Wei a unit of gas that the sender pays (EIP-1559).
pub fn effective_gas_price(transaction: &SignedTransaction, base_fee: U256) -> U256 {
    let highest = base_fee.saturating_add(transaction.max_priority_fee);
    transaction.max_fee.min(highest)
}

/// Wei that the coinbase gets for a transaction that used this much gas.
pub fn tip(transaction: &SignedTransaction, base_fee: U256, gas_used: u64) -> U256 {
    let price = effective_gas_price(transaction, base_fee).saturating_sub(base_fee);
    price.saturating_mul(U256::from(gas_used))
}

/// The rules of Ethereum's handler but for the coinbase's tip.
struct WithoutTip<D, I>(PhantomData<(D, I)>);

impl<D: StorageOwners, I> Handler for WithoutTip<D, I> {
    type Evm = Evm<MainnetContext<D>, I>;
    type Error = EVMError<D::Error>;
    type HaltReason = HaltReason;

    fn reward_beneficiary(
        &self,
        _: &mut Self::Evm,
        _: &mut FrameResult,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    fn run_exec_loop(
        &mut self,
        evm: &mut Self::Evm,
        first: FrameInit,
    ) -> Result<FrameResult, Self::Error> {
        Ok(run_frames(evm, first)?)
    }
}

impl<D, I> InspectorHandler for WithoutTip<D, I>
where
    D: StorageOwners,
    I: Inspector<MainnetContext<D>, EthInterpreter>,
{
    type IT = EthInterpreter;
}

/// revm over a database, used for one transaction after the other; each sees nothing but what the database says.
pub struct Machine<D: StorageOwners, I = ()> {
    evm: Evm<MainnetContext<D>, I>,
}

impl<D: StorageOwners> Machine<D> {
    /// A machine for a block's transactions.
    pub fn new(block: BlockContext, database: D) -> Self {
        Self {
            evm: Evm::new(context(block, database)),
        }
    }

    /// Runs a transaction; the next run forgets what this one did.
    ///
    /// # Errors
    /// The database's, why revm refuses the transaction, or [`is_over_limit`].
    pub fn run(&mut self, input: TxEnv) -> Result<ExecutionResult, EVMError<D::Error>> {
        self.forget();
        self.evm.ctx.set_tx(input);
        let result = WithoutTip::<D, ()>(PhantomData).run(&mut self.evm);
        held::give_back(&self.evm.ctx);
        result
    }

    /// Limits what each of the next transactions may hold; a machine begins without a limit.
    pub fn limit_memory(&mut self, bytes: u64) {
        self.evm.ctx.cfg.memory_limit = bytes;
    }
}

impl<D: StorageOwners, I: Inspector<MainnetContext<D>, EthInterpreter>> Machine<D, I> {
    /// A machine that tells an inspector of every step.
    pub fn with_inspector(block: BlockContext, database: D, inspector: I) -> Self {
        Self {
            evm: Evm::with_inspector(context(block, database), inspector),
        }
    }

    /// Runs a transaction under the inspector's eyes.
    ///
    /// # Errors
    /// The database's, or why revm refuses the transaction.
    pub fn inspect(&mut self, input: TxEnv) -> Result<ExecutionResult, EVMError<D::Error>> {
        self.forget();
        self.evm.ctx.set_tx(input);
        WithoutTip::<D, I>(PhantomData).inspect_run(&mut self.evm)
    }

    /// The inspector.
    pub fn inspector(&mut self) -> &mut I {
        &mut self.evm.inspector
    }
}

impl<D: StorageOwners, I> Machine<D, I> {
    /// The database.
    pub fn database(&mut self) -> &mut D {
        &mut self.evm.ctx.journaled_state.database
    }

    /// Takes the accounts that the last run loaded.
    pub fn drain_accounts(&mut self) -> impl Iterator<Item = (Address, Account)> + '_ {
        self.state().drain()
    }

    fn state(&mut self) -> &mut EvmState {
        &mut self.evm.ctx.journaled_state.inner.state
    }

    /// Makes the machine as new, but for memory that it may use again. A run that ended in an error of the database may have left things.
    fn forget(&mut self) {
        let inner = &mut self.evm.ctx.journaled_state.inner;
        inner.state.clear();
        inner.journal.clear();
        inner.logs.clear();
        inner.depth = 0;
        self.evm.ctx.error = Ok(());
    }
}

pub(super) fn context<D: Database>(block: BlockContext, database: D) -> MainnetContext<D> {
    let specification = specification(block.rules);
    MainnetContext::<D>::new(database, specification)
        .with_block(block.to_revm())
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(specification);
            cfg.chain_id = block.chain_id;
            cfg.tx_chain_id_check = true;
            // revm takes a frame above the limit for one without gas: see `held`.
            cfg.memory_limit = u64::MAX;
            cfg.max_blobs_per_tx = Some(max_blobs(block.rules));
        })
}
