//! Entries of access lists (EIP-2930), as `txs.json` writes them.

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::B256;
use serde::Deserialize;

use crate::block_file::{Comment, Text, address, hash};
use crate::error::Result;

/// An address with slots of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JsonAccessListItem {
    address: Text,
    storage_keys: Vec<Text>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

impl JsonAccessListItem {
    /// The entry.
    ///
    /// # Errors
    /// [`Error::Malformed`](crate::error::Error::Malformed) with the path of what is wrong.
    pub(super) fn read(&self, place: &str) -> Result<AccessListItem> {
        let keys = self.storage_keys.iter().enumerate();
        let keys = keys.map(|(key, text)| hash(text, &format!("{place}.storageKeys[{key}]")));
        Ok(AccessListItem {
            address: address(&self.address, &format!("{place}.address"))?,
            storage_keys: keys.collect::<Result<Vec<B256>>>()?,
        })
    }
}
