//! Reading.

use std::collections::BTreeMap;
use std::path::Path;

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use braid_circuits::event::BlockEnvironment;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::version::check_version;
use super::{AllocAccount, Block, BlockFile, MAX_FILE_BYTES, Parent};
use crate::error::{Error, Result};

/// A number or a string, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a whole number or a string")
            }
            fn visit_u64<E>(self, value: u64) -> core::result::Result<Text, E> {
                Ok(Text(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> core::result::Result<Text, E> {
                Ok(Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// A JSON object with its entries in order, repeated keys included, so that these can be refused.
#[derive(Clone, Debug)]
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        struct EntriesVisitor<T>(core::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> core::result::Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor(core::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonFile {
    #[serde(rename = "version")]
    _version: Text,
    chain_id: Text,
    parent: JsonParent,
    alloc: Entries<JsonAccount>,
    blocks: Vec<JsonBlock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsonParent {
    number: Text,
    timestamp: Text,
    block_hash: Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonAccount {
    balance: Text,
    #[serde(default)]
    nonce: Option<Text>,
    #[serde(default)]
    code: Option<Text>,
    #[serde(default)]
    storage: Entries<Text>,
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
    transactions: Vec<Text>,
}

/// A number: decimal, or hex after `0x`.
pub(crate) fn number(text: &Text, place: &str) -> Result<U256> {
    let text = text.0.as_str();
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let legal = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if !legal {
        return Err(Error::malformed(place, format!("{text:?} is not a number")));
    }
    U256::from_str_radix(digits, u64::from(radix))
        .map_err(|_| Error::malformed(place, format!("{text:?} is 2^256 or above")))
}

/// A number below 2^64.
pub(crate) fn small(text: &Text, place: &str) -> Result<u64> {
    u64::try_from(number(text, place)?)
        .map_err(|_| Error::malformed(place, format!("{:?} is 2^64 or above", text.0)))
}

/// Bytes in hex after `0x`.
pub(crate) fn bytes(text: &Text, place: &str) -> Result<Bytes> {
    let Some(digits) = text.0.strip_prefix("0x") else {
        return Err(Error::malformed(place, "hex must start with 0x"));
    };
    hex::decode(digits.as_bytes())
        .map(Bytes::from)
        .map_err(|error| Error::malformed(place, format!("wrong hex: {error}")))
}

fn fixed<const N: usize>(text: &Text, place: &str) -> Result<[u8; N]> {
    let bytes = bytes(text, place)?;
    <[u8; N]>::try_from(bytes.as_ref())
        .map_err(|_| Error::malformed(place, format!("{} bytes instead of {N}", bytes.len())))
}

/// A hash.
pub(crate) fn hash(text: &Text, place: &str) -> Result<B256> {
    fixed(text, place).map(B256::new)
}

/// An address, in any case of letters.
pub(crate) fn address(text: &Text, place: &str) -> Result<Address> {
    fixed(text, place).map(Address::new)
}

/// A state in geth's form.
pub(crate) fn alloc(
    entries: Entries<JsonAccount>,
    place: &str,
) -> Result<BTreeMap<Address, AllocAccount>> {
    let mut accounts = BTreeMap::new();
    for (key, account) in entries.0 {
        let place = format!("{place}[{key:?}]");
        let prefixed = Text(if key.starts_with("0x") {
            key
        } else {
            format!("0x{key}")
        });
        let address = address(&prefixed, &place)?;
        let account = alloc_account(account, &place)?;
        if accounts.insert(address, account).is_some() {
            return Err(Error::malformed(place, "the account is given twice"));
        }
    }
    Ok(accounts)
}

fn alloc_account(account: JsonAccount, place: &str) -> Result<AllocAccount> {
    let code = match &account.code {
        Some(code) => bytes(code, &format!("{place}.code"))?,
        None => Bytes::new(),
    };
    let nonce = match &account.nonce {
        Some(nonce) => small(nonce, &format!("{place}.nonce"))?,
        None => 0,
    };
    let mut storage = BTreeMap::new();
    for (slot, value) in account.storage.0 {
        let place = format!("{place}.storage[{slot:?}]");
        let slot = number(&Text(slot), &place)?;
        if storage.insert(slot, number(&value, &place)?).is_some() {
            return Err(Error::malformed(place, "the slot is given twice"));
        }
    }
    Ok(AllocAccount {
        balance: number(&account.balance, &format!("{place}.balance"))?,
        nonce,
        code,
        storage,
    })
}

fn block(block: &JsonBlock, place: &str) -> Result<Block> {
    let at = |field: &str| format!("{place}.{field}");
    let base_fee = small(&block.base_fee, &at("baseFee"))?;
    let transactions = block.transactions.iter().enumerate();
    let transactions = transactions
        .map(|(index, text)| bytes(text, &at(&format!("transactions[{index}]"))))
        .collect::<Result<_>>()?;
    Ok(Block {
        environment: BlockEnvironment {
            number: small(&block.number, &at("number"))?,
            timestamp: small(&block.timestamp, &at("timestamp"))?,
            coinbase: address(&block.coinbase, &at("coinbase"))?,
            gas_limit: small(&block.gas_limit, &at("gasLimit"))?,
            base_fee: U256::from(base_fee),
            prev_randao: hash(&block.prev_randao, &at("prevRandao"))?,
        },
        transactions,
    })
}
impl BlockFile {
    /// Reads a block file.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        if json.len() > MAX_FILE_BYTES {
            return Err(Error::malformed(
                "block file",
                format!("more than {MAX_FILE_BYTES} bytes"),
            ));
        }
        check_version(json)?;
        let file: JsonFile = serde_json::from_slice(json)
            .map_err(|error| Error::malformed("block file", error.to_string()))?;
        let blocks = file.blocks.iter().enumerate();
        let parsed = Self {
            chain_id: small(&file.chain_id, "chainId")?,
            parent: Parent {
                number: small(&file.parent.number, "parent.number")?,
                timestamp: small(&file.parent.timestamp, "parent.timestamp")?,
                block_hash: hash(&file.parent.block_hash, "parent.blockHash")?,
            },
            alloc: alloc(file.alloc, "alloc")?,
            blocks: blocks
                .map(|(index, json)| block(json, &format!("blocks[{index}]")))
                .collect::<Result<_>>()?,
        };
        parsed.check()?;
        Ok(parsed)
    }

    /// Reads a block file from disk.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_json(&read_file(path)?)
    }
}

/// Reads a file of at most [`MAX_FILE_BYTES`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let fault =
        |error: std::io::Error| Error::malformed(path.display().to_string(), error.to_string());
    let file = std::fs::File::open(path).map_err(fault)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(bytes)
}
