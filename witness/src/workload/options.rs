//! Call options: they are written, bought, settled by the oracle's price, and closed.

use alloy_primitives::{Address, U256};

use super::artifacts::word;
use super::ledger::TOKEN_UNIT;
use super::scene::{Action, Deployed, Scene, Stage};
use crate::error::Result;

const GAS: u64 = 350_000;
const DAY: u64 = 86_400;

/// What the oracle tells in turn.
const PRICES: [u64; 2] = [2_000, 2_200];

/// The contract, its tokens, and the option that was written last.
pub(super) struct Options {
    options: Deployed,
    oracle: Deployed,
    underlying: Address,
    quote: Address,
    /// Options that were there before the block: as many as may be needed. The numbers of those that are not were used up.
    old: u64,
    used: u64,
    written: u64,
    premium: U256,
    /// Who bought the option that was written last.
    buyer: usize,
    turn: usize,
}

impl Options {
    /// `old` is how many options from before the block its transactions may ask for.
    pub(super) fn new(stage: &mut Stage<'_>, old: usize) -> Result<Self> {
        let (underlying, quote) = (stage.token(), stage.token());
        let oracle = stage.oracle(U256::from(PRICES[0]) * TOKEN_UNIT)?;
        let options = stage.deploy("Options")?;
        for (variable, value) in [
            ("underlying", word(underlying)),
            ("quote", word(quote)),
            ("oracle", word(oracle.address)),
            ("count", U256::from(old)),
        ] {
            options.set(stage.ledger, variable, value)?;
        }
        Ok(Self {
            options,
            oracle,
            underlying,
            quote,
            old: old as u64,
            used: 0,
            written: 0,
            premium: U256::ZERO,
            buyer: 0,
            turn: 0,
        })
    }

    /// An option from before the block, of this writer and holder. Returns its number.
    fn option(
        &mut self,
        stage: &mut Stage<'_>,
        [writer, holder]: [U256; 2],
        strike: U256,
        expiry: u64,
    ) -> Result<U256> {
        self.used += 1;
        let id = U256::from(self.used);
        let amount = stage.amount(1, 100);
        let premium = stage.amount(1, 100);
        let words = [
            writer | U256::from(expiry) << 160,
            holder,
            strike | amount << 128,
            premium,
        ];
        self.options
            .set_entry(stage.ledger, ("options", id), &words)?;
        let vault = self.options.address;
        stage.ledger.give_token(self.underlying, vault, amount)?;
        Ok(id)
    }

    fn call(&self, stage: &Stage<'_>, method: &str, arguments: &[U256]) -> Result<Action> {
        stage.call(self.options, method, arguments, GAS)
    }
}

impl Scene for Options {
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let turn = self.turn;
        self.turn += 1;
        let (sender, somebody) = (word(stage.sender()), word(stage.dice.address()));
        let (at, soon) = (self.options.address, stage.time + DAY);
        match turn % 8 {
            0 => {
                let (amount, strike) = (stage.amount(1, 100), stage.amount(1_500, 1_900));
                self.premium = stage.amount(1, 100);
                self.written += 1;
                stage.fund(self.underlying, amount + TOKEN_UNIT, at)?;
                let arguments = [amount, strike, self.premium, U256::from(soon)];
                let method = "write(uint128,uint128,uint256,uint64)";
                self.call(stage, method, &arguments)
            }
            1 => {
                stage.fund(self.quote, self.premium + TOKEN_UNIT, at)?;
                self.buyer = stage.turn;
                let id = U256::from(self.old + self.written);
                self.call(stage, "buy(uint256)", &[id])
            }
            2 => {
                let strike = stage.amount(1_500, 1_900);
                let id = self.option(stage, [somebody, sender], strike, soon)?;
                self.call(stage, "settle(uint256)", &[id])
            }
            3 => {
                let strike = stage.amount(1_500, 2_500);
                let expired = stage.time.saturating_sub(DAY);
                let id = self.option(stage, [sender, somebody], strike, expired)?;
                self.call(stage, "close(uint256)", &[id])
            }
            4 => {
                let strike = stage.amount(2_500, 3_000);
                let id = self.option(stage, [somebody, sender], strike, soon)?;
                let action = self.call(stage, "settle(uint256)", &[id])?;
                Ok(action.failing("OutOfTheMoney(uint256,uint256)"))
            }
            5 => {
                let price = match turn / 8 % 2 {
                    0 => PRICES[1],
                    _ => PRICES[0],
                };
                stage.set_price(self.oracle, U256::from(price) * TOKEN_UNIT)
            }
            6 => {
                let id = U256::from(self.old + self.written);
                let action = self.call(stage, "settle(uint256)", &[id])?;
                Ok(action.by(self.buyer))
            }
            _ => {
                let strike = stage.amount(1_500, 2_500);
                let id = self.option(stage, [sender, U256::ZERO], strike, soon)?;
                self.call(stage, "close(uint256)", &[id])
            }
        }
    }
}
