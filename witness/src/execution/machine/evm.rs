//! revm with the rule of Ethereum that it lacks: no contract is created where storage is (EIP-7610).
//!
//! An address with code or a nonce collides with a creation in revm already (EIP-684). One with storage alone does so here: [`Evm`] looks at each creation before its frame is made,
//! whoever runs the frames, so that the executor, the baseline, the reference of the tests and the tracer have the rule from one place.
//!
//! Such accounts are in a state from the beginning, and nothing makes new ones: storage is written by the code of its account alone, in a creation or after one, when the account has a
//! nonce (EIP-161). They also keep their storage as it is, as long as they have no nonce: no code runs there, the creation that would is refused, nothing but a creation can destroy
//! them (EIP-6780), and they are not empty (see [`StateReader`](crate::execution::StateReader)), so that a touch does not remove them. So the first slot of such an account before a block
//! is there all through the block. It is read like any other slot, for whoever replays the transaction from its reads.

use core::ops::{Deref, DerefMut};

use alloy_primitives::{Address, Bytes, U256};
use revm::context::result::{EVMError, ExecutionResult};
use revm::context::{ContextSetters, ContextTr, FrameStack, JournalTr, TxEnv};
use revm::context_interface::context::ContextError;
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::handler::evm::{ContextDbError, FrameInitResult};
use revm::handler::instructions::EthInstructions;
use revm::handler::{
    EthFrame, EthPrecompiles, EvmTr, FrameInitOrResult, FrameResult, Handler, ItemOrResult,
    MainnetContext, MainnetEvm, MainnetHandler,
};
use revm::inspector::{Inspector, InspectorEvmTr, JournalExt};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::{FrameInit, FrameInput};
use revm::interpreter::{CreateOutcome, Gas, Host, InstructionResult, InterpreterResult};
use revm::primitives::constants::CALL_STACK_LIMIT;
use revm::state::{EvmState, EvmStorageSlot};
use revm::{Database, MainBuilder};

/// A database that knows where storage is.
pub trait StorageOwners: Database {
    /// A slot of an account that is not zero, always the same one; `None` if there is none. Only asked for the sake of accounts that have neither code nor a nonce, so that of
    /// others it may say either. It does not count as a read: the slot itself is asked for if it matters.
    ///
    /// # Errors
    /// The database's.
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, Self::Error>;
}

/// See the module.
pub(in crate::execution) struct Evm<C, I = ()>(MainnetEvm<C, I>);

impl<C> Evm<C>
where
    C: MainBuilder<Context = C>,
{
    /// An EVM in a context.
    pub(in crate::execution) fn new(context: C) -> Self {
        Self(context.build_mainnet())
    }

    /// An EVM that tells an inspector of every step.
    pub(in crate::execution) fn with_inspector<I>(context: C, inspector: I) -> Evm<C, I> {
        Evm(context.build_mainnet_with_inspector(inspector))
    }
}

impl<D: StorageOwners> Evm<MainnetContext<D>> {
    /// Runs a transaction by revm's own handler; the next one finds what it left.
    ///
    /// # Errors
    /// The database's, or why revm refuses the transaction.
    pub(in crate::execution) fn transact_one(
        &mut self,
        input: TxEnv,
    ) -> Result<ExecutionResult, EVMError<D::Error>> {
        self.ctx.set_tx(input);
        MainnetHandler::default().run(self)
    }

    /// All accounts that were loaded, as they are now; none is left.
    pub(in crate::execution) fn finalize(&mut self) -> EvmState {
        self.ctx.journaled_state.finalize()
    }
}

