//! Accounts before the first block, in geth's form.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes};
use braid_text::json::Object;
use serde::Deserialize;

use super::AllocAccount;
use super::json::{Comment, Entries, Text, address, bytes, number, small};
use crate::error::{Error, Result};

/// A state; with comments in what is imported, without in block files.
pub(crate) type JsonAlloc<const COMMENTS: bool> = Entries<Object<JsonAccount<COMMENTS>>, COMMENTS>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonAccount<const COMMENTS: bool> {
    balance: Text,
    #[serde(default)]
    nonce: Option<Text>,
    #[serde(default)]
    code: Option<Text>,
    #[serde(default)]
    storage: Option<Entries<Text, COMMENTS>>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<COMMENTS>,
}

impl<const COMMENTS: bool> JsonAlloc<COMMENTS> {
    /// The accounts. An address may stand without its `0x`.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path, which begins with `place`.
    pub(crate) fn read(self, place: &str) -> Result<BTreeMap<Address, AllocAccount>> {
        let mut accounts = BTreeMap::new();
        for (key, account) in self.0 {
            let place = format!("{place}[{key:?}]");
            let prefixed = Text(if key.starts_with("0x") {
                key
            } else {
                format!("0x{key}")
            });
            let address = address(&prefixed, &place)?;
            let account = account.0.read(&place)?;
            if accounts.insert(address, account).is_some() {
                return Err(Error::malformed(place, "the account is given twice"));
            }
        }
        Ok(accounts)
    }
}

impl<const COMMENTS: bool> JsonAccount<COMMENTS> {
    fn read(self, place: &str) -> Result<AllocAccount> {
        let code = match &self.code {
            Some(code) => bytes(code, &format!("{place}.code"))?,
            None => Bytes::new(),
        };
        let nonce = match &self.nonce {
            Some(nonce) => small(nonce, &format!("{place}.nonce"))?,
            None => 0,
        };
        let mut storage = BTreeMap::new();
        for (slot, value) in self.storage.unwrap_or_default().0 {
            let place = format!("{place}.storage[{slot:?}]");
            let slot = number(&Text(slot), &place)?;
            if storage.insert(slot, number(&value, &place)?).is_some() {
                return Err(Error::malformed(place, "the slot is given twice"));
            }
        }
        Ok(AllocAccount {
            balance: number(&self.balance, &format!("{place}.balance"))?,
            nonce,
            code,
            storage,
        })
    }
}
