//! The block file: everything that a proof starts from, as JSON. `docs/block-file.md` describes the format,
//! `docs/block-file.schema.json` is its schema.
//!
//! Reading is strict: unknown, missing and repeated fields are refused, and so is an account that is given twice. Numbers may be
//! JSON integers, decimal strings or hex strings; [`BlockFile::to_json`] writes hex strings.

mod alloc;
mod json;
mod read;
mod version;
mod write;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_circuits::event::BlockEnvironment;
use braid_text::Rules;

pub(crate) use alloc::JsonAlloc;
pub(crate) use json::{
    Comment, Entries, Text, address, bytes, excess_blob_gas, hash, number, parse, small,
};
pub(crate) use read::{older_hashes, read_file};

use crate::error::{Error, Result};
use crate::execution::BLOCK_HASHES;

/// The version of the format.
pub const VERSION: u64 = 1;
/// Most bytes of a block file.
pub const MAX_FILE_BYTES: usize = 256 << 20;
/// Most blocks in a file.
pub const MAX_BLOCKS: usize = 4_096;
/// Most transactions in a block.
pub const MAX_TRANSACTIONS: usize = 65_536;
/// Most bytes of one transaction: what Ethereum's public pool takes.
pub const MAX_TRANSACTION_BYTES: usize = 128 << 10;
/// Most hashes of earlier blocks that a file gives for one: those that it can ask for (BLOCKHASH), and one more that the state before it has.
pub const MAX_OLDER_HASHES: usize = BLOCK_HASHES as usize + 1;
/// Most accounts before the first block.
pub const MAX_ACCOUNTS: usize = 1 << 20;
/// Most bytes of code of one account.
pub const MAX_CODE_BYTES: usize = 1 << 20;

/// The last sealed block, which the first block follows. Its state root is that of `alloc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parent {
    /// Its number.
    pub number: u64,
    /// Its timestamp.
    pub timestamp: u64,
    /// Its hash, in the rollup's own form.
    pub block_hash: B256,
}

/// An account before the first block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocAccount {
    /// Wei.
    pub balance: U256,
    /// Transactions sent.
    pub nonce: u64,
    /// Bytecode.
    pub code: Bytes,
    /// Storage slots; zeros are as if they were not there.
    pub storage: BTreeMap<U256, U256>,
}

/// A block: its environment and its transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The environment.
    pub environment: BlockEnvironment,
    /// Hashes of some of the 257 blocks before it, by number, for BLOCKHASH. Those of blocks before [`BlockFile::parent`] are part of the state before the first block. What the chain knows itself need not be given, and must not be
    /// contradicted.
    pub older_hashes: BTreeMap<u64, B256>,
    /// Excess blob gas (EIP-4844), which decides what BLOBBASEFEE shows (EIP-7516).
    pub excess_blob_gas: u64,
    /// The root of the parent's beacon block: before the first transaction it is given to the beacon roots contract (EIP-4788), where the state has one.
    pub parent_beacon_block_root: Option<B256>,
    /// Signed transactions (EIP-2718), not looked at yet.
    pub transactions: Vec<Bytes>,
}

/// A block file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockFile {
    /// The chain.
    pub chain_id: u64,
    /// The rules of the chain, and so of all blocks.
    pub rules: Rules,
    /// What the first block follows.
    pub parent: Parent,
    /// The state before the first block.
    pub alloc: BTreeMap<Address, AllocAccount>,
    /// The blocks in order, at least one.
    pub blocks: Vec<Block>,
}

impl BlockFile {
    /// The hashes of blocks before the parent that the state before the first block has: what any block gives.
    pub(crate) fn older_hashes(&self) -> BTreeMap<u64, B256> {
        let mut hashes = BTreeMap::new();
        for (number, hash) in self.blocks.iter().flat_map(|block| &block.older_hashes) {
            hashes.entry(*number).or_insert(*hash);
        }
        hashes
    }

    /// What holds beyond the form of the file: counts, sizes and accounts that the state tree can hold.
    pub fn check(&self) -> Result<()> {
        if self.blocks.is_empty() {
            return Err(Error::malformed("blocks", "there must be at least one"));
        }
        at_most("blocks".to_owned(), self.blocks.len(), MAX_BLOCKS, "blocks")?;
        at_most(
            "alloc".to_owned(),
            self.alloc.len(),
            MAX_ACCOUNTS,
            "accounts",
        )?;
        for (index, block) in self.blocks.iter().enumerate() {
            let place = format!("blocks[{index}].transactions");
            at_most(
                place,
                block.transactions.len(),
                MAX_TRANSACTIONS,
                "transactions",
            )?;
            let place = format!("blocks[{index}].blockHashes");
            at_most(place, block.older_hashes.len(), MAX_OLDER_HASHES, "hashes")?;
            if block.environment.base_fee > U256::from(u64::MAX) {
                let place = format!("blocks[{index}].baseFee");
                return Err(Error::malformed(place, "it is 2^64 or above"));
            }
        }
        check_alloc(&self.alloc)
    }
}

fn at_most(place: String, count: usize, most: usize, what: &str) -> Result<()> {
    if count > most {
        return Err(Error::malformed(place, format!("more than {most} {what}")));
    }
    Ok(())
}

/// What holds of the accounts beyond their form: sizes, the sum of all balances, and that the state tree can hold them.
pub(crate) fn check_alloc(alloc: &BTreeMap<Address, AllocAccount>) -> Result<()> {
    let mut supply = U256::ZERO;
    for (address, account) in alloc {
        let too_many = || Error::malformed("alloc", "the balances add up to 2^256 wei or more");
        supply = supply.checked_add(account.balance).ok_or_else(too_many)?;
        let place = format!("alloc[\"{address:?}\"]");
        at_most(
            format!("{place}.code"),
            account.code.len(),
            MAX_CODE_BYTES,
            "bytes",
        )?;
        // The tree keeps storage apart from its account, so that storage of an empty account would outlive the account's
        // deletion by EIP-161. No rules bring such an account about.
        let empty = account.nonce == 0 && account.balance.is_zero() && account.code.is_empty();
        if empty && account.storage.values().any(|value| !value.is_zero()) {
            return Err(Error::malformed(
                place,
                "an account that is empty by EIP-161 cannot have storage",
            ));
        }
    }
    Ok(())
}
