//! Transactions of `txs.json`: signed, or with the key to sign them with.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_text::json::Object;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::access_list::JsonAccessListItem;
use super::authorization::JsonAuthorizations;
use crate::block_file::{Comment, Text, address, bytes, hash, number, small};
use crate::error::{Error, Result};
use crate::sample::{Draft, SampleKey};
use crate::transaction::{SignedAuthorization, SignedTransaction, TransactionKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JsonTransaction {
    #[serde(default, rename = "type")]
    kind: Option<Text>,
    #[serde(default)]
    pub(super) chain_id: Option<Text>,
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
    access_list: Option<Vec<Object<JsonAccessListItem>>>,
    #[serde(default)]
    v: Option<Text>,
    #[serde(default)]
    y_parity: Option<Text>,
    #[serde(default)]
    r: Option<Text>,
    #[serde(default)]
    s: Option<Text>,
    #[serde(default)]
    secret_key: Option<Text>,
    #[serde(default)]
    pub(super) protected: Option<bool>,
    #[serde(default)]
    hash: Option<Text>,
    #[serde(default)]
    sender: Option<Text>,
    #[serde(default)]
    authorization_list: Option<JsonAuthorizations>,
    // Type 3, which cannot be imported, has these; others must not.
    #[serde(default)]
    max_fee_per_blob_gas: Option<IgnoredAny>,
    #[serde(default)]
    blob_versioned_hashes: Option<IgnoredAny>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

/// What `type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Legacy,
    AccessList,
    DynamicFee,
    SetCode,
}

impl Form {
    /// Whether it has a fee cap and a priority fee cap.
    fn is_dynamic(self) -> bool {
        matches!(self, Self::DynamicFee | Self::SetCode)
    }
}

/// A transaction at its place in the file, such as `txs[0]`.
pub(super) struct Placed<'a> {
    pub(super) json: &'a JsonTransaction,
    place: &'a str,
}

impl JsonTransaction {
    /// The signed bytes, for a chain where the transaction does not name one.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the path of the field that is wrong, missing or against another one.
    pub(super) fn encode(&self, place: &str, chain: u64) -> Result<Bytes> {
        Placed { json: self, place }.encode(chain)
    }
}

