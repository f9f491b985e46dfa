//! A game of many players: they join, walk, gather points, and get a token for them.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256, keccak256};

use super::artifacts::word;
use super::ledger::TOKEN_UNIT;
use super::scene::{Action, Deployed, Scene, Stage};
use crate::error::Result;

const GAS: u64 = 200_000;

/// Squares in a row, and rows.
const SIDE: usize = 32;

/// Numbers of the directions.
const EAST: usize = 1;
const WEST: usize = 3;

/// Where a player is after the transactions so far.
#[derive(Clone, Copy)]
struct Player {
    x: usize,
    y: usize,
    /// There are points to be paid for.
    has_points: bool,
}

/// The contract and who plays.
pub(super) struct Game {
    game: Deployed,
    token: Address,
    seed: U256,
    players: BTreeMap<usize, Player>,
    turn: usize,
}

impl Game {
    pub(super) fn new(stage: &mut Stage<'_>) -> Result<Self> {
        let token = stage.token();
        let game = stage.deploy("Game")?;
        let seed = U256::from_be_bytes(stage.dice.word().0);
        game.set(stage.ledger, "token", word(token))?;
        game.set(stage.ledger, "seed", seed)?;
        Ok(Self {
            game,
            token,
            seed,
            players: BTreeMap::new(),
            turn: 0,
        })
    }

    /// The player whose turn it is, who has played before the block if not in it.
    fn player(&mut self, stage: &mut Stage<'_>) -> Result<Player> {
        if let Some(player) = self.players.get(&stage.turn) {
            return Ok(*player);
        }
        // Every fourth is at the edge.
        let x = match self.players.len() % 4 {
            3 => 0,
            _ => stage.dice.below(SIDE),
        };
        let player = Player {
            x,
            y: stage.dice.below(SIDE),
            has_points: true,
        };
        let (moves, points) = (stage.between(1, 100), stage.between(1, 200));
        let place = U256::ONE | U256::from(x) << 8 | U256::from(player.y) << 16;
        let packed = place | moves << 24 | points << 56;
        let entry = ("players", word(stage.sender()));
        self.game.set_entry(stage.ledger, entry, &[packed])?;
        // Some squares near the player were gathered, of which some have grown again.
        let square = U256::from(player.y * SIDE + (x + 1) % SIDE);
        let gathered = stage.between(1, 101);
        let entry = ("gatheredAt", square);
        self.game.set_entry(stage.ledger, entry, &[gathered])?;
        self.pay_in(stage, points)?;
        self.players.insert(stage.turn, player);
        Ok(player)
    }

    /// What the game needs to pay for points.
    fn pay_in(&self, stage: &mut Stage<'_>, points: U256) -> Result<()> {
        let holder = self.game.address;
        stage
            .ledger
            .give_token(self.token, holder, points * TOKEN_UNIT)
    }

    fn walk(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let mut player = self.player(stage)?;
        let direction = match (stage.dice.below(4), player.x, player.y) {
            // Back from the edge.
            (0, _, 0) => 2,
            (EAST, x, _) if x == SIDE - 1 => WEST,
            (2, _, y) if y == SIDE - 1 => 0,
            (WEST, 0, _) => EAST,
            (direction, ..) => direction,
        };
        match direction {
            0 => player.y -= 1,
            EAST => player.x += 1,
            2 => player.y += 1,
            _ => player.x -= 1,
        }
        self.players.insert(stage.turn, player);
        // The most that a square gives.
        self.pay_in(stage, U256::from(8))?;
        stage.call(self.game, "move(uint8)", &[U256::from(direction)], GAS)
    }
}

impl Scene for Game {
    fn next(&mut self, stage: &mut Stage<'_>) -> Result<Action> {
        let turn = self.turn;
        self.turn += 1;
        let number = stage.turn;
        match turn % 7 {
            2 => {
                let player = self.player(stage)?;
                if !player.has_points {
                    return self.walk(stage);
                }
                let paid = Player {
                    has_points: false,
                    ..player
                };
                self.players.insert(number, paid);
                stage.call(self.game, "cashIn()", &[], GAS)
            }
            3 if !self.players.contains_key(&number) => {
                let words = [self.seed, word(stage.sender())];
                let hash = keccak256(words.map(|word| word.to_be_bytes::<32>()).concat());
                // Below 1,024, which the last two bytes decide.
                let [.., high, low] = hash.0;
                let square = (usize::from(high) << 8 | usize::from(low)) % (SIDE * SIDE);
                let player = Player {
                    x: square % SIDE,
                    y: square / SIDE,
                    has_points: false,
                };
                self.players.insert(number, player);
                stage.call(self.game, "join()", &[], GAS)
            }
            6 => {
                let player = self.player(stage)?;
                if player.x == 0 {
                    let west = [U256::from(WEST)];
                    let action = stage.call(self.game, "move(uint8)", &west, GAS)?;
                    return Ok(action.failing("OffTheMeadow(uint256,uint256,uint8)"));
                }
                let action = stage.call(self.game, "join()", &[], GAS)?;
                Ok(action.failing("AlreadyPlaying(address)"))
            }
            _ => self.walk(stage),
        }
    }
}
