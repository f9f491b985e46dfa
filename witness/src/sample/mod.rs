//! Block files made from a seed: signed transactions of every kind that can be proved.

mod draft;

use std::collections::BTreeMap;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::event::BlockEnvironment;
use braid_text::Rules;

use crate::block_file::{AllocAccount, Block, BlockFile, Parent};
use crate::error::Result;
use crate::transaction::TransactionKind;

pub use draft::{Draft, SampleKey};

/// What a sample block file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleConfig {
    /// Different seeds give different keys, amounts and orders.
    pub seed: u64,
    /// Transactions in all blocks together.
    pub transactions: usize,
    /// Blocks, at least one. A block may be empty if there are more blocks than transactions.
    pub blocks: usize,
    /// Senders, at least one.
    pub senders: usize,
    /// Most bytes of calldata of a transaction.
    pub calldata: usize,
    /// By which the blocks are executed.
    pub rules: Rules,
}

impl SampleConfig {
    /// Transactions of one block from a seed, by the rules of Cancun.
    pub fn new(seed: u64, transactions: usize) -> Self {
        Self {
            seed,
            transactions,
            blocks: 1,
            senders: (transactions / 3).clamp(1, 1_000),
            calldata: 40,
            rules: Rules::Cancun,
        }
    }
}

/// Numbers from a seed, the same everywhere: Keccak-256 over seed and counter.
pub(crate) struct Dice {
    seed: u64,
    counter: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    pub(crate) fn word(&mut self) -> B256 {
        self.counter += 1;
        let text = [
            &b"braid sample"[..],
            &self.seed.to_be_bytes(),
            &self.counter.to_be_bytes(),
        ];
        keccak256(text.concat())
    }

    /// Below `limit`, which is not zero.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let word = self.word();
        let number = word
            .0
            .iter()
            .take(8)
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        (number % (limit.max(1) as u64)) as usize
    }

    pub(crate) fn address(&mut self) -> Address {
        Address::from_word(self.word())
    }
}

/// The chain id of samples.
pub const SAMPLE_CHAIN_ID: u64 = 1337;

/// A block file: legacy transactions with and without EIP-155, EIP-2930 with access lists, EIP-1559; to accounts old and new, to the
/// sender itself, to the coinbase and from it; zero value; calldata; several from one sender in a row.
pub fn sample(config: &SampleConfig) -> Result<BlockFile> {
    let mut dice = Dice::new(config.seed);
    let senders = (0..config.senders.max(1) as u64)
        .map(|index| SampleKey::new(config.seed, index))
        .collect::<Result<Vec<_>>>()?;
    let ether = U256::from(10).pow(U256::from(18));
    let mut alloc: BTreeMap<Address, AllocAccount> = senders
        .iter()
        .map(|key| {
            let balance = ether * U256::from(100_000);
            (
                key.address(),
                AllocAccount {
                    balance,
                    ..AllocAccount::default()
                },
            )
        })
        .collect();
    // Old accounts that only receive, and a contract with storage that nobody calls.
    let mut known: Vec<Address> = (0..4).map(|_| dice.address()).collect();
    for address in &known {
        let account = AllocAccount {
            balance: U256::from(1 + dice.below(1_000_000)),
            ..AllocAccount::default()
        };
        alloc.insert(*address, account);
    }
    let contract = AllocAccount {
        nonce: 1,
        code: Bytes::from_static(&[0x60, 0x00, 0x54, 0x00]),
        storage: BTreeMap::from([
            (U256::ZERO, U256::from(config.seed)),
            (U256::from(1), U256::from(7)),
        ]),
        ..AllocAccount::default()
    };
    alloc.insert(dice.address(), contract);

    let mut nonces = vec![0u64; senders.len()];
    let mut sender = 0;
    let mut blocks = Vec::new();
    let total_blocks = config.blocks.max(1);
    for number in 0..total_blocks {
        // The coinbase is a sender in even blocks, and new in odd ones.
        let coinbase = if number % 2 == 0 {
            senders.first().map_or(Address::ZERO, SampleKey::address)
        } else {
            dice.address()
        };
        let first = config.transactions * number / total_blocks;
        let last = config.transactions * (number + 1) / total_blocks;
        let base_fee = U256::from(1_000_000_000u64 + 1_000 * number as u64);
        let mut transactions = Vec::new();
        let mut gas = 0u64;
        for index in first..last {
            // The first sender, who is the coinbase of even blocks, has its turn; one in three stays with the last sender.
            if index % 8 == 5 {
                sender = 0;
            } else if index % 3 != 1 {
                sender = dice.below(senders.len());
            }
            let (Some(key), Some(nonce)) = (senders.get(sender), nonces.get_mut(sender)) else {
                continue;
            };
            let to = match index % 7 {
                0 | 3 => dice.address(),
                1 | 4 | 6 => known
                    .get(dice.below(known.len()))
                    .copied()
                    .unwrap_or(coinbase),
                2 => key.address(),
                _ => coinbase,
            };
            known.push(to);
            let draft = draft(&mut dice, index, config, to, base_fee, *nonce);
            *nonce += 1;
            gas += draft.gas_limit;
            transactions.push(draft.sign(key)?);
        }
        blocks.push(Block {
            environment: BlockEnvironment {
                number: 101 + number as u64,
                timestamp: 1_700_000_012 + 12 * number as u64,
                coinbase,
                gas_limit: gas.max(30_000_000),
                base_fee,
                prev_randao: dice.word(),
                blob_base_fee: U256::ZERO,
            },
            transactions,
            ..Block::default()
        });
    }
    Ok(BlockFile {
        chain_id: SAMPLE_CHAIN_ID,
        rules: config.rules,
        parent: Parent {
            number: 100,
            timestamp: 1_700_000_000,
            block_hash: dice.word(),
        },
        alloc,
        blocks,
    })
}

