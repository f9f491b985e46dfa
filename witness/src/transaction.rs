//! Signed transactions: strict decoding of the four kinds.
//!
//! Sources: EIP-2718 (envelope), EIP-155 (chain id of legacy transactions), EIP-2930 (access lists), EIP-1559 (dynamic
//! fees), EIP-7702 (authorizations to set code), EIP-2681 (nonce limit).

mod gas;
mod kind;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip7702::RecoveredAuthorization;
use alloy_primitives::{Address, B256, Bytes, U64, U256, U512, Uint, keccak256};
use alloy_rlp::{Decodable, EMPTY_STRING_CODE, Encodable, Header};
use braid_circuits::event::{ListedAccess, TransactionEvent};
use braid_text::Rules;

pub use gas::gas_cap;
pub use kind::{SignedAuthorization, TransactionKind};

use crate::block_file::MAX_TRANSACTION_BYTES;
use crate::error::{Malformation, MemoryFault, NotProvable, TransactionFault};
use crate::signature::{Signature, Signer};

/// Most bytes of init code (EIP-3860).
pub const MAX_INIT_CODE: usize = 49_152;

/// Why bytes are refused, before any state is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They are not a transaction.
    Malformed(Malformation),
    /// Ethereum would not include it.
    Invalid(TransactionFault),
    /// It is outside what can be proved.
    NotProvable(NotProvable),
    /// It would take more memory than this program gives.
    WouldNotFit(MemoryFault),
}

impl From<TransactionFault> for Refusal {
    fn from(fault: TransactionFault) -> Self {
        Self::Invalid(fault)
    }
}

/// A decoded transaction with its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// The bytes (EIP-2718).
    pub raw: Bytes,
    /// The kind.
    pub kind: TransactionKind,
    /// The sender's nonce.
    pub nonce: u64,
    /// Gas price, or the fee cap of EIP-1559.
    pub max_fee: U256,
    /// Priority fee cap; equal to `max_fee` for the other kinds.
    pub max_priority_fee: U256,
    /// Gas limit.
    pub gas_limit: u64,
    /// Recipient; `None` creates a contract.
    pub to: Option<Address>,
    /// Wei sent.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Access list; empty for legacy transactions.
    pub access_list: AccessList,
    /// Authorizations to set code, each with its authority; empty but for EIP-7702, where there is at least one.
    pub authorizations: Vec<RecoveredAuthorization>,
    /// Whether R's y is odd.
    pub odd_y: bool,
    /// x of R.
    pub r: U256,
    /// s.
    pub s: U256,
    /// What was signed.
    pub signing_payload: Bytes,
    /// Its Keccak-256.
    pub signing_hash: B256,
    /// Keccak-256 of `raw`.
    pub hash: B256,
    /// The public key.
    pub public_key: (U256, U256),
    /// The sender.
    pub sender: Address,
}

