//! A market of collectible pieces: they are listed, bought with a royalty, and taken back.

use alloy_primitives::U256;

use super::artifacts::word;
use super::scene::{Action, Deployed, Scene, Stage};
use crate::error::Result;

const GAS: u64 = 250_000;

/// What the creator gets of a sale, of 10,000.
const ROYALTY: u64 = 500;

/// The market and the collection.
pub(super) struct Market {
    market: Deployed,
    collectible: Deployed,
    /// How many pieces there are.
    pieces: u64,
    turn: usize,
    /// The piece that was listed last, and its price.
    listed: (U256, U256),
    /// The piece that was taken back last, and the price that it had.
    cancelled: (U256, U256),
}

impl Market {
    pub(super) fn new(stage: &mut Stage<'_>) -> Result<Self> {
        let collectible = stage.deploy("Collectible")?;
        let seller = word(stage.dice.address());
        collectible.set(stage.ledger, "seller", seller)?;
        let market = stage.deploy("Market")?;
        market.set(stage.ledger, "collectible", word(collectible.address))?;
        market.set(stage.ledger, "creator", seller)?;
        market.set(stage.ledger, "royalty", U256::from(ROYALTY))?;
        Ok(Self {
            market,
            collectible,
            pieces: 0,
            turn: 0,
            listed: Default::default(),
            cancelled: Default::default(),
        })
    }

    /// A piece that somebody owns before the block.
    fn piece(&mut self, stage: &mut Stage<'_>, owner: U256) -> Result<U256> {
        self.pieces += 1;
        let id = U256::from(self.pieces);
        let collectible = self.collectible;
        collectible.set_entry(stage.ledger, ("ownerOf", id), &[owner])?;
        collectible.add_entry(stage.ledger, ("balanceOf", owner), U256::ONE)?;
        for count in ["totalSupply", "limit"] {
            collectible.add(stage.ledger, count, U256::ONE)?;
        }
        Ok(id)
    }

    /// A piece that somebody offers before the block, and its price.
    fn offer(&mut self, stage: &mut Stage<'_>, seller: U256) -> Result<(U256, U256)> {
        let id = self.piece(stage, word(self.market.address))?;
        let price = price(stage);
        let listing = seller | price << 160;
        self.market
            .set_entry(stage.ledger, ("listings", id), &[listing])?;
        Ok((id, price))
    }

    fn buy(&self, stage: &Stage<'_>, (id, price): (U256, U256)) -> Result<Action> {
        let action = stage.call(self.market, "buy(uint256)", &[id], GAS)?;
        Ok(action.paying(price))
    }
}

/// From a hundredth of an Ether to one.
fn price(stage: &mut Stage<'_>) -> U256 {
    stage.between(10, 1_000) * U256::from(1_000_000_000_000_000_u64)
}

impl Scene for Market {
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let turn = self.turn;
        self.turn += 1;
        let sender = word(stage.sender());
        let market = word(self.market.address);
        match turn % 6 {
            0 => {
                let id = self.piece(stage, sender)?;
                let approved = ("getApproved", id);
                self.collectible
                    .set_entry(stage.ledger, approved, &[market])?;
                self.listed = (id, price(stage));
                let arguments = [id, self.listed.1];
                stage.call(self.market, "list(uint256,uint96)", &arguments, GAS)
            }
            1 => self.buy(stage, self.listed),
            2 => {
                self.cancelled = self.offer(stage, sender)?;
                let arguments = [self.cancelled.0];
                stage.call(self.market, "cancel(uint256)", &arguments, GAS)
            }
            3 => {
                let action = self.buy(stage, self.cancelled)?;
                Ok(action.failing("NotListed(uint256)"))
            }
            4 => {
                let seller = word(stage.dice.address());
                let offer = self.offer(stage, seller)?;
                self.buy(stage, offer)
            }
            _ => {
                let id = self.piece(stage, sender)?;
                let arguments = [market, id];
                stage.call(
                    self.collectible,
                    "approve(address,uint256)",
                    &arguments,
                    GAS,
                )
            }
        }
    }
}
