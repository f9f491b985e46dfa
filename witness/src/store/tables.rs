//! The tables of the database and the bytes of their rows. `docs/state-store.md` describes them.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::{Digest, KECCAK_EMPTY, is_canonical};
use redb::TableDefinition;

use super::{StoreError, StoredBlock};
use crate::execution::AccountState;
#[cfg(doc)]
use crate::execution::BLOCK_HASHES;

/// The schema of this release, which reads no other. Since 2 the state tree has hashes of blocks, and stores say their chain's rules.
pub const SCHEMA: u64 = 2;

/// A table of byte strings.
pub type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Numbers about the store: see [`Entry`].
pub const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
/// Block by number: those whose state is kept, and the [`BLOCK_HASHES`] before them.
pub const BLOCKS: TableDefinition<'static, u64, [u8; BLOCK_BYTES]> = TableDefinition::new("blocks");
/// Hashes of blocks before the store's first that its state began with, by number, with the first block.
pub const OLDER_HASHES: TableDefinition<'static, u64, (u64, [u8; 32])> =
    TableDefinition::new("older hashes");
/// Bytecode by its Keccak-256, behind its Poseidon hash. Never removed.
pub const CODES: Bytes = TableDefinition::new("codes");
/// What a block's rows of the tables of [`Kind`] were before it; no bytes where there was no row.
pub const HISTORY: Bytes = TableDefinition::new("history");

/// The rows of [`META`].
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// [`SCHEMA`].
    Schema,
    /// The chain.
    ChainId,
    /// The number of the chain's rules.
    Rules,
    /// Number of the last block.
    Head,
    /// Number of the oldest block whose state can be read.
    Oldest,
    /// 1 if all states so far are known to be [ordinary](crate::execution::StateReader::is_ordinary), 0 or nothing otherwise.
    Ordinary,
}

impl Entry {
    /// The key of the row.
    pub fn key(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::ChainId => "chain id",
            Self::Rules => "rules",
            Self::Head => "head",
            Self::Oldest => "oldest",
            Self::Ordinary => "ordinary",
        }
    }
}

/// The tables whose earlier rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Account by address.
    Account = 0,
    /// Value by address and slot.
    Slot = 1,
    /// Page of the state tree by place.
    Page = 2,
}

impl Kind {
    /// All of them, in the order of their rows in [`HISTORY`].
    pub const ALL: [Self; 3] = [Self::Account, Self::Slot, Self::Page];

    /// The table.
    pub fn table(self) -> Bytes {
        TableDefinition::new(match self {
            Self::Account => "accounts",
            Self::Slot => "slots",
            Self::Page => "pages",
        })
    }
}

/// Key of a row of [`HISTORY`].
pub fn history_key(block: u64, kind: Kind, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9 + key.len());
    bytes.extend(block.to_be_bytes());
    bytes.push(kind as u8);
    bytes.extend(key);
    bytes
}

/// Which table and row a row of [`HISTORY`] is about.
pub fn parse_history_key(key: &[u8]) -> Result<(Kind, &[u8]), StoreError> {
    let parts = key.get(8).zip(key.get(9..));
    let found = parts.and_then(|(kind, key)| {
        let kind = Kind::ALL.into_iter().find(|known| *known as u8 == *kind)?;
        Some((kind, key))
    });
    found.ok_or_else(|| StoreError::Damaged("a row of the history has no proper key".to_owned()))
}

const SLOT_KEY_BYTES: usize = 20 + 32;

