//! The state before a workload's block, with contracts as if they had been deployed and used.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256};

use super::artifacts::{Contract, word};
use super::{PIECE_PRICE, PoolPlace};
use crate::block_file::AllocAccount;
use crate::error::Result;

/// Tokens count in units of 10^-18.
pub(super) const TOKEN_UNIT: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// The accounts, and what the contracts are made of.
pub(super) struct Ledger {
    pub(super) alloc: BTreeMap<Address, AllocAccount>,
    pub(super) token: &'static Contract,
    pub(super) pool: &'static Contract,
    pub(super) collectible: &'static Contract,
    /// The names of the contracts that were deployed.
    pub(super) contracts: BTreeMap<Address, &'static str>,
}

impl Ledger {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            alloc: BTreeMap::new(),
            token: Contract::named("Token")?,
            pool: Contract::named("Pool")?,
            collectible: Contract::named("Collectible")?,
            contracts: BTreeMap::new(),
        })
    }

    /// Gives wei.
    pub(super) fn give(&mut self, address: Address, wei: U256) {
        let account = self.alloc.entry(address).or_default();
        account.balance = account.balance.saturating_add(wei);
    }

    fn place(&mut self, address: Address, name: &'static str, code: &Bytes) {
        let account = self.alloc.entry(address).or_default();
        account.nonce = 1;
        account.code = code.clone();
        self.contracts.insert(address, name);
    }

    /// Deploys a contract whose variables are all zero.
    pub(super) fn deploy(
        &mut self,
        address: Address,
        name: &'static str,
    ) -> Result<&'static Contract> {
        let code = Contract::named(name)?;
        self.place(address, name, &code.runtime);
        Ok(code)
    }

    /// Sets a slot.
    pub(super) fn set(&mut self, contract: Address, slot: U256, value: U256) {
        let account = self.alloc.entry(contract).or_default();
        account.storage.insert(slot, value);
    }

    /// Adds to a slot.
    pub(super) fn add(&mut self, contract: Address, slot: U256, value: U256) {
        let account = self.alloc.entry(contract).or_default();
        let stored = account.storage.entry(slot).or_default();
        *stored = stored.saturating_add(value);
    }

    /// Deploys a token that nobody has yet.
    pub(super) fn deploy_token(&mut self, address: Address) {
        self.place(address, "Token", &self.token.runtime);
    }

    /// Gives an amount of a token, in its smallest unit.
    pub(super) fn give_token(
        &mut self,
        token: Address,
        holder: Address,
        amount: U256,
    ) -> Result<()> {
        self.add(token, self.token.slot("totalSupply")?, amount);
        let slot = self.token.entry("balanceOf", &[word(holder)])?;
        self.add(token, slot, amount);
        Ok(())
    }

    /// Allows a spender to take any amount of a holder's token.
    pub(super) fn allow(
        &mut self,
        token: Address,
        holder: Address,
        spender: Address,
    ) -> Result<()> {
        let keys = [word(holder), word(spender)];
        let slot = self.token.entry("allowance", &keys)?;
        self.set(token, slot, U256::MAX);
        Ok(())
    }

    /// Deploys a pool with reserves.
    pub(super) fn deploy_pool(&mut self, place: PoolPlace, reserves: [U256; 2]) -> Result<()> {
        let code = self.pool;
        self.place(place.address, "Pool", &code.runtime);
        self.set(place.address, code.slot("token0")?, word(place.token0));
        self.set(place.address, code.slot("token1")?, word(place.token1));
        self.set(place.address, code.slot("locked")?, U256::ONE);
        let [reserve0, reserve1] = reserves;
        let packed = code.packed("reserve0", reserve0)? | code.packed("reserve1", reserve1)?;
        self.set(place.address, code.slot("reserve0")?, packed);
        self.give_token(place.token0, place.address, reserve0)?;
        self.give_token(place.token1, place.address, reserve1)
    }

    /// Deploys the sale of numbered pieces.
    pub(super) fn deploy_collectible(
        &mut self,
        address: Address,
        seller: Address,
        pieces: usize,
    ) -> Result<()> {
        let code = self.collectible;
        self.place(address, "Collectible", &code.runtime);
        self.set(address, code.slot("seller")?, word(seller));
        self.set(address, code.slot("price")?, PIECE_PRICE);
        self.set(address, code.slot("limit")?, U256::from(pieces));
        Ok(())
    }
}
