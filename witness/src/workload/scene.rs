//! What the workloads of single contracts share: a scene deploys its contracts, and then tells one transaction after the other.
//!
//! What a transaction needs is put into the state before the block when the transaction is told. So a transaction finds it there, whatever comes between.

use alloy_primitives::{Address, Bytes, U256};

use super::artifacts::{Contract, word};
use super::ledger::{Ledger, TOKEN_UNIT};
use crate::error::Result;
use crate::sample::Dice;

/// What a transaction does.
#[derive(Default)]
pub(super) struct Action {
    /// The number of the key that signs.
    pub(super) sender: usize,
    pub(super) to: Address,
    pub(super) value: U256,
    pub(super) data: Bytes,
    pub(super) gas_limit: u64,
    /// The error that it is told to fail with.
    pub(super) failure: Option<&'static str>,
}

impl Action {
    /// The same sent by another.
    pub(super) fn by(self, sender: usize) -> Self {
        Self { sender, ..self }
    }

    /// The same with Ether.
    pub(super) fn paying(self, value: U256) -> Self {
        Self { value, ..self }
    }

    /// The same, which fails with an error of this signature, such as `NotListed(uint256)`.
    pub(super) fn failing(self, error: &'static str) -> Self {
        Self {
            failure: Some(error),
            ..self
        }
    }
}

/// What scenes make transactions from.
pub(super) struct Stage<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) dice: &'a mut Dice,
    /// The accounts that sign, at least one.
    pub(super) senders: &'a [Address],
    /// The number of the one whose turn it is.
    pub(super) turn: usize,
    /// Seconds, of the block.
    pub(super) time: u64,
}

impl Stage<'_> {
    /// The account whose turn it is.
    pub(super) fn sender(&self) -> Address {
        self.sender_with(self.turn)
    }

    /// The account of a key.
    pub(super) fn sender_with(&self, number: usize) -> Address {
        self.senders.get(number).copied().unwrap_or_default()
    }

    /// From `least` on, below `limit`.
    pub(super) fn between(&mut self, least: u64, limit: u64) -> U256 {
        let width = limit.saturating_sub(least) as usize;
        U256::from(least) + U256::from(self.dice.below(width))
    }

    /// An amount of tokens with three digits after the point: from `least` on, below `limit`.
    pub(super) fn amount(&mut self, least: u64, limit: u64) -> U256 {
        self.between(1_000 * least, 1_000 * limit) * TOKEN_UNIT / U256::from(1_000)
    }

    /// Gives the sender an amount of a token, which a contract may take.
    pub(super) fn fund(&mut self, token: Address, amount: U256, spender: Address) -> Result<()> {
        let sender = self.sender();
        self.ledger.give_token(token, sender, amount)?;
        self.ledger.allow(token, sender, spender)
    }

    /// Deploys a token that nobody has yet.
    pub(super) fn token(&mut self) -> Address {
        let token = self.dice.address();
        self.ledger.deploy_token(token);
        token
    }

    /// Deploys a contract whose variables are all zero.
    pub(super) fn deploy(&mut self, name: &'static str) -> Result<Deployed> {
        let address = self.dice.address();
        let code = self.ledger.deploy(address, name)?;
        Ok(Deployed { address, code })
    }

    /// Deploys an oracle that the first sender owns.
    pub(super) fn oracle(&mut self, price: U256) -> Result<Deployed> {
        let oracle = self.deploy("Oracle")?;
        let owner = word(self.sender_with(0));
        oracle.set(self.ledger, "owner", owner)?;
        oracle.set(self.ledger, "price", price)?;
        let before = U256::from(self.time.saturating_sub(3_600));
        oracle.set(self.ledger, "updatedAt", before)?;
        Ok(oracle)
    }

    /// The oracle's owner tells a price.
    pub(super) fn set_price(&self, oracle: Deployed, price: U256) -> Result<Action> {
        let action = self.call(oracle, "setPrice(uint256)", &[price], 80_000)?;
        Ok(action.by(0))
    }

    /// The sender calls a method.
    pub(super) fn call(
        &self,
        contract: Deployed,
        method: &str,
        arguments: &[U256],
        gas_limit: u64,
    ) -> Result<Action> {
        Ok(Action {
            sender: self.turn,
            to: contract.address,
            data: contract.code.calldata(method, arguments)?,
            gas_limit,
            ..Action::default()
        })
    }
}

/// A contract where it lies.
#[derive(Clone, Copy)]
pub(super) struct Deployed {
    pub(super) address: Address,
    pub(super) code: &'static Contract,
}

impl Deployed {
    pub(super) fn set(&self, ledger: &mut Ledger, variable: &str, value: U256) -> Result<()> {
        ledger.set(self.address, self.code.slot(variable)?, value);
        Ok(())
    }

    pub(super) fn add(&self, ledger: &mut Ledger, variable: &str, value: U256) -> Result<()> {
        ledger.add(self.address, self.code.slot(variable)?, value);
        Ok(())
    }

    /// Sets the words of an entry of a mapping.
    pub(super) fn set_entry(
        &self,
        ledger: &mut Ledger,
        (mapping, key): (&str, U256),
        words: &[U256],
    ) -> Result<()> {
        let first = self.code.entry(mapping, &[key])?;
        for (index, value) in words.iter().enumerate() {
            ledger.set(self.address, first.wrapping_add(U256::from(index)), *value);
        }
        Ok(())
    }

    pub(super) fn add_entry(
        &self,
        ledger: &mut Ledger,
        (mapping, key): (&str, U256),
        value: U256,
    ) -> Result<()> {
        let slot = self.code.entry(mapping, &[key])?;
        ledger.add(self.address, slot, value);
        Ok(())
    }
}

/// Contracts and what is done with them, in turns of a fixed order.
pub(super) trait Scene {
    /// The next transaction.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] if a contract is not what this takes it for.
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action>;
}
