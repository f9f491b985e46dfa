//! Reading.

use std::collections::BTreeMap;
use std::path::Path;

use alloy_primitives::{B256, U256};
use braid_circuits::event::BlockEnvironment;
use braid_text::Rules;
use braid_text::json::Object;
use serde::Deserialize;

use super::alloc::JsonAlloc;
use super::json::{self, Entries, Text, address, hash, parse, small};
use super::version::check_version;
use super::{Block, BlockFile, MAX_FILE_BYTES, MAX_OLDER_HASHES, Parent, at_most};
use crate::error::{Error, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonFile {
    #[serde(rename = "version")]
    _version: Text,
    chain_id: Text,
    /// Files had none once, when there were those of Cancun alone.
    #[serde(default)]
    rules: Option<Text>,
    parent: Object<JsonParent>,
    alloc: JsonAlloc<false>,
    blocks: Vec<Object<JsonBlock>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonParent {
    number: Text,
    timestamp: Text,
    block_hash: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonBlock {
    number: Text,
    timestamp: Text,
    coinbase: Text,
    gas_limit: Text,
    base_fee: Text,
    prev_randao: Text,
    #[serde(default)]
    block_hashes: Option<Entries<Text>>,
    #[serde(default)]
    excess_blob_gas: Option<Text>,
    #[serde(default)]
    parent_beacon_block_root: Option<Text>,
    transactions: Vec<Text>,
}

impl JsonBlock {
    /// Reads a block; transactions that are no bytes are left out, and added to `faults`.
    fn read(&self, place: &str, rules: Rules, faults: &mut Vec<Error>) -> Result<Block> {
        let at = |field: &str| format!("{place}.{field}");
        let base_fee = small(&self.base_fee, &at("baseFee"))?;
        let excess_blob_gas = self.excess_blob_gas.as_ref();
        let excess_blob_gas = excess_blob_gas.map(|gas| {
            let place = at("excessBlobGas");
            small(gas, &place).and_then(|gas| json::excess_blob_gas(gas, rules, &place))
        });
        let root = self.parent_beacon_block_root.as_ref();
        let root = root.map(|root| hash(root, &at("parentBeaconBlockRoot")));
        let hashes = self.block_hashes.as_ref();
        let hashes = hashes.map(|entries| older_hashes(entries, &at("blockHashes")));
        let number = small(&self.number, &at("number"))?;
        let mut transactions = Vec::with_capacity(self.transactions.len());
        for (index, text) in self.transactions.iter().enumerate() {
            match braid_text::bytes(&text.0) {
                Ok(raw) => transactions.push(raw),
                Err(fault) => faults.push(Error::TransactionText {
                    block: number,
                    index,
                    place: at(&format!("transactions[{index}]")),
                    what: fault.to_string(),
                }),
            }
        }
        Ok(Block {
            environment: BlockEnvironment {
                number,
                timestamp: small(&self.timestamp, &at("timestamp"))?,
                coinbase: address(&self.coinbase, &at("coinbase"))?,
                gas_limit: small(&self.gas_limit, &at("gasLimit"))?,
                base_fee: U256::from(base_fee),
                prev_randao: hash(&self.prev_randao, &at("prevRandao"))?,
                blob_base_fee: U256::ZERO,
            },
            older_hashes: hashes.transpose()?.unwrap_or_default(),
            excess_blob_gas: excess_blob_gas.transpose()?.unwrap_or_default(),
            parent_beacon_block_root: root.transpose()?,
            transactions,
        })
    }
}

/// Hashes of earlier blocks by number.
///
/// # Errors
/// [`Error::Malformed`] with the path, which begins with `place`.
pub(crate) fn older_hashes<const COMMENTS: bool>(
    entries: &Entries<Text, COMMENTS>,
    place: &str,
) -> Result<BTreeMap<u64, B256>> {
    at_most(
        place.to_owned(),
        entries.0.len(),
        MAX_OLDER_HASHES,
        "hashes",
    )?;
    let mut hashes = BTreeMap::new();
    for (number, text) in &entries.0 {
        let place = format!("{place}[{number:?}]");
        let number = small(&Text(number.clone()), &place)?;
        if hashes.insert(number, hash(text, &place)?).is_some() {
            return Err(Error::malformed(place, "the block is given twice"));
        }
    }
    Ok(hashes)
}

impl BlockFile {
    /// Reads a block file.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path of what is wrong; [`Error::NewerVersion`]; [`Error::TransactionText`] for a transaction that is no bytes, or
    /// [`Error::Refused`] with all such transactions.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        const FILE: &str = "block file";
        if json.len() > MAX_FILE_BYTES {
            let what = format!("more than {MAX_FILE_BYTES} bytes");
            return Err(Error::malformed(FILE, what));
        }
        check_version(json)?;
        let file = parse::<Object<JsonFile>>(json, FILE, "")?.0;
        let rules = file.rules.as_ref();
        let rules = rules.map(|text| json::rules(text, "rules"));
        let rules = rules.transpose()?.unwrap_or(Rules::Cancun);
        let blocks = file.blocks.iter().enumerate();
        let mut faults = Vec::new();
        let parsed = Self {
            chain_id: small(&file.chain_id, "chainId")?,
            rules,
            parent: Parent {
                number: small(&file.parent.number, "parent.number")?,
                timestamp: small(&file.parent.timestamp, "parent.timestamp")?,
                block_hash: hash(&file.parent.block_hash, "parent.blockHash")?,
            },
            alloc: file.alloc.read("alloc")?,
            blocks: blocks
                .map(|(index, json)| json.read(&format!("blocks[{index}]"), rules, &mut faults))
                .collect::<Result<_>>()?,
        };
        if !faults.is_empty() {
            return Err(Error::refused(faults));
        }
        parsed.check()?;
        Ok(parsed)
    }

    /// Reads a block file from disk.
    ///
    /// # Errors
    /// As [`Self::from_json`], or when the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_json(&read_file(path)?)
    }
}

/// Reads a file of at most [`MAX_FILE_BYTES`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let fault = |error: std::io::Error| Error::File {
        path: path.display().to_string(),
        kind: error.kind(),
        reason: error.to_string(),
    };
    let file = std::fs::File::open(path).map_err(fault)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(bytes)
}
