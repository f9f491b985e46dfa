//! Loans against collateral: they are taken, repaid, and liquidated after the oracle's owner told a lower price.

use alloy_primitives::{Address, U256};

use super::artifacts::word;
use super::ledger::TOKEN_UNIT;
use super::scene::{Action, Deployed, Scene, Stage};
use crate::error::Result;

const GAS: u64 = 300_000;

/// What the collateral costs before it falls, and after.
const PRICES: [u64; 2] = [2_000, 1_500];

/// Seconds since somebody last did something.
const PAUSE: u64 = 3_600;

/// Of 10^18, for a second: about five percent a year.
const RATE: u64 = 1_585_489_599;

/// The contract and its tokens.
pub(super) struct Lending {
    lending: Deployed,
    oracle: Deployed,
    collateral: Address,
    debt: Address,
    turn: usize,
    /// Who owes too much when the price falls, and how much of the debt a liquidator repays.
    weak: (U256, U256),
}

impl Lending {
    pub(super) fn new(stage: &mut Stage<'_>) -> Result<Self> {
        let (collateral, debt) = (stage.token(), stage.token());
        let oracle = stage.oracle(U256::from(PRICES[0]) * TOKEN_UNIT)?;
        let lending = stage.deploy("Lending")?;
        for (variable, value) in [
            ("collateralToken", word(collateral)),
            ("debtToken", word(debt)),
            ("oracle", word(oracle.address)),
            ("rate", U256::from(RATE)),
            // A debt from the beginning has grown by a twentieth.
            ("index", TOKEN_UNIT * U256::from(21) / U256::from(20)),
            ("lastAccrual", U256::from(stage.time.saturating_sub(PAUSE))),
        ] {
            lending.set(stage.ledger, variable, value)?;
        }
        Ok(Self {
            lending,
            oracle,
            collateral,
            debt,
            turn: 0,
            weak: Default::default(),
        })
    }

    /// Collateral that lies there before the block.
    fn cover(&self, stage: &mut Stage<'_>, borrower: U256, amount: U256) -> Result<()> {
        let entry = ("collateralOf", borrower);
        self.lending.add_entry(stage.ledger, entry, amount)?;
        let holder = self.lending.address;
        stage.ledger.give_token(self.collateral, holder, amount)
    }

    /// A debt from before the block.
    fn owe(&self, stage: &mut Stage<'_>, borrower: U256, shares: U256) -> Result<()> {
        let entry = ("sharesOf", borrower);
        self.lending.add_entry(stage.ledger, entry, shares)?;
        self.lending.add(stage.ledger, "totalShares", shares)
    }

    fn call(&self, stage: &Stage<'_>, method: &str, arguments: &[U256]) -> Result<Action> {
        stage.call(self.lending, method, arguments, GAS)
    }
}

impl Scene for Lending {
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let turn = self.turn;
        self.turn += 1;
        let sender = word(stage.sender());
        let at = self.lending.address;
        let [high, low] = PRICES.map(U256::from);
        match turn % 9 {
            0 => {
                let amount = stage.amount(1, 10);
                stage.fund(self.collateral, amount + TOKEN_UNIT, at)?;
                self.call(stage, "deposit(uint256)", &[amount])
            }
            1 => {
                let amount = stage.amount(1, 10);
                self.cover(stage, sender, amount)?;
                // Half of what it is worth at the lower price.
                let borrowed = amount * low / U256::from(2);
                stage.ledger.give_token(self.debt, at, borrowed)?;
                self.call(stage, "borrow(uint256)", &[borrowed])
            }
            2 => stage.set_price(self.oracle, low * TOKEN_UNIT),
            3 => {
                let (borrower, amount) = (word(stage.dice.address()), stage.amount(1, 10));
                self.cover(stage, borrower, amount)?;
                // With interest 63 % of the worth at the higher price and 84 % at the lower, and 79 % when the liquidator is done.
                let shares = amount * high * U256::from(3) / U256::from(5);
                self.owe(stage, borrower, shares)?;
                let repaid = shares * U256::from(2) / U256::from(5);
                self.weak = (borrower, repaid);
                stage.fund(self.debt, repaid + TOKEN_UNIT, at)?;
                let arguments = [borrower, repaid];
                self.call(stage, "liquidate(address,uint256)", &arguments)
            }
            4 => {
                let shares = stage.amount(100, 1_000);
                self.owe(stage, sender, shares)?;
                self.cover(stage, sender, shares * U256::from(4) / low)?;
                stage.fund(self.debt, shares * U256::from(2), at)?;
                // Half of it, and every second time all that is owed.
                let amount = match turn / 9 % 2 {
                    0 => shares / U256::from(2),
                    _ => U256::MAX,
                };
                self.call(stage, "repay(uint256)", &[amount])
            }
            5 => {
                let amount = stage.amount(1_000_000_000, 2_000_000_000);
                let action = self.call(stage, "borrow(uint256)", &[amount])?;
                Ok(action.failing("TooLittleCollateral(uint256,uint256)"))
            }
            6 => stage.set_price(self.oracle, high * TOKEN_UNIT),
            7 => {
                let amount = stage.amount(1, 10);
                self.cover(stage, sender, amount)?;
                self.call(stage, "withdraw(uint256)", &[amount / U256::from(2)])
            }
            _ => {
                let (borrower, amount) = self.weak;
                let arguments = [borrower, amount];
                let action = self.call(stage, "liquidate(address,uint256)", &arguments)?;
                Ok(action.failing("Healthy(address)"))
            }
        }
    }
}
