//! Block files made from a seed: signed transactions of every kind that can be proved.

use std::collections::BTreeMap;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use braid_circuits::event::{BlockEnvironment, TransactionKind};
use k256::ecdsa::SigningKey;

use crate::block_file::{AllocAccount, Block, BlockFile, Parent};
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

/// What a sample block file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleConfig {
    /// Different seeds give different keys, amounts and orders.
    pub seed: u64,
    /// Transactions in all blocks together.
    pub transactions: usize,
    /// Blocks, at least one. A block may be empty if there are more blocks than transactions.
    pub blocks: usize,
    /// Senders, at least one.
    pub senders: usize,
    /// Most bytes of calldata of a transaction.
    pub calldata: usize,
}

impl SampleConfig {
    /// Transactions of one block from a seed.
    pub fn new(seed: u64, transactions: usize) -> Self {
        Self {
            seed,
            transactions,
            blocks: 1,
            senders: (transactions / 3).clamp(1, 1_000),
            calldata: 40,
        }
    }
}

/// Numbers from a seed, the same everywhere: Keccak-256 over seed and counter.
struct Dice {
    seed: u64,
    counter: u64,
}

impl Dice {
    fn word(&mut self) -> B256 {
        self.counter += 1;
        let text = [
            &b"braid sample"[..],
            &self.seed.to_be_bytes(),
            &self.counter.to_be_bytes(),
        ];
        keccak256(text.concat())
    }

    /// Below `limit`, which is not zero.
    fn below(&mut self, limit: usize) -> usize {
        let word = self.word();
        let number = word
            .0
            .iter()
            .take(8)
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        (number % (limit.max(1) as u64)) as usize
    }

    fn address(&mut self) -> Address {
        Address::from_word(self.word())
    }
}

/// The chain id of samples.
pub const SAMPLE_CHAIN_ID: u64 = 1337;

/// A block file: legacy transactions with and without EIP-155, EIP-2930 with access lists, EIP-1559; to accounts old and new, to the
/// sender itself, to the coinbase and from it; zero value; calldata; several from one sender in a row.
pub fn sample(config: &SampleConfig) -> Result<BlockFile> {
    let mut dice = Dice {
        seed: config.seed,
        counter: 0,
    };
    let senders = (0..config.senders.max(1) as u64)
        .map(|index| SampleKey::new(config.seed, index))
        .collect::<Result<Vec<_>>>()?;
    let ether = U256::from(10).pow(U256::from(18));
    let mut alloc: BTreeMap<Address, AllocAccount> = senders
        .iter()
        .map(|key| {
            let balance = ether * U256::from(100_000);
            (
                key.address(),
                AllocAccount {
                    balance,
                    ..AllocAccount::default()
                },
            )
        })
        .collect();
    // Old accounts that only receive, and a contract with storage that nobody calls.
    let mut known: Vec<Address> = (0..4).map(|_| dice.address()).collect();
    for address in &known {
        let account = AllocAccount {
            balance: U256::from(1 + dice.below(1_000_000)),
            ..AllocAccount::default()
        };
        alloc.insert(*address, account);
    }
    let contract = AllocAccount {
        nonce: 1,
        code: Bytes::from_static(&[0x60, 0x00, 0x54, 0x00]),
        storage: BTreeMap::from([
            (U256::ZERO, U256::from(config.seed)),
            (U256::from(1), U256::from(7)),
        ]),
        ..AllocAccount::default()
    };
    alloc.insert(dice.address(), contract);

    let mut nonces = vec![0u64; senders.len()];
    let mut sender = 0;
    let mut blocks = Vec::new();
    let total_blocks = config.blocks.max(1);
    for number in 0..total_blocks {
        // The coinbase is a sender in even blocks, and new in odd ones.
        let coinbase = if number % 2 == 0 {
            senders.first().map_or(Address::ZERO, SampleKey::address)
        } else {
            dice.address()
        };
        let first = config.transactions * number / total_blocks;
        let last = config.transactions * (number + 1) / total_blocks;
        let base_fee = U256::from(1_000_000_000u64 + 1_000 * number as u64);
        let mut transactions = Vec::new();
        let mut gas = 0u64;
        for index in first..last {
            // The first sender, who is the coinbase of even blocks, has its turn; one in three stays with the last sender.
            if index % 8 == 5 {
                sender = 0;
            } else if index % 3 != 1 {
                sender = dice.below(senders.len());
            }
            let (Some(key), Some(nonce)) = (senders.get(sender), nonces.get_mut(sender)) else {
                continue;
            };
            let to = match index % 7 {
                0 | 3 => dice.address(),
                1 | 4 | 6 => known
                    .get(dice.below(known.len()))
                    .copied()
                    .unwrap_or(coinbase),
                2 => key.address(),
                _ => coinbase,
            };
            known.push(to);
            let draft = draft(&mut dice, index, config, to, base_fee, *nonce);
            *nonce += 1;
            gas += draft.gas_limit;
            transactions.push(draft.sign(key)?);
        }
        blocks.push(Block {
            environment: BlockEnvironment {
                number: 101 + number as u64,
                timestamp: 1_700_000_012 + 12 * number as u64,
                coinbase,
                gas_limit: gas.max(30_000_000),
                base_fee,
                prev_randao: dice.word(),
            },
            transactions,
        });
    }
    Ok(BlockFile {
        chain_id: SAMPLE_CHAIN_ID,
        parent: Parent {
            number: 100,
            timestamp: 1_700_000_000,
            block_hash: dice.word(),
        },
        alloc,
        blocks,
    })
}