fn draft(
    dice: &mut Dice,
    index: usize,
    config: &SampleConfig,
    to: Address,
    base_fee: U256,
    nonce: u64,
) -> Draft {
    let kind = match index % 4 {
        0 => TransactionKind::DynamicFee,
        1 => TransactionKind::Legacy { protected: true },
        2 => TransactionKind::AccessList,
        _ => TransactionKind::Legacy { protected: false },
    };
    let length = match dice.below(3) {
        0 => dice.below(config.calldata + 1),
        _ => 0,
    };
    let data: Vec<u8> = (0..length)
        .map(|_| {
            if dice.below(3) == 0 {
                0
            } else {
                dice.below(256) as u8
            }
        })
        .collect();
    let listed = match kind {
        TransactionKind::Legacy { .. } => 0,
        _ => dice.below(3),
    };
    let access_list = AccessList(
        (0..listed)
            .map(|_| AccessListItem {
                address: dice.address(),
                storage_keys: (0..dice.below(3)).map(|_| dice.word()).collect(),
            })
            .collect(),
    );
    let mut draft = Draft {
        kind,
        chain_id: SAMPLE_CHAIN_ID,
        nonce,
        // A tip of zero for one in eight.
        max_priority_fee: if index % 8 == 4 {
            U256::ZERO
        } else {
            U256::from(1_000 * dice.below(3_000_000) as u64)
        },
        max_fee: base_fee,
        gas_limit: 0,
        to: Some(to),
        // Every fifth sends nothing.
        value: if index % 5 == 4 {
            U256::ZERO
        } else {
            U256::from_be_bytes(dice.word().0) >> 200
        },
        data: data.into(),
        access_list,
        ..Draft::default()
    };
    draft.max_fee += match kind {
        // Above, at and below what the priority fee asks for.
        TransactionKind::DynamicFee => {
            draft.max_priority_fee * U256::from(dice.below(3)) / U256::from(2)
        }
        _ => U256::from(1_000 * dice.below(2_000_000) as u64),
    };
    draft.max_fee = draft.max_fee.max(draft.max_priority_fee);
    // Some ask for more gas than they use.
    draft.gas_limit = draft.least_gas(config.rules) + [0, 0, 9_000][dice.below(3) % 3];
    draft
}