/// Reads fields of one list in order.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn number(&mut self, field: &'static str) -> Result<U256, Refusal> {
        U256::decode(&mut self.rest).map_err(|error| rlp(field, error))
    }

    fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], Refusal> {
        Header::decode_bytes(&mut self.rest, false).map_err(|error| rlp(field, error))
    }

    fn recipient(&mut self) -> Result<Option<Address>, Refusal> {
        let bytes = self.bytes("to")?;
        match bytes.len() {
            0 => Ok(None),
            20 => Ok(Some(Address::from_slice(bytes))),
            length => Err(Refusal::Malformed(Malformation::RecipientLength(length))),
        }
    }

    fn access_list(&mut self) -> Result<AccessList, Refusal> {
        const FIELD: &str = "accessList";
        let mut items =
            Header::decode_bytes(&mut self.rest, true).map_err(|error| rlp(FIELD, error))?;
        let mut list = Vec::new();
        while !items.is_empty() {
            let mut item =
                Header::decode_bytes(&mut items, true).map_err(|error| rlp(FIELD, error))?;
            let address = Address::decode(&mut item).map_err(|error| rlp(FIELD, error))?;
            let mut keys =
                Header::decode_bytes(&mut item, true).map_err(|error| rlp(FIELD, error))?;
            if !item.is_empty() {
                return Err(Refusal::Malformed(Malformation::ExtraFields(item.len())));
            }
            let mut storage_keys = Vec::with_capacity(keys.len() / 33);
            while !keys.is_empty() {
                storage_keys.push(B256::decode(&mut keys).map_err(|error| rlp(FIELD, error))?);
            }
            list.push(AccessListItem {
                address,
                storage_keys,
            });
        }
        Ok(AccessList(list))
    }

    fn authorizations(&mut self) -> Result<Vec<SignedAuthorization>, Refusal> {
        const FIELD: &str = "authorizationList";
        let mut items =
            Header::decode_bytes(&mut self.rest, true).map_err(|error| rlp(FIELD, error))?;
        let mut list = Vec::new();
        while !items.is_empty() {
            let item = Header::decode_bytes(&mut items, true).map_err(|error| rlp(FIELD, error))?;
            let mut fields = Fields { rest: item };
            let chain_id = fields.number(FIELD)?;
            let address = Address::decode(&mut fields.rest).map_err(|error| rlp(FIELD, error))?;
            let nonce = u64::decode(&mut fields.rest).map_err(|error| rlp(FIELD, error))?;
            let y_parity = u8::decode(&mut fields.rest).map_err(|error| rlp(FIELD, error))?;
            let (r, s) = (fields.number(FIELD)?, fields.number(FIELD)?);
            if !fields.rest.is_empty() {
                let more = fields.rest.len();
                return Err(Refusal::Malformed(Malformation::ExtraFields(more)));
            }
            list.push(SignedAuthorization {
                chain_id,
                address,
                nonce,
                y_parity,
                r,
                s,
            });
        }
        Ok(list)
    }
}

fn rlp(field: &'static str, error: alloy_rlp::Error) -> Refusal {
    Refusal::Malformed(Malformation::Rlp { field, error })
}

fn nonce(value: U256) -> Result<u64, Refusal> {
    match u64::try_from(value) {
        Ok(nonce) if nonce < u64::MAX => Ok(nonce),
        _ => Err(TransactionFault::NonceOverflow(value).into()),
    }
}

fn gas_limit(value: U256) -> Result<u64, Refusal> {
    u64::try_from(value).map_err(|_| TransactionFault::GasLimitOverflow(value).into())
}

fn chain_id(found: U256, expected: u64) -> Result<(), Refusal> {
    if found == U256::from(expected) {
        Ok(())
    } else {
        Err(TransactionFault::ChainId { found, expected }.into())
    }
}

fn parity(value: U256) -> Result<bool, Refusal> {
    match u8::try_from(value) {
        Ok(0) => Ok(false),
        Ok(1) => Ok(true),
        _ => Err(TransactionFault::SignatureParity(value).into()),
    }
}

/// Legacy `v`: whether the chain id is signed, and the parity.
fn legacy_v(v: U256, chain: u64) -> Result<(bool, bool), Refusal> {
    let v_small = u128::try_from(v).map_err(|_| TransactionFault::SignatureParity(v))?;
    match v_small {
        27 | 28 => Ok((false, v_small == 28)),
        35.. => {
            chain_id(U256::from((v_small - 35) / 2), chain)?;
            Ok((true, (v_small - 35) % 2 == 1))
        }
        _ => Err(TransactionFault::SignatureParity(v).into()),
    }
}

/// What is signed, from the bytes of the signed fields: encodings are canonical, so that these are the very bytes that were read.
fn signing_payload(type_byte: &[u8], fields: &[u8], kind: TransactionKind, chain: u64) -> Vec<u8> {
    let protected = kind == (TransactionKind::Legacy { protected: true });
    let suffix_length = if protected { chain.length() + 2 } else { 0 };
    let header = Header {
        list: true,
        payload_length: fields.len() + suffix_length,
    };
    let mut out = Vec::with_capacity(type_byte.len() + header.length_with_payload());
    out.extend_from_slice(type_byte);
    header.encode(&mut out);
    out.extend_from_slice(fields);
    if protected {
        chain.encode(&mut out);
        out.extend([EMPTY_STRING_CODE; 2]);
    }
    out
}

