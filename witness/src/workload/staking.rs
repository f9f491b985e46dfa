//! Stakes that earn a reward by the second: they are made, earn, and are taken back.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};

use super::artifacts::word;
use super::ledger::TOKEN_UNIT;
use super::scene::{Action, Deployed, Scene, Stage};
use crate::error::Result;

const GAS: u64 = 250_000;

/// Seconds since somebody last did something, and until the reward ends.
const SECONDS: [u64; 2] = [600, 864_000];

/// The contract and its tokens.
pub(super) struct Staking {
    staking: Deployed,
    stake: Address,
    reward: Address,
    turn: usize,
    /// Who has claimed: in one block nobody earns anything more.
    claimed: BTreeSet<usize>,
}

/// What a token that was staked from the beginning has earned, in its smallest unit.
fn accumulated() -> U256 {
    U256::from(3) * TOKEN_UNIT
}

impl Staking {
    pub(super) fn new(stage: &mut Stage<'_>) -> Result<Self> {
        let (stake, reward) = (stage.token(), stage.token());
        let staking = stage.deploy("Staking")?;
        let [before, after] = SECONDS;
        let rate = TOKEN_UNIT / U256::from(10);
        for (variable, value) in [
            ("stakeToken", word(stake)),
            ("rewardToken", word(reward)),
            ("rate", rate),
            ("end", U256::from(stage.time + after)),
            ("lastAccrual", U256::from(stage.time.saturating_sub(before))),
            ("accumulated", accumulated()),
        ] {
            staking.set(stage.ledger, variable, value)?;
        }
        let left = rate * U256::from(before + after);
        stage.ledger.give_token(reward, staking.address, left)?;
        let mut scene = Self {
            staking,
            stake,
            reward,
            turn: 0,
            claimed: BTreeSet::new(),
        };
        // Those who do nothing in this block.
        for _ in 0..3 {
            let somebody = word(stage.dice.address());
            scene.staked(stage, somebody)?;
        }
        Ok(scene)
    }

    /// A stake from before the block. Returns its amount.
    fn staked(&mut self, stage: &mut Stage<'_>, account: U256) -> Result<U256> {
        let amount = stage.amount(10, 1_000);
        let staking = self.staking;
        staking.add_entry(stage.ledger, ("staked", account), amount)?;
        staking.add(stage.ledger, "totalStaked", amount)?;
        let since = accumulated() * stage.between(1, 10) / U256::from(10);
        staking.set_entry(stage.ledger, ("accounted", account), &[since])?;
        // The reward of the whole stake from the beginning, which is more than it has earned.
        let reward = amount * accumulated() / TOKEN_UNIT;
        for (token, amount) in [(self.stake, amount), (self.reward, reward)] {
            stage.ledger.give_token(token, staking.address, amount)?;
        }
        Ok(amount)
    }
}

impl Scene for Staking {
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let turn = self.turn;
        self.turn += 1;
        let sender = word(stage.sender());
        let staking = self.staking;
        match turn % 5 {
            1 if self.claimed.insert(stage.turn) => {
                self.staked(stage, sender)?;
                stage.call(staking, "claim()", &[], GAS)
            }
            2 => {
                let amount = self.staked(stage, sender)? / U256::from(2);
                stage.call(staking, "unstake(uint256)", &[amount], GAS)
            }
            3 => {
                // More than anybody has.
                let amount = stage.amount(1_000_000_000, 2_000_000_000);
                let action = stage.call(staking, "unstake(uint256)", &[amount], GAS)?;
                Ok(action.failing("TooMuch(uint256,uint256)"))
            }
            4 if self.claimed.insert(stage.turn) => {
                // What was earned before the last change is paid too.
                let (earned, vault) = (stage.amount(1, 10), staking.address);
                staking.add_entry(stage.ledger, ("earned", sender), earned)?;
                stage.ledger.give_token(self.reward, vault, earned)?;
                stage.call(staking, "claim()", &[], GAS)
            }
            _ => {
                let amount = stage.amount(10, 1_000);
                stage.fund(self.stake, amount + TOKEN_UNIT, staking.address)?;
                stage.call(staking, "stake(uint256)", &[amount], GAS)
            }
        }
    }
}
