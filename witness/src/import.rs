//! Block files from other formats: folders of geth's `t8n` tool, and state tests of ethereum/tests.

use std::path::Path;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::Header;
use braid_circuits::event::{BlockEnvironment, TransactionKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::block_file::{
    Block, BlockFile, Entries, JsonAccount, Parent, Text, address, alloc, bytes, hash, number,
    read_file, small,
};
use crate::error::{Error, Result};
use crate::sample::{Draft, SampleKey};

/// The chain id of Ethereum's tests.
pub const TEST_CHAIN_ID: u64 = 1;

/// The base fee of state tests that do not give one.
const DEFAULT_BASE_FEE: u64 = 10;

fn parse<T: DeserializeOwned>(json: &[u8], place: &str) -> Result<T> {
    serde_json::from_slice(json).map_err(|error| Error::malformed(place, error.to_string()))
}

/// The environment as both formats write it; they add fields that do not matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonEnvironment {
    current_coinbase: Text,
    current_gas_limit: Text,
    current_number: Text,
    current_timestamp: Text,
    #[serde(default)]
    current_base_fee: Option<Text>,
    #[serde(default)]
    current_random: Option<Text>,
    #[serde(default)]
    current_difficulty: Option<Text>,
    #[serde(default)]
    current_excess_blob_gas: Option<Text>,
    #[serde(default)]
    withdrawals: Option<Vec<serde_json::Value>>,
}

impl JsonEnvironment {
    fn read(&self, base_fee: Option<u64>) -> Result<BlockEnvironment> {
        if self
            .withdrawals
            .as_ref()
            .is_some_and(|list| !list.is_empty())
        {
            return Err(Error::malformed(
                "env.withdrawals",
                "withdrawals are not part of the rollup",
            ));
        }
        let prev_randao = match (&self.current_random, &self.current_difficulty) {
            (Some(random), _) => B256::from(number(random, "env.currentRandom")?),
            (None, Some(difficulty)) => B256::from(number(difficulty, "env.currentDifficulty")?),
            (None, None) => {
                return Err(Error::malformed("env.currentRandom", "it is missing"));
            }
        };
        let base_fee = match (&self.current_base_fee, base_fee) {
            (Some(fee), _) => small(fee, "env.currentBaseFee")?,
            (None, Some(fee)) => fee,
            (None, None) => {
                return Err(Error::malformed("env.currentBaseFee", "it is missing"));
            }
        };
        Ok(BlockEnvironment {
            number: small(&self.current_number, "env.currentNumber")?,
            timestamp: small(&self.current_timestamp, "env.currentTimestamp")?,
            coinbase: address(&self.current_coinbase, "env.currentCoinbase")?,
            gas_limit: small(&self.current_gas_limit, "env.currentGasLimit")?,
            base_fee: U256::from(base_fee),
            prev_randao,
        })
    }
}

/// The last sealed block before a block of which nothing but its own environment is known.
fn parent_of(environment: &BlockEnvironment) -> Result<Parent> {
    Ok(Parent {
        number: environment
            .number
            .checked_sub(1)
            .ok_or_else(|| Error::malformed("env.currentNumber", "block 0 has no parent"))?,
        timestamp: environment.timestamp.saturating_sub(1),
        block_hash: B256::ZERO,
    })
}

/// One `post.Cancun` entry of a state test.
#[derive(Clone, Debug)]
pub struct StateTestCase {
    /// Name of the test.
    pub name: String,
    /// Which of its data, gas limits and values: `d0g0v0`.
    pub variant: String,
    /// One block with the one transaction.
    pub block_file: BlockFile,
    /// Why the transaction must be refused, if it must.
    pub expect_exception: Option<String>,
    /// The sender that the test states.
    pub sender: Option<Address>,
    /// The root of Ethereum's state trie that must follow.
    pub root: B256,
    /// Keccak-256 of the RLP of the logs.
    pub logs: B256,
    /// Excess blob gas, which only contracts and blob transactions see.
    pub excess_blob_gas: u64,
}

#[derive(Deserialize)]
struct JsonStateTest {
    env: JsonEnvironment,
    pre: Entries<JsonAccount>,
    post: JsonPost,
    transaction: JsonTestTransaction,
}

#[derive(Deserialize)]
struct JsonTestTransaction {
    #[serde(default)]
    sender: Option<Text>,
}