impl SignedTransaction {
    /// Decodes bytes for a chain and recovers the sender. Nothing may be missing, left over or non-canonical.
    pub fn decode(raw: Bytes, chain: u64) -> Result<Self, Refusal> {
        Self::decode_with(raw, chain, |_, signature| signature.recover())
    }

    /// [`Self::decode`], where `signer` says who made the signature of the transaction with a hash. It is asked after everything but the size of nonce
    /// and gas limit has been checked.
    pub(crate) fn decode_with(
        raw: Bytes,
        chain: u64,
        signer: impl FnOnce(B256, &Signature) -> Result<Signer, TransactionFault>,
    ) -> Result<Self, Refusal> {
        let Some(&first) = raw.first() else {
            return Err(Refusal::Malformed(Malformation::Empty));
        };
        if raw.len() > MAX_TRANSACTION_BYTES {
            return Err(Refusal::Malformed(Malformation::TooLong(raw.len())));
        }
        let (type_byte, mut buffer): (&[u8], &[u8]) = match first {
            0x80.. => (&[], &raw),
            1 | 2 | 4 => raw.split_at(1),
            3 => return Err(Refusal::NotProvable(NotProvable::Blob)),
            other => return Err(TransactionFault::UnknownType(other).into()),
        };
        let content =
            Header::decode_bytes(&mut buffer, true).map_err(|error| rlp("transaction", error))?;
        if !buffer.is_empty() {
            return Err(Refusal::Malformed(Malformation::TrailingBytes(
                buffer.len(),
            )));
        }

        let mut fields = Fields { rest: content };
        let typed_chain = match type_byte {
            [] => None,
            _ => Some(fields.number("chainId")?),
        };
        let raw_nonce = fields.number("nonce")?;
        let (max_priority_fee, max_fee) = if matches!(first, 2 | 4) {
            let priority = fields.number("maxPriorityFeePerGas")?;
            (priority, fields.number("maxFeePerGas")?)
        } else {
            let price = fields.number("gasPrice")?;
            (price, price)
        };
        let raw_gas_limit = fields.number("gasLimit")?;
        let to = fields.recipient()?;
        let value = fields.number("value")?;
        let data = raw.slice_ref(fields.bytes("data")?);
        let access_list = match typed_chain {
            Some(_) => fields.access_list()?,
            None => AccessList::default(),
        };
        let authorizations = match first {
            4 => fields.authorizations()?,
            _ => Vec::new(),
        };
        let signed_length = content.len() - fields.rest.len();
        let v = fields.number(if typed_chain.is_some() {
            "yParity"
        } else {
            "v"
        })?;
        let r = fields.number("r")?;
        let s = fields.number("s")?;
        if !fields.rest.is_empty() {
            return Err(Refusal::Malformed(Malformation::ExtraFields(
                fields.rest.len(),
            )));
        }

        // The form is right; from here on the content.
        let (kind, odd_y) = match typed_chain {
            Some(id) => {
                chain_id(id, chain)?;
                let kind = match first {
                    1 => TransactionKind::AccessList,
                    4 => TransactionKind::SetCode,
                    _ => TransactionKind::DynamicFee,
                };
                (kind, parity(v)?)
            }
            None => {
                let (protected, odd_y) = legacy_v(v, chain)?;
                (TransactionKind::Legacy { protected }, odd_y)
            }
        };
        let signed = content.get(..signed_length).unwrap_or_default();
        let signing_payload = Bytes::from(signing_payload(type_byte, signed, kind, chain));
        let signing_hash = keccak256(&signing_payload);
        let hash = keccak256(&raw);
        let Signer {
            public_key,
            address: sender,
        } = signer(hash, &Signature::new(signing_hash, odd_y, r, s)?)?;
        Ok(Self {
            kind,
            nonce: nonce(raw_nonce)?,
            max_fee,
            max_priority_fee,
            gas_limit: gas_limit(raw_gas_limit)?,
            to,
            value,
            data,
            access_list,
            authorizations: Vec::from_iter(authorizations.iter().map(|it| it.recovered())),
            odd_y,
            r,
            s,
            signing_payload,
            signing_hash,
            hash,
            public_key,
            sender,
            raw,
        })
    }

