//! Makes the transactions of a workload, and the state that they need.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_circuits::event::BlockEnvironment;
use rayon::prelude::*;

use super::artifacts::word;
use super::ledger::{Ledger, TOKEN_UNIT};
use super::scene::{Action, Stage};
use super::scenes::{SCENES, Scenes, defi};
use super::{Activity, PoolPlace, Workload, WorkloadConfig};
use crate::block_file::{Block, BlockFile, Parent};
use crate::error::Result;
use crate::sample::{Dice, Draft, SAMPLE_CHAIN_ID, SampleKey};
use crate::transaction::SignedTransaction;

/// Wei that a numbered piece costs.
pub const PIECE_PRICE: U256 = U256::from_limbs([10_000_000_000_000_000, 0, 0, 0]);

/// Gas limits: more than the calls ever use, as wallets set them.
const TRANSFER_GAS: u64 = 21_000;
const TOKEN_GAS: u64 = 80_000;
const SWAP_GAS: u64 = 250_000;
const MINT_GAS: u64 = 150_000;

/// Tokens and pools of the mixed workload.
const MIXED_TOKENS: usize = 8;
const MIXED_POOLS: usize = 16;

/// Units of the two tokens that a pool starts with: so much that no sequence of swaps moves the price far.
const RESERVES: [u64; 2] = [1_000_000_000, 3_000_000_000];

/// A block with the state before it.
///
/// # Errors
/// [`crate::Error::Internal`], which never happens.
pub fn generate(config: &WorkloadConfig) -> Result<Workload> {
    let keys = (0..config.senders.max(1) as u64)
        .into_par_iter()
        .map(|index| SampleKey::new(config.seed, index))
        .collect::<Result<Vec<_>>>()?;
    let mut dice = Dice::new(config.seed);
    let parent = Parent {
        number: 100,
        timestamp: 1_700_000_000,
        block_hash: dice.word(),
    };
    let (coinbase, prev_randao) = (dice.address(), dice.word());
    let timestamp = parent.timestamp + 12;
    let mut maker = Maker::new(config, dice, &keys, timestamp)?;
    for index in 0..config.transactions {
        maker.add(config.activity, index)?;
    }
    let gas_limits = maker.drafts.iter().map(|(_, draft)| draft.gas_limit);
    let gas_limit: u64 = gas_limits.sum();
    let transactions = maker
        .drafts
        .par_iter()
        .map(|(key, draft)| draft.signed(key))
        .collect::<Result<Vec<SignedTransaction>>>()?;
    let environment = BlockEnvironment {
        number: parent.number + 1,
        timestamp,
        coinbase,
        gas_limit: gas_limit.max(30_000_000),
        base_fee: U256::from(1_000_000_000),
        prev_randao,
        blob_base_fee: U256::ZERO,
    };
    let raw = transactions
        .iter()
        .map(|transaction| transaction.raw.clone());
    let block = Block {
        environment,
        transactions: raw.collect(),
        ..Block::default()
    };
    Ok(Workload {
        file: BlockFile {
            chain_id: SAMPLE_CHAIN_ID,
            rules: config.rules,
            parent,
            alloc: maker.ledger.alloc,
            blocks: vec![block],
        },
        transactions,
        tokens: maker.tokens,
        pools: maker.pools,
        collectible: maker.collectible,
        contracts: maker.ledger.contracts,
        failures: maker.failures,
    })
}

/// Puts transactions together and gives their senders what they need.
struct Maker<'a> {
    ledger: Ledger,
    dice: Dice,
    keys: &'a [SampleKey],
    /// The accounts of the keys.
    senders: Vec<Address>,
    /// Seconds, of the block.
    time: u64,
    nonces: Vec<u64>,
    drafts: Vec<(&'a SampleKey, Draft)>,
    /// Who shares what is sent.
    recipients: Vec<Address>,
    tokens: Vec<Address>,
    pools: Vec<PoolPlace>,
    collectible: Option<Address>,
    scenes: Scenes,
    failures: BTreeMap<usize, &'static str>,
}

