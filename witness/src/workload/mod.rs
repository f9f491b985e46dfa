//! Blocks as they are met in practice, to measure execution with: transfers, tokens, exchanges, a sale and a market of collectibles, loans, stakes, a game, options.
//!
//! Everything comes from a seed: keys, amounts and order. The contracts are those of `witness/contracts`, already deployed and funded in the state before the
//! block. Every transaction is signed and succeeds, but for those that [`Workload::failures`] names.

mod artifacts;
mod game;
mod generate;
mod ledger;
mod lending;
mod market;
mod options;
mod scene;
mod scenes;
mod staking;

use std::collections::BTreeMap;

use alloy_primitives::Address;
use braid_text::Rules;

use crate::block_file::BlockFile;
use crate::error::{Error, Result};
use crate::execution::BlockContext;
use crate::state::State;
use crate::transaction::SignedTransaction;

pub use artifacts::{Contract, word};
pub use generate::{PIECE_PRICE, generate};

/// What the transactions of a workload do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Send Ether. Targets are recipients.
    Transfers,
    /// Send a token. Targets are recipients.
    Erc20,
    /// Exchange one token for another. Targets are pools, each with two tokens of its own.
    Swaps,
    /// Buy the next of numbered pieces. There is one target, the contract that sells them.
    Mints,
    /// Of a hundred: 45 send Ether, 30 a token, 20 exchange tokens, 5 buy a piece; a quarter of the payments goes to the targets, which are a few busy accounts.
    Mixed,
    /// List collectibles, buy them with a royalty for their creator, take offers back.
    Market,
    /// Deposit collateral, borrow against it, repay; liquidate debts after the price has fallen.
    Lending,
    /// Stake a token, claim what the stake has earned, take it back.
    Staking,
    /// Join a game, walk, gather points and get a token for them.
    Game,
    /// Write call options, buy them, settle them by the oracle's price, close those that expired.
    Options,
    /// Of twenty-four: tokens and exchanges twice each, a bought piece, market 4, loans 5, stakes 3, game 3, options 4.
    Defi,
}

/// What a workload looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkloadConfig {
    /// What the transactions do.
    pub activity: Activity,
    /// How many there are.
    pub transactions: usize,
    /// Different seeds give different keys, amounts and orders.
    pub seed: u64,
    /// How many accounts send, at least one. With fewer than transactions, some transactions depend on earlier ones by their nonce.
    pub senders: usize,
    /// How many accounts or pools share what is sent, at least one. See [`Activity`].
    pub targets: usize,
    /// By which the block is executed.
    pub rules: Rules,
}