    /// Addresses and storage keys in the access list.
    pub fn access_counts(&self) -> (usize, usize) {
        let keys = self
            .access_list
            .0
            .iter()
            .map(|item| item.storage_keys.len());
        (self.access_list.0.len(), keys.sum())
    }

    /// Gas limit times fee cap plus value: what the sender must have. It may be 2^256 or above, which nobody has.
    pub fn highest_cost(&self) -> U512 {
        let fee: Uint<320, 5> = self.max_fee.widening_mul(U64::from(self.gas_limit));
        U512::from(fee) + U512::from(self.value)
    }

    /// What `rules` ask of it that needs neither block nor state.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_static(&self, rules: Rules) -> Result<(), TransactionFault> {
        if rules < self.kind.since() {
            return Err(TransactionFault::LaterType {
                kind: self.kind.number(),
                since: self.kind.since(),
            });
        }
        if self.kind == TransactionKind::SetCode {
            if self.to.is_none() {
                return Err(TransactionFault::SetCodeCreates);
            }
            if self.authorizations.is_empty() {
                return Err(TransactionFault::NoAuthorizations);
            }
        }
        if let Some(cap) = gas_cap(rules).filter(|cap| self.gas_limit > *cap) {
            return Err(TransactionFault::GasCap {
                gas_limit: self.gas_limit,
                cap,
            });
        }
        if self.to.is_none() && self.data.len() > MAX_INIT_CODE {
            return Err(TransactionFault::InitCodeSize(self.data.len()));
        }
        let intrinsic = self.intrinsic_gas();
        if u128::from(self.gas_limit) < intrinsic {
            return Err(TransactionFault::IntrinsicGas {
                gas_limit: self.gas_limit,
                intrinsic,
            });
        }
        let floor = self.floor_gas(rules);
        if u128::from(self.gas_limit) < floor {
            return Err(TransactionFault::FloorGas {
                gas_limit: self.gas_limit,
                floor,
            });
        }
        if self.max_priority_fee > self.max_fee {
            return Err(TransactionFault::PriorityAboveCap {
                priority: self.max_priority_fee,
                cap: self.max_fee,
            });
        }
        let fee = U256::from(self.gas_limit).checked_mul(self.max_fee);
        fee.map(|_| ()).ok_or(TransactionFault::FeeOverflow)
    }

    /// What the tables need to know; `None` without a recipient, or of a kind that they do not know.
    pub fn to_event(&self) -> Option<TransactionEvent> {
        let listed = |item: &AccessListItem| ListedAccess {
            address: item.address,
            slots: Vec::from_iter(item.storage_keys.iter().map(|key| (*key).into())),
        };
        Some(TransactionEvent {
            raw: self.raw.clone(),
            kind: self.kind.of_tables()?,
            nonce: self.nonce,
            max_fee: self.max_fee,
            max_priority_fee: self.max_priority_fee,
            gas_limit: self.gas_limit,
            to: self.to?,
            value: self.value,
            data: self.data.clone(),
            access_list: self.access_list.iter().map(listed).collect(),
            runs_code: false,
            odd_y: self.odd_y,
            r: self.r,
            s: self.s,
            signing_payload: self.signing_payload.clone(),
            signing_hash: self.signing_hash,
            hash: self.hash,
            public_key_x: self.public_key.0,
            public_key_y: self.public_key.1,
            sender: self.sender,
        })
    }
}