/// Key of a slot's row.
pub fn slot_key(address: &Address, slot: &U256) -> [u8; SLOT_KEY_BYTES] {
    let mut key = [0; SLOT_KEY_BYTES];
    key[..20].copy_from_slice(address.as_slice());
    key[20..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

/// Address and slot of a row's key.
pub fn parse_slot_key(key: &[u8]) -> Result<(Address, U256), StoreError> {
    match key.split_first_chunk::<20>() {
        Some((address, slot)) if slot.len() == 32 => {
            Ok((Address::from(*address), U256::from_be_slice(slot)))
        }
        _ => Err(StoreError::Damaged("a slot has no proper key".to_owned())),
    }
}

/// A slot's row: the value, big-endian, without leading zeros; none for zero.
pub fn slot_bytes(value: &U256) -> Vec<u8> {
    value.to_be_bytes_trimmed_vec()
}

/// The value of a slot's row.
pub fn parse_slot(bytes: &[u8]) -> Result<U256, StoreError> {
    if bytes.len() > 32 || bytes.first() == Some(&0) {
        return Err(StoreError::Damaged("a slot is no proper number".to_owned()));
    }
    Ok(U256::from_be_slice(bytes))
}

/// An account's row: nonce (8 bytes, big-endian), length of the balance, balance (big-endian, without leading zeros), and the
/// code hash if there is code. No bytes if there is no account.
pub fn account_bytes(account: &Option<AccountState>) -> Vec<u8> {
    let Some(account) = account else {
        return Vec::new();
    };
    let balance = account.balance.to_be_bytes_trimmed_vec();
    let mut bytes = Vec::with_capacity(9 + balance.len() + 32);
    bytes.extend(account.nonce.to_be_bytes());
    bytes.push(balance.len() as u8);
    bytes.extend(balance);
    if account.has_code() {
        bytes.extend(account.code_hash);
    }
    bytes
}

/// The account of a row.
pub fn parse_account(bytes: &[u8]) -> Result<Option<AccountState>, StoreError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let parse = || {
        let (nonce, rest) = bytes.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first()?;
        let (balance, code) = rest.split_at_checked(usize::from(*length))?;
        let code_hash = if code.is_empty() {
            KECCAK_EMPTY
        } else {
            B256::new(code.try_into().ok()?)
        };
        Some(AccountState {
            nonce: u64::from_be_bytes(*nonce),
            balance: parse_slot(balance).ok()?,
            code_hash,
        })
    };
    let account = parse();
    account
        .map(Some)
        .ok_or_else(|| StoreError::Damaged("an account is none".to_owned()))
}

/// Bytes of a digest: its elements, little-endian.
pub const DIGEST_BYTES: usize = 32;

/// The bytes of a digest.
pub fn digest_bytes(digest: &Digest) -> [u8; DIGEST_BYTES] {
    let mut bytes = [0; DIGEST_BYTES];
    for (part, element) in bytes.chunks_exact_mut(8).zip(digest) {
        part.copy_from_slice(&element.to_le_bytes());
    }
    bytes
}

/// The digest of some bytes; `None` if an element is not canonical.
pub fn parse_digest(bytes: &[u8; DIGEST_BYTES]) -> Option<Digest> {
    let mut digest = [0; 4];
    for (element, part) in digest.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *element = u64::from_le_bytes(*part);
    }
    is_canonical(&digest).then_some(digest)
}

/// Bytes of a row of [`BLOCKS`].
pub const BLOCK_BYTES: usize = 8 + 32 + DIGEST_BYTES;

/// A block's row: timestamp (8 bytes, big-endian), hash, state root.
pub fn block_bytes(block: &StoredBlock) -> [u8; BLOCK_BYTES] {
    let mut bytes = [0; BLOCK_BYTES];
    bytes[..8].copy_from_slice(&block.timestamp.to_be_bytes());
    bytes[8..40].copy_from_slice(block.block_hash.as_slice());
    bytes[40..].copy_from_slice(&digest_bytes(&block.state_root));
    bytes
}

/// The block of a row.
pub fn parse_block(number: u64, bytes: &[u8; BLOCK_BYTES]) -> Result<StoredBlock, StoreError> {
    let parse = || {
        let (timestamp, rest) = bytes.split_first_chunk::<8>()?;
        let (hash, root) = rest.split_first_chunk::<32>()?;
        Some(StoredBlock {
            number,
            timestamp: u64::from_be_bytes(*timestamp),
            block_hash: B256::new(*hash),
            state_root: parse_digest(root.try_into().ok()?)?,
        })
    };
    parse().ok_or_else(|| StoreError::Damaged(format!("block {number} is none")))
}