impl<'a> Maker<'a> {
    fn new(config: &WorkloadConfig, dice: Dice, keys: &'a [SampleKey], time: u64) -> Result<Self> {
        let mut maker = Self {
            ledger: Ledger::new()?,
            dice,
            keys,
            senders: keys.iter().map(SampleKey::address).collect(),
            time,
            nonces: vec![0; keys.len()],
            drafts: Vec::with_capacity(config.transactions),
            recipients: Vec::new(),
            tokens: Vec::new(),
            pools: Vec::new(),
            collectible: None,
            scenes: Scenes::default(),
            failures: BTreeMap::new(),
        };
        let ether = U256::from(1_000) * TOKEN_UNIT;
        for key in keys {
            maker.ledger.give(key.address(), ether);
        }
        let targets = config.targets.max(1);
        match config.activity {
            Activity::Transfers => maker.add_recipients(targets),
            Activity::Erc20 => {
                maker.add_recipients(targets);
                maker.add_tokens(1);
            }
            Activity::Swaps => {
                maker.add_tokens(2 * targets);
                maker.add_pools(targets, |pool| [2 * pool, 2 * pool + 1])?;
            }
            Activity::Mints => maker.add_collectible(config.transactions)?,
            Activity::Mixed => {
                maker.add_recipients(targets);
                maker.add_tokens(MIXED_TOKENS);
                // Neighbours first, then those one further apart.
                maker.add_pools(MIXED_POOLS, |pool| [pool, pool + 1 + pool / MIXED_TOKENS])?;
                maker.add_collectible(config.transactions)?;
            }
            Activity::Defi => {
                maker.add_recipients(targets);
                maker.add_tokens(2);
                maker.add_pools(1, |_| [0, 1])?;
                maker.add_collectible(config.transactions)?;
                for activity in SCENES {
                    maker.add_scene(activity, config.transactions)?;
                }
            }
            activity => maker.add_scene(activity, config.transactions)?,
        }
        Ok(maker)
    }

