//! revm with one journal for transactions that follow each other.

use std::marker::PhantomData;

use alloy_primitives::Address;
use revm::context::result::{EVMError, ExecutionResult, HaltReason};
use revm::context::{BlockEnv, CfgEnv, Context, ContextSetters, Journal, TxEnv};
use revm::handler::{FrameResult, Handler, MainnetEvm};
use revm::interpreter::Instruction;
use revm::state::{Account, EvmState};
use revm::{Database, MainBuilder, bytecode::opcode};

use super::hashes::{HasHashes, Hashes, keccak};
use super::{BlockContext, context};

type SuccessionContext<D> = Context<BlockEnv, TxEnv, CfgEnv, D, Journal<D>, Hashes>;

impl<D: Database> HasHashes for SuccessionContext<D> {
    fn hashes(&mut self) -> &mut Hashes {
        &mut self.chain
    }
}

/// The rules of Ethereum's handler but for the coinbase's tip and those that depend on the block and the transaction alone.
struct Checked<D>(PhantomData<D>);

impl<D: Database> Handler for Checked<D> {
    type Evm = MainnetEvm<SuccessionContext<D>>;
    type Error = EVMError<D::Error>;
    type HaltReason = HaltReason;

    fn validate_env(&self, _: &mut Self::Evm) -> Result<(), Self::Error> {
        Ok(())
    }

    fn reward_beneficiary(
        &self,
        _: &mut Self::Evm,
        _: &mut FrameResult,
    ) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// revm over a database, used for one transaction after the other, each on what those before it left.
pub struct Succession<D: Database> {
    evm: MainnetEvm<SuccessionContext<D>>,
}

impl<D: Database> Succession<D> {
    /// For a block's transactions.
    pub fn new(block: BlockContext, database: D) -> Self {
        let context = context(block, database).with_chain(Hashes::default());
        let mut evm = context.build_mainnet();
        let table = evm.instruction.instruction_table_mut();
        if let Some(instruction) = table.get_mut(usize::from(opcode::KECCAK256)) {
            *instruction = Instruction::new(keccak::<SuccessionContext<D>>);
        }
        Self { evm }
    }

    /// Runs a transaction; nobody gets its tip. Whether the block lets it in as far as that does not depend on the state must have been checked.
    ///
    /// # Errors
    /// The database's, or why revm refuses the transaction.
    pub fn run(&mut self, input: TxEnv) -> Result<ExecutionResult, EVMError<D::Error>> {
        self.evm.ctx.set_tx(input);
        Checked(PhantomData).run(&mut self.evm)
    }

    /// The database.
    pub fn database(&mut self) -> &mut D {
        &mut self.evm.ctx.journaled_state.database
    }

    /// All accounts that were loaded, and the database that they came from.
    pub fn parts(&mut self) -> (&mut EvmState, &mut D) {
        let journal = &mut self.evm.ctx.journaled_state;
        (&mut journal.inner.state, &mut journal.database)
    }

    /// An account that was loaded.
    pub fn account(&mut self, address: &Address) -> Option<&mut Account> {
        self.evm.ctx.journaled_state.inner.state.get_mut(address)
    }

    /// Forgets all accounts. A run that ended in an error of the database may have left more.
    pub fn forget(&mut self) {
        let inner = &mut self.evm.ctx.journaled_state.inner;
        inner.discard_tx();
        inner.state.clear();
        self.evm.ctx.error = Ok(());
    }
}
