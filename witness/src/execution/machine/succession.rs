//! revm with one journal for transactions that follow each other.

use std::marker::PhantomData;

use alloy_primitives::Address;
use braid_text::Rules;
use revm::context::result::{EVMError, ExecutionResult, HaltReason};
use revm::context::{BlockEnv, CfgEnv, Context, ContextSetters, Journal};
use revm::handler::{FrameResult, Handler};
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{InitialAndFloorGas, Instruction};
use revm::state::{Account, EvmState};
use revm::{Database, bytecode::opcode};

use super::hashes::{HasHashes, Hashes, keccak};
use super::held;
use super::interpreter::run_frames;
use super::rooms::Rooms;
use super::sent::Sent;
use super::{BlockContext, Evm, StorageOwners, context};
use crate::transaction::SignedTransaction;

type SuccessionContext<'a, D> = Context<BlockEnv, Sent<'a>, CfgEnv, D, Journal<D>, Hashes>;

impl<D: Database> HasHashes for SuccessionContext<'_, D> {
    fn hashes(&mut self) -> &mut Hashes {
        &mut self.chain
    }
}

/// The rules of Ethereum's handler but for the coinbase's tip and those that depend on the block and the transaction alone.
struct Checked<'a, D> {
    gas: InitialAndFloorGas,
    evm: PhantomData<(&'a (), D)>,
}

impl<'a, D: StorageOwners> Handler for Checked<'a, D> {
    type Evm = Evm<SuccessionContext<'a, D>>;
    type Error = EVMError<D::Error>;
    type HaltReason = HaltReason;

    fn validate_env(&self, _: &mut Self::Evm) -> Result<(), Self::Error> {
        Ok(())
    }

    fn validate_initial_tx_gas(
        &self,
        _: &mut Self::Evm,
    ) -> Result<InitialAndFloorGas, Self::Error> {
        Ok(self.gas)
    }

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

/// revm over a database, used for one transaction after the other, each on what those before it left.
pub struct Succession<'a, D: StorageOwners> {
    chain_id: u64,
    rules: Rules,
    evm: Evm<SuccessionContext<'a, D>>,
    /// Of accounts that were busy before they were forgotten: the next transactions most likely ask for them too.
    rooms: Rooms,
}

impl<'a, D: StorageOwners> Succession<'a, D> {
    /// For a block's transactions.
    pub fn new(block: BlockContext, database: D) -> Self {
        let context = context(block, database)
            .with_tx(Sent::nothing())
            .with_chain(Hashes::default());
        let mut evm = Evm::new(context);
        let table = evm.instruction.instruction_table_mut();
        if let Some(instruction) = table.get_mut(usize::from(opcode::KECCAK256)) {
            *instruction = Instruction::new(keccak::<SuccessionContext<'a, D>>);
        }
        Self {
            chain_id: block.chain_id,
            rules: block.rules,
            evm,
            rooms: Rooms::default(),
        }
    }

    /// Runs a transaction; nobody gets its tip. The rules that depend on the block and the transaction alone must have been checked, and its fees fit ([`super::fee_fits`]).
    ///
    /// # Errors
    /// The database's, why revm refuses the transaction, or [`is_over_limit`](super::is_over_limit).
    pub fn run(
        &mut self,
        transaction: &'a SignedTransaction,
    ) -> Result<ExecutionResult, EVMError<D::Error>> {
        self.evm.ctx.set_tx(Sent::new(transaction, self.chain_id));
        // At most the gas limit, as was checked.
        let [intrinsic, floor] = [
            transaction.intrinsic_gas(),
            transaction.floor_gas(self.rules),
        ]
        .map(|gas| gas.try_into().unwrap_or(u64::MAX));
        let mut handler = Checked {
            gas: InitialAndFloorGas::new(intrinsic, floor),
            evm: PhantomData,
        };
        let result = handler.run(&mut self.evm);
        held::give_back(&self.evm.ctx);
        let inner = &mut self.evm.ctx.journaled_state.inner;
        self.rooms.give(&mut inner.state);
        result
    }

    /// Limits what each of the next transactions may hold; there is no limit before.
    pub fn limit_memory(&mut self, bytes: u64) {
        self.evm.ctx.cfg.memory_limit = bytes;
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
        self.rooms.take(&mut inner.state);
        inner.state.clear();
        self.evm.ctx.error = Ok(());
    }
}
