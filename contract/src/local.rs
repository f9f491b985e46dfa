//! A chain in memory with Ethereum's current rules (Osaka), for measuring and testing: any account can send, gas has no price.

use alloy_primitives::{Address, Bytes, Log};
use alloy_sol_types::SolCall;
use braid_verifier::PublicValues;
use revm::context::result::{ExecutionResult, ResultAndState};
use revm::context::{Context, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::{MainnetContext, MainnetEvm};
use revm::primitives::{TxKind, U256, hardfork::SpecId};
use revm::{DatabaseCommit, ExecuteEvm, MainBuilder, MainContext};

use crate::abi::BraidRollup::publicValuesCall;
use crate::call::{self, Checkpoint};
use crate::error::Error;
use crate::gas::{GasReport, MAX_TRANSACTION_GAS};

/// Who sends every transaction of which nobody else is said to be the sender, and makes every call.
pub const SENDER: Address = Address::repeat_byte(0xb7);

type Database = CacheDB<EmptyDB>;

/// The chain.
pub struct LocalChain {
    evm: MainnetEvm<MainnetContext<Database>>,
}

/// What a successful transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What it returned.
    pub output: Bytes,
    /// The contract that it created.
    pub created: Option<Address>,
    /// What it emitted.
    pub logs: Vec<Log>,
    /// What it cost.
    pub gas: GasReport,
}