impl<C, I> Deref for Evm<C, I> {
    type Target = MainnetEvm<C, I>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<C, I> DerefMut for Evm<C, I> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// The result of a creation that meets storage, if this is one.
fn met_storage<C>(
    context: &mut C,
    init: &FrameInit,
) -> Result<Option<FrameResult>, <C::Db as Database>::Error>
where
    C: ContextTr<Db: StorageOwners, Journal: JournalTr<State = EvmState>>,
{
    let FrameInput::Create(inputs) = &init.frame_input else {
        return Ok(None);
    };
    let journal = context.journal_mut();
    // Who creates is running, or sends the transaction, and so is loaded.
    let Some(creator) = journal.evm_state().get(&inputs.caller()) else {
        return Ok(None);
    };
    // Else the creation ends before any address is looked at.
    let goes_on = init.depth <= CALL_STACK_LIMIT as usize
        && creator.info.balance >= inputs.value()
        && creator.info.nonce < u64::MAX;
    if !goes_on {
        return Ok(None);
    }
    let address = inputs.created_address(creator.info.nonce);
    if !has_storage_alone(journal, address)? {
        return Ok(None);
    }
    // As revm does where it finds code or a nonce.
    journal.load_account_mut(inputs.caller())?.bump_nonce();
    journal.load_account(address)?;
    Ok(Some(FrameResult::Create(CreateOutcome {
        result: InterpreterResult {
            result: InstructionResult::CreateCollision,
            gas: Gas::new_with_regular_gas_and_reservoir(inputs.gas_limit(), inputs.reservoir()),
            output: Bytes::new(),
        },
        address: None,
        charged_create_state_gas: inputs.charged_create_state_gas(),
    })))
}

/// Whether an account has storage and neither code nor a nonce. Loads it if that must be known, and leaves it as cold as it was.
fn has_storage_alone<J>(
    journal: &mut J,
    address: Address,
) -> Result<bool, <J::Database as Database>::Error>
where
    J: JournalTr<Database: StorageOwners, State = EvmState>,
{
    let Some(slot) = journal.db_mut().first_slot(address)? else {
        return Ok(false);
    };
    let checkpoint = journal.checkpoint();
    let account = journal.load_account(address)?.data;
    let is_contract = account.info.nonce != 0 || !account.info.is_empty_code_hash();
    let known = account.storage.get(&slot).map(|slot| slot.present_value);
    let transaction = account.transaction_id;
    journal.checkpoint_revert(checkpoint);
    if is_contract {
        return Ok(false);
    }
    if let Some(known) = known {
        return Ok(!known.is_zero());
    }
    let value = journal.db_mut().storage(address, slot)?;
    if let Some(account) = journal.evm_state_mut().get_mut(&address) {
        // So that it is read once.
        let mut loaded = EvmStorageSlot::new(value, transaction);
        loaded.mark_cold();
        account.storage.insert(slot, loaded);
    }
    Ok(!value.is_zero())
}

impl<C, I> EvmTr for Evm<C, I>
where
    C: ContextTr<Db: StorageOwners, Journal: JournalTr<State = EvmState>> + Host,
{
    type Context = C;
    type Instructions = EthInstructions<EthInterpreter, C>;
    type Precompiles = EthPrecompiles;
    type Frame = EthFrame<EthInterpreter>;

    #[inline]
    fn all(
        &self,
    ) -> (
        &Self::Context,
        &Self::Instructions,
        &Self::Precompiles,
        &FrameStack<Self::Frame>,
    ) {
        self.0.all()
    }

    #[inline]
    fn all_mut(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Self::Frame>,
    ) {
        self.0.all_mut()
    }

    #[inline]
    fn frame_init(
        &mut self,
        init: FrameInit,
    ) -> Result<FrameInitResult<'_, Self::Frame>, ContextDbError<C>> {
        match met_storage(&mut self.0.ctx, &init).map_err(ContextError::Db)? {
            Some(collided) => Ok(ItemOrResult::Result(collided)),
            None => self.0.frame_init(init),
        }
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Self::Frame>, ContextDbError<C>> {
        self.0.frame_run()
    }

    #[inline]
    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, ContextDbError<C>> {
        self.0.frame_return_result(result)
    }
}

impl<C, I> InspectorEvmTr for Evm<C, I>
where
    C: ContextTr<Db: StorageOwners, Journal: JournalExt> + ContextSetters + Host,
    I: Inspector<C, EthInterpreter>,
{
    type Inspector = I;

    fn all_inspector(
        &self,
    ) -> (
        &Self::Context,
        &Self::Instructions,
        &Self::Precompiles,
        &FrameStack<Self::Frame>,
        &Self::Inspector,
    ) {
        self.0.all_inspector()
    }

    fn all_mut_inspector(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Self::Frame>,
        &mut Self::Inspector,
    ) {
        self.0.all_mut_inspector()
    }
}
