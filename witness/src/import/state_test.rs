//! State tests of ethereum/tests: one transaction in one block, with what must follow from it.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use braid_text::Rules;
use braid_text::json::Object;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::environment::{JsonEnvironment, Read};
use crate::block_file::{
    Block, BlockFile, Comment, Entries, JsonAlloc, Parent, Text, address, bytes, hash, parse, small,
};
use crate::error::{Error, Result};
use crate::execution::BLOCK_HASHES;
use crate::execution::reader::hash_in_tests;

/// The chain id of Ethereum's tests.
pub const TEST_CHAIN_ID: u64 = 1;

/// The base fee of state tests that do not give one.
const DEFAULT_BASE_FEE: u64 = 10;

/// One entry of a state test's `post`, by the rules of one fork.
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonStateTest {
    env: Object<JsonEnvironment>,
    pre: JsonAlloc<true>,
    post: Object<JsonPost>,
    transaction: Object<JsonTestTransaction>,
    #[serde(default)]
    config: Option<Object<JsonConfig>>,
    /// Who filled the test with what.
    #[serde(default, rename = "_info")]
    _info: Option<IgnoredAny>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonConfig {
    #[serde(default)]
    chainid: Option<Text>,
    /// Blobs of each fork. Those of our rules are fixed (EIP-4844, EIP-7691).
    #[serde(default, rename = "blobSchedule")]
    _blob_schedule: Option<IgnoredAny>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

/// The fields of the transaction. All but the sender stand in the signed bytes (`txbytes`), which are what is imported.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonTestTransaction {
    #[serde(default)]
    sender: Option<Text>,
    #[serde(default, rename = "data")]
    _data: Option<IgnoredAny>,
    #[serde(default, rename = "gasLimit")]
    _gas_limit: Option<IgnoredAny>,
    #[serde(default, rename = "gasPrice")]
    _gas_price: Option<IgnoredAny>,
    #[serde(default, rename = "maxFeePerGas")]
    _max_fee_per_gas: Option<IgnoredAny>,
    #[serde(default, rename = "maxPriorityFeePerGas")]
    _max_priority_fee_per_gas: Option<IgnoredAny>,
    #[serde(default, rename = "maxFeePerBlobGas")]
    _max_fee_per_blob_gas: Option<IgnoredAny>,
    #[serde(default, rename = "nonce")]
    _nonce: Option<IgnoredAny>,
    #[serde(default, rename = "to")]
    _to: Option<IgnoredAny>,
    #[serde(default, rename = "value")]
    _value: Option<IgnoredAny>,
    #[serde(default, rename = "accessLists")]
    _access_lists: Option<IgnoredAny>,
    #[serde(default, rename = "blobVersionedHashes")]
    _blob_versioned_hashes: Option<IgnoredAny>,
    #[serde(default, rename = "authorizationList")]
    _authorization_list: Option<IgnoredAny>,
    #[serde(default, rename = "secretKey")]
    _secret_key: Option<IgnoredAny>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

/// What follows by fork. Forks without rules of ours are not asked about.
#[derive(Deserialize)]
struct JsonPost {
    #[serde(default, rename = "Cancun")]
    cancun: Vec<Object<JsonPostEntry>>,
    #[serde(default, rename = "Prague")]
    prague: Vec<Object<JsonPostEntry>>,
    #[serde(default, rename = "Osaka")]
    osaka: Vec<Object<JsonPostEntry>>,
}

impl JsonPost {
    /// What follows by these rules, and the name of their fork.
    fn of(&self, rules: Rules) -> (&'static str, &[Object<JsonPostEntry>]) {
        match rules {
            Rules::Cancun => ("Cancun", &self.cancun),
            Rules::Prague => ("Prague", &self.prague),
            Rules::Osaka => ("Osaka", &self.osaka),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonPostEntry {
    hash: Text,
    logs: Text,
    txbytes: Text,
    indexes: Object<JsonIndexes>,
    #[serde(default)]
    expect_exception: Option<String>,
    /// The state whose root is `hash`.
    #[serde(default, rename = "state")]
    _state: Option<IgnoredAny>,
    /// Gas and logs, the latter as in `logs`.
    #[serde(default, rename = "receipt")]
    _receipt: Option<IgnoredAny>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonIndexes {
    data: u32,
    gas: u32,
    value: u32,
}

/// Why an environment cannot give the hash of a block.
const HASH_FOLLOWS: &str = "in state tests the hash of a block follows from its number";

/// In state tests the hash of a block is that of its number: an environment that says otherwise is refused.
fn hashes(number: u64, parent: &Parent) -> (B256, BTreeMap<u64, B256>) {
    let older = number.saturating_sub(BLOCK_HASHES)..parent.number;
    let older = older.map(|number| (number, hash_in_tests(number)));
    (hash_in_tests(parent.number), older.collect())
}

/// The cases of a state test file of ethereum/tests whose forks have rules of ours, test by test, the oldest rules first.
///
/// # Errors
/// [`Error::Malformed`] with the path of what is wrong or unknown.
pub fn state_test(json: &[u8]) -> Result<Vec<StateTestCase>> {
    let tests: Entries<Object<JsonStateTest>, true> = parse(json, "state test", "")?;
    let mut cases = Vec::new();
    for (name, Object(test)) in tests.0 {
        let place = |part: &str| format!("{}.{part}", braid_text::json::child("", &name));
        let config = test.config.as_ref();
        let chain_id = match config.and_then(|config| config.chainid.as_ref()) {
            Some(id) => small(id, &place("config.chainid"))?,
            None => TEST_CHAIN_ID,
        };
        if test.env.gives_hashes() {
            return Err(Error::malformed(place("env.blockHashes"), HASH_FOLLOWS));
        }
        let sender = test.transaction.sender.as_ref();
        let sender = sender.map(|text| address(text, &place("transaction.sender")));
        let sender = sender.transpose()?;
        let alloc = test.pre.read(&place("pre"))?;
        for rules in Rules::ALL {
            let (fork, entries) = test.post.of(rules);
            // What is wrong with the environment shows whether a case needs it or not.
            if entries.is_empty() && rules != Rules::Cancun {
                continue;
            }
            let environment = test
                .env
                .read(&place("env"), rules, Some(DEFAULT_BASE_FEE))?;
            let Read {
                mut block,
                mut parent,
            } = environment;
            let given = parent.block_hash;
            (parent.block_hash, block.older_hashes) = hashes(block.environment.number, &parent);
            if !given.is_zero() && given != parent.block_hash {
                return Err(Error::malformed(place("env.previousHash"), HASH_FOLLOWS));
            }
            for (index, entry) in entries.iter().enumerate() {
                let at = |field: &str| place(&format!("post.{fork}[{index}].{field}"));
                let indexes = &entry.indexes;
                cases.push(StateTestCase {
                    name: name.clone(),
                    variant: format!("d{}g{}v{}", indexes.data, indexes.gas, indexes.value),
                    block_file: BlockFile {
                        chain_id,
                        rules,
                        parent,
                        alloc: alloc.clone(),
                        blocks: vec![Block {
                            transactions: vec![bytes(&entry.txbytes, &at("txbytes"))?],
                            ..block.clone()
                        }],
                    },
                    expect_exception: entry.expect_exception.clone(),
                    sender,
                    root: hash(&entry.hash, &at("hash"))?,
                    logs: hash(&entry.logs, &at("logs"))?,
                });
            }
        }
    }
    Ok(cases)
}