#[derive(Deserialize)]
struct JsonPost {
    #[serde(default, rename = "Cancun")]
    cancun: Vec<JsonPostEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonPostEntry {
    hash: Text,
    logs: Text,
    txbytes: Text,
    indexes: JsonIndexes,
    #[serde(default)]
    expect_exception: Option<String>,
}

#[derive(Deserialize)]
struct JsonIndexes {
    data: u32,
    gas: u32,
    value: u32,
}

/// The Cancun cases of a state test file of ethereum/tests.
pub fn state_test(json: &[u8]) -> Result<Vec<StateTestCase>> {
    let tests: Entries<JsonStateTest> = parse(json, "state test")?;
    let mut cases = Vec::new();
    for (name, test) in tests.0 {
        let environment = test.env.read(Some(DEFAULT_BASE_FEE))?;
        let excess_blob_gas = match &test.env.current_excess_blob_gas {
            Some(gas) => small(gas, "env.currentExcessBlobGas")?,
            None => 0,
        };
        let sender = test.transaction.sender.as_ref();
        let sender = sender
            .map(|text| address(text, "transaction.sender"))
            .transpose()?;
        let alloc = alloc(test.pre, "pre")?;
        for (index, entry) in test.post.cancun.iter().enumerate() {
            let place = format!("post.Cancun[{index}]");
            let indexes = &entry.indexes;
            cases.push(StateTestCase {
                name: name.clone(),
                variant: format!("d{}g{}v{}", indexes.data, indexes.gas, indexes.value),
                block_file: BlockFile {
                    chain_id: TEST_CHAIN_ID,
                    parent: parent_of(&environment)?,
                    alloc: alloc.clone(),
                    blocks: vec![Block {
                        environment,
                        transactions: vec![bytes(&entry.txbytes, &format!("{place}.txbytes"))?],
                    }],
                },
                expect_exception: entry.expect_exception.clone(),
                sender,
                root: hash(&entry.hash, &format!("{place}.hash"))?,
                logs: hash(&entry.logs, &format!("{place}.logs"))?,
                excess_blob_gas,
            });
        }
    }
    Ok(cases)
}

/// A transaction of `txs.json`: signed, or with the key to sign it with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonTransaction {
    #[serde(default, rename = "type")]
    kind: Option<Text>,
    #[serde(default)]
    chain_id: Option<Text>,
    nonce: Text,
    #[serde(default)]
    gas_price: Option<Text>,
    #[serde(default)]
    max_fee_per_gas: Option<Text>,
    #[serde(default)]
    max_priority_fee_per_gas: Option<Text>,
    #[serde(alias = "gasLimit")]
    gas: Text,
    #[serde(default)]
    to: Option<Text>,
    value: Text,
    #[serde(alias = "data")]
    input: Text,
    #[serde(default)]
    access_list: Option<Vec<JsonAccessListItem>>,
    #[serde(default)]
    v: Option<Text>,
    #[serde(default)]
    r: Option<Text>,
    #[serde(default)]
    s: Option<Text>,
    #[serde(default)]
    secret_key: Option<Text>,
    #[serde(default)]
    protected: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonAccessListItem {
    address: Text,
    storage_keys: Vec<Text>,
}

impl JsonTransaction {
    /// The signed bytes.
    fn encode(&self, place: &str, chain: u64) -> Result<Bytes> {
        let at = |field: &str| format!("{place}.{field}");
        let required = |text: &Option<Text>, field: &str| match text {
            Some(text) => number(text, &at(field)),
            None => Err(Error::malformed(at(field), "it is missing")),
        };
        let or_zero = |text: &Option<Text>, field: &str| match text {
            Some(text) => number(text, &at(field)),
            None => Ok(U256::ZERO),
        };
        let v = or_zero(&self.v, "v")?;
        let (r, s) = (or_zero(&self.r, "r")?, or_zero(&self.s, "s")?);
        let signed = !r.is_zero() || !s.is_zero();
        let kind = match &self.kind {
            None => 0,
            Some(kind) => small(kind, &at("type"))?,
        };
        let kind = match kind {
            0 => TransactionKind::Legacy {
                protected: if signed {
                    v >= U256::from(35)
                } else {
                    self.protected.unwrap_or(true)
                },
            },
            1 => TransactionKind::AccessList,
            2 => TransactionKind::DynamicFee,
            other => {
                return Err(Error::malformed(
                    at("type"),
                    format!("type {other} cannot be imported; give txs.rlp"),
                ));
            }
        };
        let (max_fee, max_priority_fee) = if kind == TransactionKind::DynamicFee {
            (
                required(&self.max_fee_per_gas, "maxFeePerGas")?,
                required(&self.max_priority_fee_per_gas, "maxPriorityFeePerGas")?,
            )
        } else {
            let price = required(&self.gas_price, "gasPrice")?;
            (price, price)
        };
        // The chain id of a protected legacy transaction stands in v.
        let from_v = match kind {
            TransactionKind::Legacy { protected: true } if signed => {
                let id = (v - U256::from(35)) >> 1;
                Some(u64::try_from(id).map_err(|_| Error::malformed(at("v"), "it is too large"))?)
            }
            _ => None,
        };
        let chain_id = match (from_v, &self.chain_id) {
            (Some(id), _) => id,
            (None, Some(id)) => small(id, &at("chainId"))?,
            (None, None) => chain,
        };
        let to = match &self.to {
            Some(to) if !to.0.is_empty() => Some(address(to, &at("to"))?),
            _ => None,
        };
        let mut access_list = Vec::new();
        for (index, item) in self.access_list.iter().flatten().enumerate() {
            let place = at(&format!("accessList[{index}]"));
            access_list.push(AccessListItem {
                address: address(&item.address, &place)?,
                storage_keys: item
                    .storage_keys
                    .iter()
                    .map(|key| hash(key, &place))
                    .collect::<Result<_>>()?,
            });
        }
        let draft = Draft {
            kind,
            chain_id,
            nonce: small(&self.nonce, &at("nonce"))?,
            max_fee,
            max_priority_fee,
            gas_limit: small(&self.gas, &at("gas"))?,
            to,
            value: number(&self.value, &at("value"))?,
            data: bytes(&self.input, &at("input"))?,
            access_list: AccessList(access_list),
        };
        match (&self.secret_key, signed) {
            (_, true) => {
                let legacy = matches!(kind, TransactionKind::Legacy { .. });
                // 27 and all of 35 + 2 * chain id are odd where R's y is even.
                let odd_y = v.bit(0) != legacy;
                Ok(draft.with_signature(odd_y, r, s))
            }
            (Some(key), false) => {
                let secret = hash(key, &at("secretKey"))?;
                let key = SampleKey::from_secret(secret)
                    .ok_or_else(|| Error::malformed(at("secretKey"), "it is out of range"))?;
                draft.sign(&key)
            }
            (None, false) => Err(Error::malformed(place, "it has neither signature nor key")),
        }
    }
}

/// A folder of geth's `t8n` tool as one block: `alloc.json`, `env.json` and `txs.json` or `txs.rlp`. What `t8n` would do besides the
/// transactions (withdrawals, beacon root, rewards) is not part of the rollup.
pub fn t8n_folder(folder: &Path, chain_id: u64) -> Result<BlockFile> {
    let environment: JsonEnvironment = parse(&read_file(&folder.join("env.json"))?, "env.json")?;
    let environment = environment.read(None)?;
    let accounts = parse(&read_file(&folder.join("alloc.json"))?, "alloc.json")?;
    let rlp = folder.join("txs.rlp");
    let transactions = if rlp.is_file() {
        transactions_from_rlp(&read_file(&rlp)?)?
    } else {
        let list: Vec<JsonTransaction> = parse(&read_file(&folder.join("txs.json"))?, "txs.json")?;
        let list = list.iter().enumerate();
        list.map(|(index, json)| json.encode(&format!("txs[{index}]"), chain_id))
            .collect::<Result<_>>()?
    };
    let file = BlockFile {
        chain_id,
        parent: parent_of(&environment)?,
        alloc: alloc(accounts, "alloc")?,
        blocks: vec![Block {
            environment,
            transactions,
        }],
    };
    file.check()?;
    Ok(file)
}

/// `txs.rlp`: a JSON string with the hex of an RLP list; legacy transactions are lists in it, others strings.
fn transactions_from_rlp(json: &[u8]) -> Result<Vec<Bytes>> {
    const PLACE: &str = "txs.rlp";
    let text: Text = parse(json, PLACE)?;
    let list = bytes(&text, PLACE)?;
    let fault = |error: alloy_rlp::Error| Error::malformed(PLACE, error.to_string());
    let mut buffer: &[u8] = &list;
    let mut items = Header::decode_bytes(&mut buffer, true).map_err(fault)?;
    if !buffer.is_empty() {
        return Err(Error::malformed(PLACE, "bytes follow the list"));
    }
    let mut transactions = Vec::new();
    while !items.is_empty() {
        let whole = items;
        let header = Header::decode(&mut items).map_err(fault)?;
        let head = whole.len() - items.len();
        let (content, rest) = items
            .split_at_checked(header.payload_length)
            .ok_or_else(|| fault(alloy_rlp::Error::InputTooShort))?;
        let item = if header.list {
            whole
                .get(..head + header.payload_length)
                .unwrap_or_default()
        } else {
            content
        };
        transactions.push(Bytes::copy_from_slice(item));
        items = rest;
    }
    Ok(transactions)
}