fn draft(
    dice: &mut Dice,
    index: usize,
    config: &SampleConfig,
    to: Address,
    base_fee: U256,
    nonce: u64,
) -> Draft {
    let kind = match index % 4 {
        0 => TransactionKind::DynamicFee,
        1 => TransactionKind::Legacy { protected: true },
        2 => TransactionKind::AccessList,
        _ => TransactionKind::Legacy { protected: false },
    };
    let length = match dice.below(3) {
        0 => dice.below(config.calldata + 1),
        _ => 0,
    };
    let data: Vec<u8> = (0..length)
        .map(|_| {
            if dice.below(3) == 0 {
                0
            } else {
                dice.below(256) as u8
            }
        })
        .collect();
    let listed = match kind {
        TransactionKind::Legacy { .. } => 0,
        _ => dice.below(3),
    };
    let access_list = AccessList(
        (0..listed)
            .map(|_| AccessListItem {
                address: dice.address(),
                storage_keys: (0..dice.below(3)).map(|_| dice.word()).collect(),
            })
            .collect(),
    );
    let mut draft = Draft {
        kind,
        chain_id: SAMPLE_CHAIN_ID,
        nonce,
        // A tip of zero for one in eight.
        max_priority_fee: if index % 8 == 4 {
            U256::ZERO
        } else {
            U256::from(1_000 * dice.below(3_000_000) as u64)
        },
        max_fee: base_fee,
        gas_limit: 0,
        to: Some(to),
        // Every fifth sends nothing.
        value: if index % 5 == 4 {
            U256::ZERO
        } else {
            U256::from_be_bytes(dice.word().0) >> 200
        },
        data: data.into(),
        access_list,
    };
    draft.max_fee += match kind {
        // Above, at and below what the priority fee asks for.
        TransactionKind::DynamicFee => {
            draft.max_priority_fee * U256::from(dice.below(3)) / U256::from(2)
        }
        _ => U256::from(1_000 * dice.below(2_000_000) as u64),
    };
    draft.max_fee = draft.max_fee.max(draft.max_priority_fee);
    // Some ask for more gas than they use.
    draft.gas_limit = draft.intrinsic_gas() + [0, 0, 9_000][dice.below(3) % 3];
    draft
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