impl LocalChain {
    /// An empty chain.
    pub fn new(timestamp: u64) -> Self {
        let context = Context::mainnet()
            .with_db(Database::default())
            .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA));
        let mut chain = Self {
            evm: context.build_mainnet(),
        };
        chain.set_timestamp(timestamp);
        chain
    }

    /// Sets the clock, in seconds since the epoch.
    pub fn set_timestamp(&mut self, timestamp: u64) {
        self.evm.ctx.block.timestamp = U256::from(timestamp);
    }

    /// Deploys a contract.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn deploy(&mut self, creation: Bytes) -> Result<Address, Error> {
        self.deploy_measured(creation).map(|(address, _)| address)
    }

    /// Deploys a contract and says what it cost.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn deploy_measured(&mut self, creation: Bytes) -> Result<(Address, GasReport), Error> {
        let receipt = self.send(SENDER, TxKind::Create, creation)?;
        let address = receipt.created.ok_or(Error::Answer("creation"))?;
        Ok((address, receipt.gas))
    }

    /// Calls a contract by a transaction that has as much gas as one may have.
    ///
    /// # Errors
    /// [`Error::Reverted`], [`Error::Halted`], [`Error::NotIncluded`]; nothing is changed then.
    pub fn transact(&mut self, to: Address, calldata: Bytes) -> Result<Receipt, Error> {
        self.transact_from(SENDER, to, calldata)
    }

    /// The same from another account than [`SENDER`].
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn transact_from(
        &mut self,
        sender: Address,
        to: Address,
        calldata: Bytes,
    ) -> Result<Receipt, Error> {
        self.send(sender, TxKind::Call(to), calldata)
    }

    /// Calls a contract and forgets what it changed.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn call(&mut self, to: Address, calldata: Bytes) -> Result<Receipt, Error> {
        let (receipt, _) = self.execute(SENDER, TxKind::Call(to), calldata)?;
        Ok(receipt)
    }

    /// A rollup contract's last settled checkpoint.
    ///
    /// # Errors
    /// As [`Self::transact`], and [`Error::Answer`].
    pub fn checkpoint(&mut self, rollup: Address) -> Result<Checkpoint, Error> {
        let receipt = self.call(rollup, call::checkpoint())?;
        call::read_checkpoint(&receipt.output)
    }

    /// What a proof for a batch, encoded by [`crate::Batch::encode`], would have to prove to a rollup contract now.
    ///
    /// # Errors
    /// As [`Self::transact`], and [`Error::Answer`].
    pub fn public_values(&mut self, rollup: Address, batch: &[u8]) -> Result<PublicValues, Error> {
        let batch = Bytes::copy_from_slice(batch);
        let receipt = self.call(rollup, publicValuesCall { batch }.abi_encode().into())?;
        PublicValues::abi_decode(&receipt.output).map_err(|_| Error::Answer("publicValues"))
    }

    fn send(&mut self, sender: Address, kind: TxKind, data: Bytes) -> Result<Receipt, Error> {
        let (receipt, state) = self.execute(sender, kind, data)?;
        self.evm.ctx.journaled_state.database.commit(state);
        Ok(receipt)
    }

    fn execute(
        &mut self,
        sender: Address,
        kind: TxKind,
        data: Bytes,
    ) -> Result<(Receipt, revm::state::EvmState), Error> {
        let accounts = &self.evm.ctx.journaled_state.database.cache.accounts;
        let transaction = TxEnv {
            caller: sender,
            kind,
            data: data.clone(),
            nonce: accounts
                .get(&sender)
                .map_or(0, |account| account.info.nonce),
            gas_limit: MAX_TRANSACTION_GAS,
            ..TxEnv::default()
        };
        let ResultAndState { result, state } = self
            .evm
            .transact(transaction)
            .map_err(|error| Error::NotIncluded(error.to_string()))?;
        match result {
            ExecutionResult::Success {
                gas, logs, output, ..
            } => {
                let receipt = Receipt {
                    created: output.address().copied(),
                    output: output.into_data(),
                    logs,
                    gas: GasReport::new(&data, kind == TxKind::Create, &gas),
                };
                Ok((receipt, state))
            }
            ExecutionResult::Revert { output, .. } => Err(Error::Reverted(output)),
            ExecutionResult::Halt { reason, .. } => Err(Error::Halted(format!("{reason:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call;
    use crate::gas::{CalldataBytes, TRANSACTION_GAS};

    fn deployed(chain: &mut LocalChain, runtime: &[u8]) -> Address {
        chain.deploy(call::deploying(runtime)).unwrap()
    }

    #[test]
    fn runs_what_is_deployed() {
        let mut chain = LocalChain::new(77);
        // Returns the timestamp.
        let clock = deployed(&mut chain, &[0x42, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
        let seen = |chain: &mut LocalChain| chain.call(clock, Bytes::new()).unwrap().output;
        assert_eq!(U256::from_be_slice(&seen(&mut chain)), U256::from(77));
        chain.set_timestamp(78);
        assert_eq!(U256::from_be_slice(&seen(&mut chain)), U256::from(78));
    }

    #[test]
    fn calls_are_forgotten_and_transactions_are_not() {
        let mut chain = LocalChain::new(1);
        // Returns what storage holds at 0, then adds one to it.
        let code = [
            0x5f, 0x54, 0x80, 0x60, 1, 0x01, 0x5f, 0x55, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3,
        ];
        let counter = deployed(&mut chain, &code);
        let last = |receipt: Result<Receipt, Error>| receipt.unwrap().output[31];
        assert_eq!(last(chain.call(counter, Bytes::new())), 0);
        assert_eq!(last(chain.transact(counter, Bytes::new())), 0);
        assert_eq!(last(chain.call(counter, Bytes::new())), 1);
        assert_eq!(last(chain.transact(counter, Bytes::new())), 1);
    }

    #[test]
    fn anyone_can_send() {
        let mut chain = LocalChain::new(1);
        // Returns the caller.
        let caller = deployed(&mut chain, &[0x33, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
        let other = Address::repeat_byte(5);
        for sender in [other, SENDER, other, other, SENDER] {
            let receipt = chain.transact_from(sender, caller, Bytes::new()).unwrap();
            assert_eq!(Address::from_slice(&receipt.output[12..]), sender);
        }
        let receipt = chain.transact(caller, Bytes::new()).unwrap();
        assert_eq!(Address::from_slice(&receipt.output[12..]), SENDER);
    }

    #[test]
    fn faults_have_their_errors_and_change_nothing() {
        let mut chain = LocalChain::new(1);
        // Reverts with its calldata's first word.
        let code = [0x5f, 0x35, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xfd];
        let reverts = deployed(&mut chain, &code);
        let word = Bytes::from(vec![7; 32]);
        let error = chain.transact(reverts, word.clone()).unwrap_err();
        assert_eq!(error, Error::Reverted(word));
        assert_eq!(error.rollup_error(), None);
        // Jumps to itself until the gas is gone.
        let forever = deployed(&mut chain, &[0x5b, 0x5f, 0x56]);
        let error = chain.transact(forever, Bytes::new()).unwrap_err();
        assert!(matches!(error, Error::Halted(_)), "{error}");
        // 2^19 bytes have a floor above what a transaction may have.
        let error = chain
            .transact(forever, vec![1; 1 << 19].into())
            .unwrap_err();
        assert!(matches!(error, Error::NotIncluded(_)), "{error}");
        // Neither is a rollup.
        let error = chain.checkpoint(Address::ZERO).unwrap_err();
        assert_eq!(error, Error::Answer("checkpoint"));
        assert!(!error.is_malformed());
        deployed(&mut chain, &[0]);
    }

    #[test]
    fn calldata_costs_at_least_its_floor() {
        let mut chain = LocalChain::new(1);
        let nothing = deployed(&mut chain, &[0x00]);
        let mut calldata = vec![0; 1_000];
        calldata.extend([1; 1_000]);
        let gas = chain.transact(nothing, calldata.into()).unwrap().gas;
        let bytes = CalldataBytes {
            zero: 1_000,
            nonzero: 1_000,
        };
        assert_eq!((gas.calldata, bytes.total()), (bytes, 2_000));
        assert_eq!(gas.intrinsic, TRANSACTION_GAS + 4_000 + 16_000);
        assert_eq!((gas.execution, gas.refund), (0, 0));
        assert_eq!(gas.floor, TRANSACTION_GAS + 10_000 + 40_000);
        assert_eq!(gas.total, gas.floor);
    }
}