    fn stage(&mut self, turn: usize) -> Stage<'_> {
        Stage {
            ledger: &mut self.ledger,
            dice: &mut self.dice,
            senders: &self.senders,
            turn,
            time: self.time,
        }
    }

    fn add_scene(&mut self, activity: Activity, transactions: usize) -> Result<()> {
        let mut scenes = core::mem::take(&mut self.scenes);
        let added = scenes.add(activity, &mut self.stage(0), transactions);
        self.scenes = scenes;
        added
    }

    /// Recipients, of which every second one has something before the block.
    fn add_recipients(&mut self, count: usize) {
        for index in 0..count {
            let recipient = self.dice.address();
            if index.is_multiple_of(2) {
                self.ledger.give(recipient, TOKEN_UNIT);
            }
            self.recipients.push(recipient);
        }
    }

    fn add_tokens(&mut self, count: usize) {
        for _ in 0..count {
            let token = self.dice.address();
            self.ledger.deploy_token(token);
            self.tokens.push(token);
        }
    }

    /// Pools, each of two tokens by their numbers, which wrap around.
    fn add_pools(&mut self, count: usize, tokens: impl Fn(usize) -> [usize; 2]) -> Result<()> {
        let reserves = RESERVES.map(|units| U256::from(units) * TOKEN_UNIT);
        for pool in 0..count {
            let [token0, token1] = tokens(pool).map(|token| pick(&self.tokens, token));
            let place = PoolPlace {
                address: self.dice.address(),
                token0,
                token1,
            };
            self.ledger.deploy_pool(place, reserves)?;
            self.pools.push(place);
        }
        Ok(())
    }

    fn add_collectible(&mut self, pieces: usize) -> Result<()> {
        let (address, seller) = (self.dice.address(), self.dice.address());
        self.ledger.deploy_collectible(address, seller, pieces)?;
        self.collectible = Some(address);
        Ok(())
    }

    /// Adds a transaction. All but mixed ones take senders and targets in turn, so that these are distinct as long as there are enough.
    fn add(&mut self, activity: Activity, index: usize) -> Result<()> {
        let keys = self.keys;
        let turn = match activity {
            Activity::Mixed => self.dice.below(keys.len()),
            _ => index % keys.len().max(1),
        };
        let activity = match activity {
            Activity::Defi => defi(index),
            activity => activity,
        };
        let action = self.action(activity, turn, index)?;
        let (Some(key), Some(nonce)) =
            (keys.get(action.sender), self.nonces.get_mut(action.sender))
        else {
            return Ok(());
        };
        if let Some(error) = action.failure {
            self.failures.insert(self.drafts.len(), error);
        }
        let draft = Draft {
            chain_id: SAMPLE_CHAIN_ID,
            nonce: *nonce,
            to: Some(action.to),
            value: action.value,
            data: action.data,
            gas_limit: action.gas_limit,
            ..Draft::default()
        };
        *nonce += 1;
        self.drafts.push((key, draft));
        Ok(())
    }

    fn action(&mut self, activity: Activity, turn: usize, index: usize) -> Result<Action> {
        let sender = self.senders.get(turn).copied().unwrap_or_default();
        let action = match activity {
            Activity::Transfers => self.transfer(pick(&self.recipients, index)),
            Activity::Erc20 => {
                let (token, to) = (pick(&self.tokens, 0), pick(&self.recipients, index));
                // Every second recipient has some of the token already.
                if index.is_multiple_of(2) && index < self.recipients.len() {
                    self.ledger.give_token(token, to, TOKEN_UNIT)?;
                }
                self.send_token(sender, token, to)?
            }
            Activity::Swaps => self.swap(sender, index)?,
            Activity::Mints => self.mint()?,
            Activity::Mixed => self.mixed(sender)?,
            // Who acts in a scene is its to say.
            activity => return self.play(activity, turn),
        };
        Ok(action.by(turn))
    }

    /// The next transaction of a scene.
    fn play(&mut self, activity: Activity, turn: usize) -> Result<Action> {
        let mut scenes = core::mem::take(&mut self.scenes);
        let action = scenes.next(activity, &mut self.stage(turn));
        self.scenes = scenes;
        action
    }

    fn transfer(&mut self, to: Address) -> Action {
        Action {
            to,
            value: U256::from(1 + self.dice.below(1_000_000_000)),
            gas_limit: TRANSFER_GAS,
            ..Action::default()
        }
    }

    /// Up to 1,000 tokens.
    fn amount(&mut self) -> U256 {
        let thousandths = U256::from(1 + self.dice.below(1_000_000));
        thousandths * TOKEN_UNIT / U256::from(1_000)
    }

    fn send_token(&mut self, sender: Address, token: Address, to: Address) -> Result<Action> {
        let amount = self.amount();
        // Something is left, as it mostly is.
        self.ledger.give_token(token, sender, amount + TOKEN_UNIT)?;
        let arguments = [word(to), amount];
        let code = self.ledger.token;
        Ok(Action {
            to: token,
            data: code.calldata("transfer(address,uint256)", &arguments)?,
            gas_limit: TOKEN_GAS,
            ..Action::default()
        })
    }

    fn swap(&mut self, sender: Address, pool: usize) -> Result<Action> {
        let place = pick(&self.pools, pool);
        let [reserve0, reserve1] = RESERVES.map(U256::from);
        let (token, [reserve_in, reserve_out]) = match self.dice.below(2) {
            0 => (place.token0, [reserve0, reserve1]),
            _ => (place.token1, [reserve1, reserve0]),
        };
        let amount = self.amount();
        self.ledger.give_token(token, sender, amount + TOKEN_UNIT)?;
        self.ledger.allow(token, sender, place.address)?;
        // Nine tenths of the first price: fee and drift take less.
        let minimum = amount * reserve_out / reserve_in * U256::from(9) / U256::from(10);
        let arguments = [word(token), amount, minimum, word(sender)];
        let code = self.ledger.pool;
        Ok(Action {
            to: place.address,
            data: code.calldata("swap(address,uint256,uint256,address)", &arguments)?,
            gas_limit: SWAP_GAS,
            ..Action::default()
        })
    }

    fn mint(&mut self) -> Result<Action> {
        Ok(Action {
            to: self.collectible.unwrap_or_default(),
            value: PIECE_PRICE,
            data: self.ledger.collectible.calldata("mint()", &[])?,
            gas_limit: MINT_GAS,
            ..Action::default()
        })
    }

    fn mixed(&mut self, sender: Address) -> Result<Action> {
        let kind = self.dice.below(100);
        let busy = pick(&self.recipients, self.dice.below(usize::MAX));
        let to = match self.dice.below(4) {
            0 => busy,
            1 => self.dice.address(),
            _ => match self.keys.get(self.dice.below(self.keys.len())) {
                Some(key) => key.address(),
                None => busy,
            },
        };
        match kind {
            0..45 => Ok(self.transfer(to)),
            45..75 => {
                let token = pick(&self.tokens, self.dice.below(MIXED_TOKENS));
                self.send_token(sender, token, to)
            }
            75..95 => {
                let pool = self.dice.below(MIXED_POOLS);
                self.swap(sender, pool)
            }
            _ => self.mint(),
        }
    }
}

/// The entry with this number, which wraps around; the default if there is none.
fn pick<T: Copy + Default>(entries: &[T], number: usize) -> T {
    let index = number.checked_rem(entries.len());
    let entry = index.and_then(|index| entries.get(index));
    entry.copied().unwrap_or_default()
}