impl Placed<'_> {
    fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.place)
    }

    pub(super) fn fault(&self, field: &str, what: impl Into<String>) -> Error {
        Error::malformed(self.at(field), what)
    }

    pub(super) fn optional(&self, text: &Option<Text>, field: &str) -> Result<Option<U256>> {
        let text = text.as_ref();
        text.map(|text| number(text, &self.at(field))).transpose()
    }

    fn required(&self, text: &Option<Text>, field: &str) -> Result<U256> {
        let found = self.optional(text, field)?;
        found.ok_or_else(|| self.fault(field, "it is missing"))
    }

    fn encode(&self, chain: u64) -> Result<Bytes> {
        let json = self.json;
        let form = self.form()?;
        let key = self.key()?;
        let stated_hash = self.json.hash.as_ref();
        let stated_hash = stated_hash.map(|stated| hash(stated, &self.at("hash")));
        let stated_hash = stated_hash.transpose()?;
        let v = self.optional(&json.v, "v")?;
        let y_parity = self.optional(&json.y_parity, "yParity")?;
        let r = self.optional(&json.r, "r")?.unwrap_or_default();
        let s = self.optional(&json.s, "s")?.unwrap_or_default();
        let parts = [v.unwrap_or_default(), y_parity.unwrap_or_default(), r, s];
        // Transactions that are to be signed have zeros, or nothing.
        if parts.iter().all(|part| part.is_zero()) {
            return self.sign(form, key, chain);
        }
        let parity = match form {
            Form::Legacy => self.legacy_parity(v, y_parity, chain)?,
            Form::AccessList => self.typed_parity(TransactionKind::AccessList, v, y_parity)?,
            Form::DynamicFee => self.typed_parity(TransactionKind::DynamicFee, v, y_parity)?,
            Form::SetCode => self.typed_parity(TransactionKind::SetCode, v, y_parity)?,
        };
        let chain_id = match parity.chain_id {
            Some(id) => id,
            None => self.chain_id(form, chain)?,
        };
        let draft = self.draft(form, parity.kind, chain_id)?;
        let raw = draft.with_signature(parity.odd_y, r, s);
        self.check_hash(stated_hash, &raw)?;
        let stated = [
            ("sender", self.sender()?),
            ("secretKey", key.map(|key| key.address())),
        ];
        // Who it is by shows if it is valid by itself; else execution says why it is not.
        if let Ok(decoded) = SignedTransaction::decode(raw.clone(), chain_id) {
            let is_other = |stated: Option<Address>| stated.is_some_and(|by| by != decoded.sender);
            if let Some((field, _)) = stated.into_iter().find(|(_, by)| is_other(*by)) {
                let what = format!("the signature is by {}", decoded.sender);
                return Err(self.fault(field, what));
            }
        }
        Ok(raw)
    }

    /// The key that is given, which must be one, and the signer's, even if there is a signature already.
    fn key(&self) -> Result<Option<SampleKey>> {
        let Some(key) = &self.json.secret_key else {
            return Ok(None);
        };
        let secret = hash(key, &self.at("secretKey"))?;
        let out_of_range = || self.fault("secretKey", "it is out of range");
        let key = SampleKey::from_secret(secret).ok_or_else(out_of_range)?;
        Ok(Some(key))
    }

    /// Signs with the key that is given.
    fn sign(&self, form: Form, key: Option<SampleKey>, chain: u64) -> Result<Bytes> {
        let json = self.json;
        let Some(key) = key else {
            let what = "it has neither signature nor key";
            return Err(Error::malformed(self.place, what));
        };
        if let Some(stated) = self.sender()?
            && stated != key.address()
        {
            let what = format!("the key is that of {}", key.address());
            return Err(self.fault("sender", what));
        }
        let kind = match form {
            Form::Legacy => TransactionKind::Legacy {
                protected: json.protected.unwrap_or(true),
            },
            Form::AccessList => TransactionKind::AccessList,
            Form::DynamicFee => TransactionKind::DynamicFee,
            Form::SetCode => TransactionKind::SetCode,
        };
        // The hash of what is not signed yet is not known, so that `hash` is compared with nothing here.
        let chain_id = self.chain_id(form, chain)?;
        self.draft(form, kind, chain_id)?.sign(&key)
    }

    /// The form, whose fields must be there and no others.
    fn form(&self) -> Result<Form> {
        let json = self.json;
        let kind = match &json.kind {
            None => 0,
            Some(kind) => small(kind, &self.at("type"))?,
        };
        let form = match kind {
            0 => Form::Legacy,
            1 => Form::AccessList,
            2 => Form::DynamicFee,
            4 => Form::SetCode,
            other => {
                let what = format!("type {other} cannot be imported; give txs.rlp");
                return Err(self.fault("type", what));
            }
        };
        let is_dynamic = form.is_dynamic();
        let has_list = json
            .access_list
            .as_ref()
            .is_some_and(|list| !list.is_empty());
        let strangers = [
            ("gasPrice", json.gas_price.is_some() && is_dynamic),
            (
                "maxFeePerGas",
                json.max_fee_per_gas.is_some() && !is_dynamic,
            ),
            (
                "maxPriorityFeePerGas",
                json.max_priority_fee_per_gas.is_some() && !is_dynamic,
            ),
            ("accessList", has_list && form == Form::Legacy),
            (
                "protected",
                json.protected.is_some() && form != Form::Legacy,
            ),
            ("maxFeePerBlobGas", json.max_fee_per_blob_gas.is_some()),
            ("blobVersionedHashes", json.blob_versioned_hashes.is_some()),
            (
                "authorizationList",
                json.authorization_list.is_some() && form != Form::SetCode,
            ),
        ];
        match strangers.into_iter().find(|(_, is_there)| *is_there) {
            Some((field, _)) => {
                Err(self.fault(field, format!("a transaction of type {kind} has none")))
            }
            None => Ok(form),
        }
    }

    /// The chain id that is signed: typed transactions must name it.
    fn chain_id(&self, form: Form, chain: u64) -> Result<u64> {
        match &self.json.chain_id {
            Some(id) => small(id, &self.at("chainId")),
            None if form == Form::Legacy => Ok(chain),
            None => Err(self.fault("chainId", "it is missing")),
        }
    }

    fn sender(&self) -> Result<Option<Address>> {
        let sender = self.json.sender.as_ref();
        let sender = sender.map(|sender| address(sender, &self.at("sender")));
        sender.transpose()
    }

    fn check_hash(&self, stated: Option<B256>, raw: &Bytes) -> Result<()> {
        let found = keccak256(raw);
        match stated {
            Some(stated) if stated != found => {
                Err(self.fault("hash", format!("the hash is {found}")))
            }
            _ => Ok(()),
        }
    }

    fn draft(&self, form: Form, kind: TransactionKind, chain_id: u64) -> Result<Draft> {
        let json = self.json;
        let (max_fee, max_priority_fee) = if form.is_dynamic() {
            (
                self.required(&json.max_fee_per_gas, "maxFeePerGas")?,
                self.required(&json.max_priority_fee_per_gas, "maxPriorityFeePerGas")?,
            )
        } else {
            let price = self.required(&json.gas_price, "gasPrice")?;
            (price, price)
        };
        let to = match &json.to {
            Some(to) if !to.0.is_empty() => Some(address(to, &self.at("to"))?),
            _ => None,
        };
        Ok(Draft {
            kind,
            chain_id,
            nonce: small(&json.nonce, &self.at("nonce"))?,
            max_fee,
            max_priority_fee,
            gas_limit: small(&json.gas, &self.at("gas"))?,
            to,
            value: number(&json.value, &self.at("value"))?,
            data: bytes(&json.input, &self.at("input"))?,
            access_list: self.access_list()?,
            authorizations: self.authorizations(form)?,
        })
    }

    /// Those of type 4, which must have a list; without any in it the transaction is malformed to Ethereum, which is not for the import to say.
    fn authorizations(&self, form: Form) -> Result<Vec<SignedAuthorization>> {
        let list = match &self.json.authorization_list {
            None if form == Form::SetCode => {
                return Err(self.fault("authorizationList", "it is missing"));
            }
            list => list.iter().flatten().enumerate(),
        };
        list.map(|(index, item)| item.read(&self.at(&format!("authorizationList[{index}]"))))
            .collect()
    }

    fn access_list(&self) -> Result<AccessList> {
        let items = self.json.access_list.iter().flatten().enumerate();
        let items = items.map(|(index, item)| item.read(&self.at(&format!("accessList[{index}]"))));
        Ok(AccessList(items.collect::<Result<_>>()?))
    }
}
