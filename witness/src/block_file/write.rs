//! Writing.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes};
use braid_text::Rules;
use serde::Serialize;

use super::{AllocAccount, Block, BlockFile, VERSION};

impl BlockFile {
    /// The file as JSON, accounts sorted, numbers in hex.
    pub fn to_json(&self) -> String {
        let file = WriteFile {
            version: VERSION,
            chain_id: quantity(self.chain_id),
            rules: (self.rules != Rules::Cancun).then_some(self.rules),
            parent: WriteParent {
                number: quantity(self.parent.number),
                timestamp: quantity(self.parent.timestamp),
                block_hash: self.parent.block_hash,
            },
            alloc: self
                .alloc
                .iter()
                .map(|(address, account)| (format!("{address:?}"), WriteAccount::from(account)))
                .collect(),
            blocks: self.blocks.iter().map(WriteBlock::from).collect(),
        };
        // Strings, vectors and maps with string keys always serialize.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }
}

fn quantity(value: impl core::fmt::LowerHex) -> String {
    format!("{value:#x}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WriteFile {
    version: u64,
    chain_id: String,
    /// Left out of files by the rules of Cancun, which had none once.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Rules>,
    parent: WriteParent,
    alloc: BTreeMap<String, WriteAccount>,
    blocks: Vec<WriteBlock>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WriteParent {
    number: String,
    timestamp: String,
    block_hash: B256,
}

#[derive(Serialize)]
struct WriteAccount {
    balance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Bytes>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    storage: BTreeMap<String, String>,
}

impl From<&AllocAccount> for WriteAccount {
    fn from(account: &AllocAccount) -> Self {
        Self {
            balance: quantity(account.balance),
            nonce: (account.nonce != 0).then(|| quantity(account.nonce)),
            code: (!account.code.is_empty()).then(|| account.code.clone()),
            storage: account
                .storage
                .iter()
                .map(|(slot, value)| (quantity(slot), quantity(value)))
                .collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WriteBlock {
    number: String,
    timestamp: String,
    coinbase: String,
    gas_limit: String,
    base_fee: String,
    prev_randao: B256,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    block_hashes: BTreeMap<String, B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excess_blob_gas: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_beacon_block_root: Option<B256>,
    transactions: Vec<Bytes>,
}

impl From<&Block> for WriteBlock {
    fn from(block: &Block) -> Self {
        let environment = &block.environment;
        Self {
            number: quantity(environment.number),
            timestamp: quantity(environment.timestamp),
            coinbase: format!("{:?}", environment.coinbase),
            gas_limit: quantity(environment.gas_limit),
            base_fee: quantity(environment.base_fee),
            prev_randao: environment.prev_randao,
            block_hashes: block
                .older_hashes
                .iter()
                .map(|(number, hash)| (quantity(*number), *hash))
                .collect(),
            excess_blob_gas: (block.excess_blob_gas != 0).then(|| quantity(block.excess_blob_gas)),
            parent_beacon_block_root: block.parent_beacon_block_root,
            transactions: block.transactions.clone(),
        }
    }
}