/// The workloads that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Ether between distinct accounts.
    Transfers,
    /// Ether, all to one account.
    TransfersToOne,
    /// A token between distinct accounts.
    Erc20,
    /// A token, all to one account.
    Erc20ToOne,
    /// Each transaction with a pool and tokens of its own.
    Swaps,
    /// All with the same pool: each depends on the one before.
    SwapsOnePool,
    /// All buy from one contract: each depends on the one before.
    MintRush,
    /// Ether from one account to many: each depends on the one before by its nonce.
    Payout,
    /// A token from one account to many.
    Erc20Payout,
    /// A mixture, from half as many senders as transactions.
    Mixed,
    /// A market of collectibles.
    Market,
    /// Loans against collateral.
    Lending,
    /// Stakes that earn a reward.
    Staking,
    /// A game with many players.
    Game,
    /// Options that are settled by price.
    Options,
    /// All kinds of contracts in one block.
    Defi,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Transfers,
        Self::TransfersToOne,
        Self::Erc20,
        Self::Erc20ToOne,
        Self::Swaps,
        Self::SwapsOnePool,
        Self::MintRush,
        Self::Payout,
        Self::Erc20Payout,
        Self::Mixed,
        Self::Market,
        Self::Lending,
        Self::Staking,
        Self::Game,
        Self::Options,
        Self::Defi,
    ];

    /// The name for command lines and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfers => "transfers",
            Self::TransfersToOne => "transfers-to-one",
            Self::Erc20 => "erc20",
            Self::Erc20ToOne => "erc20-to-one",
            Self::Swaps => "swaps",
            Self::SwapsOnePool => "swaps-one-pool",
            Self::MintRush => "mint-rush",
            Self::Payout => "payout",
            Self::Erc20Payout => "erc20-payout",
            Self::Mixed => "mixed",
            Self::Market => "market",
            Self::Lending => "lending",
            Self::Staking => "staking",
            Self::Game => "game",
            Self::Options => "options",
            Self::Defi => "defi",
        }
    }

    /// The workload with this many transactions, by the rules of Cancun.
    pub const fn config(self, transactions: usize, seed: u64) -> WorkloadConfig {
        let (activity, senders, targets) = match self {
            Self::Transfers => (Activity::Transfers, transactions, transactions),
            Self::TransfersToOne => (Activity::Transfers, transactions, 1),
            Self::Erc20 => (Activity::Erc20, transactions, transactions),
            Self::Erc20ToOne => (Activity::Erc20, transactions, 1),
            Self::Swaps => (Activity::Swaps, transactions, transactions),
            Self::SwapsOnePool => (Activity::Swaps, transactions, 1),
            Self::MintRush => (Activity::Mints, transactions, 1),
            Self::Payout => (Activity::Transfers, 1, transactions),
            Self::Erc20Payout => (Activity::Erc20, 1, transactions),
            Self::Mixed => (Activity::Mixed, transactions.div_ceil(2), 10),
            Self::Market => (Activity::Market, users(transactions), 1),
            Self::Lending => (Activity::Lending, users(transactions), 1),
            Self::Staking => (Activity::Staking, users(transactions), 1),
            Self::Game => (Activity::Game, users(transactions), 1),
            Self::Options => (Activity::Options, users(transactions), 1),
            Self::Defi => (Activity::Defi, users(transactions), users(transactions)),
        };
        WorkloadConfig {
            activity,
            transactions,
            seed,
            senders,
            targets,
            rules: Rules::Cancun,
        }
    }
}

/// Of large blocks each user sends two transactions; small ones have enough users to meet each other.
const fn users(transactions: usize) -> usize {
    match transactions {
        0..=32 => transactions,
        _ => transactions.div_ceil(2),
    }
}

impl core::str::FromStr for Preset {
    type Err = String;

    fn from_str(name: &str) -> core::result::Result<Self, String> {
        let found = Self::ALL.into_iter().find(|preset| preset.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no workload {name:?}; there are {names}")
        })
    }
}

/// A pool and its tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolPlace {
    /// The pool.
    pub address: Address,
    /// Its first token.
    pub token0: Address,
    /// Its second token.
    pub token1: Address,
}

/// One block with the state before it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The state and the block.
    pub file: BlockFile,
    /// The block's transactions, as they decode.
    pub transactions: Vec<SignedTransaction>,
    /// The token contracts.
    pub tokens: Vec<Address>,
    /// The pools.
    pub pools: Vec<PoolPlace>,
    /// The contract that sells numbered pieces.
    pub collectible: Option<Address>,
    /// All contracts, by the names that [`Contract::named`] knows.
    pub contracts: BTreeMap<Address, &'static str>,
    /// The transactions that fail on purpose, by their place in the block, and the error that each fails with, such as `NotListed(uint256)`.
    pub failures: BTreeMap<usize, &'static str>,
}

impl Workload {
    /// The state before the block.
    ///
    /// # Errors
    /// [`Error::Internal`], which never happens.
    pub fn state(&self) -> Result<State> {
        State::by_rules(&self.file.alloc, self.file.rules)
    }

    /// What holds for all transactions of the block.
    ///
    /// # Errors
    /// [`Error::Internal`], which never happens.
    pub fn context(&self) -> Result<BlockContext> {
        let block = self.file.blocks.first();
        let block =
            block.ok_or_else(|| Error::Internal("a workload without a block".to_owned()))?;
        Ok(BlockContext {
            chain_id: self.file.chain_id,
            rules: self.file.rules,
            environment: block.environment,
            excess_blob_gas: 0,
        })
    }
}
