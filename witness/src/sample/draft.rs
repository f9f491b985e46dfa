//! Transactions to be signed, and keys to sign them with.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use braid_circuits::event::TransactionKind;
use k256::ecdsa::SigningKey;

use crate::error::{Error, Result};
use crate::transaction::{CURVE_ORDER, address_of, coordinates};

/// What is signed: the fields of a transaction.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which form.
    pub kind: TransactionKind,
    /// The chain.
    pub chain_id: u64,
    /// The sender's nonce.
    pub nonce: u64,
    /// Gas price or fee cap.
    pub max_fee: U256,
    /// Priority fee cap, for EIP-1559.
    pub max_priority_fee: U256,
    /// Gas limit.
    pub gas_limit: u64,
    /// Recipient; `None` creates a contract.
    pub to: Option<Address>,
    /// Wei.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
    /// For EIP-2930 and EIP-1559.
    pub access_list: AccessList,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            kind: TransactionKind::DynamicFee,
            chain_id: 1,
            nonce: 0,
            max_fee: U256::from(2_000_000_000u64),
            max_priority_fee: U256::from(1_000_000_000u64),
            gas_limit: 21_000,
            to: Some(Address::ZERO),
            value: U256::ZERO,
            data: Bytes::new(),
            access_list: AccessList::default(),
        }
    }
}

fn list(prefix: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = prefix.to_vec();
    Header {
        list: true,
        payload_length: content.len(),
    }
    .encode(&mut out);
    out.extend_from_slice(content);
    out
}

impl Draft {
    fn type_byte(&self) -> &'static [u8] {
        match self.kind {
            TransactionKind::Legacy { .. } => &[],
            TransactionKind::AccessList => &[1],
            TransactionKind::DynamicFee => &[2],
        }
    }

    /// The signed fields in RLP, without the list's header.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.type_byte().is_empty() {
            self.chain_id.encode(&mut out);
        }
        self.nonce.encode(&mut out);
        if self.kind == TransactionKind::DynamicFee {
            self.max_priority_fee.encode(&mut out);
        }
        self.max_fee.encode(&mut out);
        self.gas_limit.encode(&mut out);
        match &self.to {
            Some(to) => to.encode(&mut out),
            None => out.push(alloy_rlp::EMPTY_STRING_CODE),
        }
        self.value.encode(&mut out);
        self.data.encode(&mut out);
        if !self.type_byte().is_empty() {
            self.access_list.encode(&mut out);
        }
        out
    }

    /// What is hashed and signed.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut fields = self.fields();
        if self.kind == (TransactionKind::Legacy { protected: true }) {
            self.chain_id.encode(&mut fields);
            fields.extend([alloy_rlp::EMPTY_STRING_CODE; 2]);
        }
        list(self.type_byte(), &fields)
    }

    /// The transaction with a given signature, whether that is right or wrong.
    pub fn with_signature(&self, odd_y: bool, r: U256, s: U256) -> Bytes {
        let mut fields = self.fields();
        let parity = U256::from(u8::from(odd_y));
        let v = match self.kind {
            TransactionKind::Legacy { protected: true } => {
                U256::from(self.chain_id) * U256::from(2) + U256::from(35) + parity
            }
            TransactionKind::Legacy { protected: false } => U256::from(27) + parity,
            _ => parity,
        };
        v.encode(&mut fields);
        r.encode(&mut fields);
        s.encode(&mut fields);
        list(self.type_byte(), &fields).into()
    }

    /// Signs with a key; `s` is low (EIP-2).
    pub fn sign(&self, key: &SampleKey) -> Result<Bytes> {
        let hash = keccak256(self.signing_payload());
        let (signature, id) = key
            .key
            .sign_prehash_recoverable(hash.as_slice())
            .map_err(|error| Error::Internal(format!("signing: {error}")))?;
        let r = U256::from_be_slice(&signature.r().to_bytes());
        let s = U256::from_be_slice(&signature.s().to_bytes());
        let (odd_y, s) = if s > CURVE_ORDER >> 1 {
            (!id.is_y_odd(), CURVE_ORDER - s)
        } else {
            (id.is_y_odd(), s)
        };
        Ok(self.with_signature(odd_y, r, s))
    }
}

/// A key whose secret anyone can compute: for samples only.
#[derive(Clone)]
pub struct SampleKey {
    key: SigningKey,
    address: Address,
}

impl SampleKey {
    /// Key `index` of a seed.
    pub fn new(seed: u64, index: u64) -> Result<Self> {
        let mut secret = keccak256([seed.to_be_bytes(), index.to_be_bytes()].concat());
        let key = loop {
            match SigningKey::from_slice(secret.as_slice()) {
                Ok(key) => break key,
                // Out of range, once in 2^128.
                Err(_) => secret = keccak256(secret),
            }
        };
        Self::of(key).ok_or_else(|| Error::Internal("a public key at infinity".to_owned()))
    }

    /// The key with this secret; `None` if that is zero or not below the curve's order.
    pub fn from_secret(secret: B256) -> Option<Self> {
        Self::of(SigningKey::from_slice(secret.as_slice()).ok()?)
    }

    fn of(key: SigningKey) -> Option<Self> {
        let address = address_of(coordinates(key.verifying_key())?);
        Some(Self { key, address })
    }

    /// Its address.
    pub fn address(&self) -> Address {
        self.address
    }
}

impl Draft {
    /// Gas that is due before anything runs, for a transaction with a recipient.
    pub fn intrinsic_gas(&self) -> u64 {
        let zeros = self.data.iter().filter(|byte| **byte == 0).count() as u64;
        let others = self.data.len() as u64 - zeros;
        let keys: usize = self
            .access_list
            .0
            .iter()
            .map(|item| item.storage_keys.len())
            .sum();
        21_000
            + 4 * zeros
            + 16 * others
            + 2_400 * self.access_list.0.len() as u64
            + 1_900 * keys as u64
    }
}
