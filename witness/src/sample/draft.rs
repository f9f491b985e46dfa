//! Transactions to be signed, and keys to sign them with.

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use braid_text::Rules;
use secp256k1::ecdsa::RecoveryId;
use secp256k1::{Message, SECP256K1, SecretKey};

use crate::error::{Error, Result};
use crate::signature::Signer;
use crate::transaction::{SignedAuthorization, SignedTransaction, TransactionKind};

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
    /// For all but legacy transactions.
    pub access_list: AccessList,
    /// For EIP-7702.
    pub authorizations: Vec<SignedAuthorization>,
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
            authorizations: Vec::new(),
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

/// The fields of an authorization in RLP, without the list's header.
fn encoded(authorization: &SignedAuthorization) -> Vec<u8> {
    let mut out = Vec::new();
    authorization.chain_id.encode(&mut out);
    authorization.address.encode(&mut out);
    authorization.nonce.encode(&mut out);
    authorization.y_parity.encode(&mut out);
    authorization.r.encode(&mut out);
    authorization.s.encode(&mut out);
    out
}

impl Draft {
    fn type_byte(&self) -> &'static [u8] {
        self.kind.type_byte()
    }

    /// The signed fields in RLP, without the list's header.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.type_byte().is_empty() {
            self.chain_id.encode(&mut out);
        }
        self.nonce.encode(&mut out);
        if self.kind.has_priority_fee() {
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
        if self.kind == TransactionKind::SetCode {
            let mut all = Vec::new();
            for authorization in &self.authorizations {
                all.extend(list(&[], &encoded(authorization)));
            }
            out.extend(list(&[], &all));
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
        let (odd_y, r, s) = key.sign(keccak256(self.signing_payload()))?;
        Ok(self.with_signature(odd_y, r, s))
    }

    /// Signs with a key, as [`Self::sign`] does, and decodes without recovering the sender, who is known.
    ///
    /// # Errors
    /// [`Error::Internal`] if the fields make no transaction, as when the nonce is 2^64 - 1.
    pub fn signed(&self, key: &SampleKey) -> Result<SignedTransaction> {
        let raw = self.sign(key)?;
        let signed = SignedTransaction::decode_with(raw, self.chain_id, |_, _| Ok(key.signer));
        signed.map_err(|refusal| Error::Internal(format!("signing: {refusal:?}")))
    }
}

/// A key whose secret anyone can compute: for samples only.
#[derive(Clone)]
pub struct SampleKey {
    key: SecretKey,
    signer: Signer,
}

impl SampleKey {
    /// Key `index` of a seed.
    pub fn new(seed: u64, index: u64) -> Result<Self> {
        let mut secret = keccak256([seed.to_be_bytes(), index.to_be_bytes()].concat());
        loop {
            match Self::from_secret(secret) {
                Some(key) => return Ok(key),
                // Out of range, once in 2^128.
                None => secret = keccak256(secret),
            }
        }
    }

    /// The key with this secret; `None` if that is zero or not below the curve's order.
    pub fn from_secret(secret: B256) -> Option<Self> {
        let key = SecretKey::from_byte_array(secret.0).ok()?;
        let signer = Signer::from(&key.public_key(SECP256K1));
        Some(Self { key, signer })
    }

    /// Signs a hash: whether R's y is odd, its x, and s, which is low.
    fn sign(&self, hash: B256) -> Result<(bool, U256, U256)> {
        let signature = SECP256K1.sign_ecdsa_recoverable(Message::from_digest(hash.0), &self.key);
        let (id, numbers) = signature.serialize_compact();
        let odd_y = match id {
            RecoveryId::Zero => false,
            RecoveryId::One => true,
            // Once in 2^128.
            RecoveryId::Two | RecoveryId::Three => {
                return Err(Error::Internal(
                    "signing: x of R is not below the order".to_owned(),
                ));
            }
        };
        let (r, s) = numbers.split_at(32);
        Ok((odd_y, U256::from_be_slice(r), U256::from_be_slice(s)))
    }

    /// Authorizes that this key's account takes the code of another (EIP-7702), or none if that is zero.
    ///
    /// # Errors
    /// [`Error::Internal`], once in 2^128.
    pub fn authorize(
        &self,
        chain_id: U256,
        address: Address,
        nonce: u64,
    ) -> Result<SignedAuthorization> {
        let mut authorization = SignedAuthorization {
            chain_id,
            address,
            nonce,
            ..SignedAuthorization::default()
        };
        let (odd_y, r, s) = self.sign(authorization.unsigned().signature_hash())?;
        (authorization.y_parity, authorization.r, authorization.s) = (odd_y.into(), r, s);
        Ok(authorization)
    }

    /// Its address.
    pub fn address(&self) -> Address {
        self.signer.address
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
            + 25_000 * self.authorizations.len() as u64
    }

    /// Gas that a transaction with a recipient has at least by these rules: [`Self::intrinsic_gas`], or the floor of its data (EIP-7623).
    pub fn least_gas(&self, rules: Rules) -> u64 {
        let floor = match rules {
            Rules::Cancun => 0,
            Rules::Prague | Rules::Osaka => {
                let zeros = self.data.iter().filter(|byte| **byte == 0).count() as u64;
                21_000 + 10 * zeros + 40 * (self.data.len() as u64 - zeros)
            }
        };
        self.intrinsic_gas().max(floor)
    }
}
