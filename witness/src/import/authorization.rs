//! Authorizations of transactions of type 4 (EIP-7702), as `txs.json` writes them.

use alloy_primitives::U256;
use braid_text::json::Object;
use serde::Deserialize;

use crate::block_file::{Comment, Text, address, number, small};
use crate::error::{Error, Result};
use crate::transaction::SignedAuthorization;

/// A list of them.
pub(super) type JsonAuthorizations = Vec<Object<JsonAuthorization>>;

/// One, which is signed: whom it is by follows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JsonAuthorization {
    chain_id: Text,
    address: Text,
    nonce: Text,
    #[serde(default)]
    v: Option<Text>,
    #[serde(default)]
    y_parity: Option<Text>,
    r: Text,
    s: Text,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

impl JsonAuthorization {
    /// What it says, whether it holds or not: one that does not is void, and the transaction is valid all the same.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path of what is wrong.
    pub(super) fn read(&self, place: &str) -> Result<SignedAuthorization> {
        let at = |field: &str| format!("{place}.{field}");
        Ok(SignedAuthorization {
            chain_id: number(&self.chain_id, &at("chainId"))?,
            address: address(&self.address, &at("address"))?,
            nonce: small(&self.nonce, &at("nonce"))?,
            y_parity: self.parity(place)?,
            r: number(&self.r, &at("r"))?,
            s: number(&self.s, &at("s"))?,
        })
    }

    /// Under either name, and below 2^8 as in the signed bytes.
    fn parity(&self, place: &str) -> Result<u8> {
        let read = |text: &Option<Text>, field: &str| {
            let text = text.as_ref();
            text.map(|text| number(text, &format!("{place}.{field}")))
                .transpose()
        };
        let (v, y_parity) = (read(&self.v, "v")?, read(&self.y_parity, "yParity")?);
        let (value, field): (U256, _) = match (v, y_parity) {
            (Some(v), Some(parity)) if v != parity => {
                let what = format!("it is {v}, and yParity {parity}");
                return Err(Error::malformed(format!("{place}.v"), what));
            }
            (_, Some(parity)) => (parity, "yParity"),
            (Some(v), None) => (v, "v"),
            (None, None) => {
                return Err(Error::malformed(
                    format!("{place}.yParity"),
                    "it is missing",
                ));
            }
        };
        let too_large = |_| Error::malformed(format!("{place}.{field}"), "it is 2^8 or above");
        u8::try_from(value).map_err(too_large)
    }
}
