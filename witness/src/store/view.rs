//! Reading a store: one version of it, that nothing changes under the reader.

use std::collections::BTreeSet;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};
use braid_circuits::event::{Code, TreePath};
use braid_circuits::state_hash::Digest;
use braid_text::Rules;
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use revm::state::Bytecode;

use super::code_cache::CodeCache;
use super::files::caught;
use super::tables::{
    BLOCK_BYTES, BLOCKS, CODES, DIGEST_BYTES, Entry, HISTORY, Kind, META, OLDER_HASHES,
    digest_bytes, history_key, parse_account, parse_block, parse_digest, parse_history_key,
    parse_slot, parse_slot_key, slot_key,
};
use super::{StoreError, StoredBlock, pages};
use crate::error::Result;
use crate::execution::{AccountState, BLOCK_HASHES, BlockHashes, StateReader};
use crate::state::bytecode;
use crate::tree::StateTree;

type ByteTable = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accounts, empty ones (EIP-161) that nothing has touched included.
    pub accounts: u64,
    /// Slots that are not zero.
    pub slots: u64,
    /// Bytecodes.
    pub codes: u64,
}

/// One version of the state: that after the last block, or after an earlier one whose state is kept. Any number of threads may
/// read it, also while the store goes on to further blocks.
#[derive(Debug)]
pub struct StoreView {
    kinds: [ByteTable; 3],
    codes: ByteTable,
    history: ByteTable,
    blocks: ReadOnlyTable<u64, [u8; BLOCK_BYTES]>,
    older_hashes: ReadOnlyTable<u64, (u64, [u8; 32])>,
    cache: Arc<CodeCache>,
    chain_id: u64,
    rules: Rules,
    head: u64,
    oldest: u64,
    is_ordinary: bool,
    /// The block after which this is the state.
    block: StoredBlock,
}

impl StoreView {
    /// The state after the last block.
    pub(super) fn new(database: &impl ReadableDatabase, cache: Arc<CodeCache>) -> Result<Self> {
        let transaction = database.begin_read().map_err(StoreError::from)?;
        let open = |table| transaction.open_table(table).map_err(StoreError::from);
        let meta = transaction.open_table(META).map_err(StoreError::from)?;
        let number = |entry: Entry| {
            let found = meta.get(entry.key()).map_err(StoreError::from)?;
            let missing = || StoreError::Damaged(format!("there is no row `{}`", entry.key()));
            Ok::<_, StoreError>(found.ok_or_else(missing)?.value())
        };
        let (head, oldest) = (number(Entry::Head)?, number(Entry::Oldest)?);
        let ordinary = meta.get(Entry::Ordinary.key()).map_err(StoreError::from)?;
        let is_ordinary = match ordinary.map(|row| row.value()) {
            // Stores did not know it once.
            None | Some(0) => false,
            Some(1) => true,
            Some(_) => {
                let what = "the row `ordinary` is neither 0 nor 1";
                return Err(StoreError::Damaged(what.to_owned()).into());
            }
        };
        let no_rules = || StoreError::Damaged("the row `rules` names none".to_owned());
        let rules = Rules::from_number(number(Entry::Rules)?).ok_or_else(no_rules)?;
        let blocks = transaction.open_table(BLOCKS).map_err(StoreError::from)?;
        let older_hashes = transaction.open_table(OLDER_HASHES);
        let older_hashes = older_hashes.map_err(StoreError::from)?;
        Ok(Self {
            older_hashes,
            kinds: [
                open(Kind::Account.table())?,
                open(Kind::Slot.table())?,
                open(Kind::Page.table())?,
            ],
            codes: open(CODES)?,
            history: open(HISTORY)?,
            cache,
            chain_id: number(Entry::ChainId)?,
            rules,
            head,
            oldest,
            is_ordinary,
            block: stored_block(&blocks, head)?,
            blocks,
        })
    }

    /// Whether the store is of this chain, if one is given.
    ///
    /// # Errors
    /// [`StoreError::WrongChain`].
    pub(super) fn must_be_of(&self, chain_id: Option<u64>) -> Result<(), StoreError> {
        let found = self.chain_id;
        match chain_id {
            Some(expected) if expected != found => Err(StoreError::WrongChain { found, expected }),
            _ => Ok(()),
        }
    }

    /// Whether the chain has these rules.
    ///
    /// # Errors
    /// [`StoreError::OtherRules`].
    pub fn must_have_rules(&self, expected: Rules) -> Result<(), StoreError> {
        let found = self.rules;
        match found == expected {
            true => Ok(()),
            false => Err(StoreError::OtherRules { found, expected }),
        }
    }

    /// The rules of the chain.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// The state after the block with this number.
    pub(super) fn at(mut self, number: u64) -> Result<Self> {
        if number < self.oldest || number > self.head {
            let (oldest, head) = (self.oldest, self.head);
            return Err(StoreError::NotKept {
                number,
                oldest,
                head,
            }
            .into());
        }
        self.block = stored_block(&self.blocks, number)?;
        Ok(self)
    }

    /// The chain.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The block after which this is the state.
    pub fn block(&self) -> &StoredBlock {
        &self.block
    }

    /// The oldest block whose state can be read.
    pub fn oldest(&self) -> u64 {
        self.oldest
    }

    /// How much the store holds after its last block.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        let [accounts, slots, _] = &self.kinds;
        let count = |table: &ByteTable| table.len().map_err(StoreError::from);
        caught(|| {
            Ok(Counts {
                accounts: count(accounts)?,
                slots: count(slots)?,
                codes: count(&self.codes)?,
            })
        })
    }

    /// The hashes of this block and of the 256 before it, as far as there are any: the latter are those that the state tree has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn block_hashes(&self) -> Result<BlockHashes> {
        caught(|| {
            let last = self.block.number;
            let first = last.saturating_sub(BLOCK_HASHES);
            let mut hashes = BlockHashes::default();
            let older = self.older_hashes.range(first..=last);
            for row in older.map_err(StoreError::from)? {
                let (number, row) = row.map_err(StoreError::from)?;
                let (_, hash) = row.value();
                hashes.known.insert(number.value(), B256::new(hash));
            }
            for row in self.blocks.range(first..=last).map_err(StoreError::from)? {
                let (number, bytes) = row.map_err(StoreError::from)?;
                let block = parse_block(number.value(), &bytes.value())?;
                hashes.learn(block.number, block.block_hash);
            }
            Ok(hashes)
        })
    }

    /// Blocks before the first whose hashes the state began with, each with the first block.
    pub(super) fn older_hashes(&self) -> Result<Vec<(u64, u64)>> {
        let mut given = Vec::new();
        for row in self.older_hashes.iter().map_err(StoreError::from)? {
            let (number, row) = row.map_err(StoreError::from)?;
            given.push((number.value(), row.value().0));
        }
        Ok(given)
    }

    /// Whether a block is kept.
    pub(super) fn is_kept(&self, number: u64) -> Result<bool> {
        Ok(self.blocks.get(number).map_err(StoreError::from)?.is_some())
    }

    /// The state tree with the paths of some keys expanded: on them it does what the full tree does, one update or several, and
    /// [`StateTree::update_all`] alike. Other keys may give [`Error::OutsidePartialTree`](crate::Error::OutsidePartialTree).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tree(&self, keys: &[Digest]) -> Result<StateTree> {
        let read = |key: &[u8]| self.read(Kind::Page, key, |bytes| Ok(bytes.to_vec()));
        pages::load(self.block.state_root, keys.to_vec(), &read)
    }

    /// The value hash of a key in the state tree, and the path that shows it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn path(&self, key: &Digest) -> Result<(Digest, TreePath)> {
        let tree = self.tree(&[*key])?;
        Ok((tree.get(key)?, tree.path(key)?))
    }

    /// The code part of an account by its Keccak-256.
    ///
    /// # Errors
    /// [`StoreError::MissingCode`], or when the store cannot be read.
    pub fn code_commitment(&self, hash: &B256) -> Result<Code> {
        if *hash == Code::NONE.keccak {
            return Ok(Code::NONE);
        }
        caught(|| {
            let row = self.codes.get(hash.as_slice()).map_err(StoreError::from)?;
            let row = row.ok_or(StoreError::MissingCode(*hash))?;
            let (poseidon, bytes) = parse_code(hash, row.value())?;
            let size = u32::try_from(bytes.len()).map_err(|_| bad_code(hash))?;
            Ok(Code {
                keccak: *hash,
                poseidon,
                size,
            })
        })
    }

    /// The row of a table, no bytes if there is none.
    fn read<T>(&self, kind: Kind, key: &[u8], parse: impl Fn(&[u8]) -> Result<T>) -> Result<T> {
        caught(|| {
            for block in self.later_blocks() {
                let key = history_key(block, kind, key);
                let row = self.history.get(key.as_slice()).map_err(StoreError::from)?;
                if let Some(row) = row {
                    return parse(row.value());
                }
            }
            let row = self.table(kind).get(key).map_err(StoreError::from)?;
            match row {
                Some(row) => parse(row.value()),
                None => parse(&[]),
            }
        })
    }

    /// The blocks that this version does not know of yet.
    fn later_blocks(&self) -> core::ops::Range<u64> {
        // The head is below 2^64 - 1 wherever a block before it is: it follows that block.
        match self.block.number < self.head {
            true => self.block.number + 1..self.head.saturating_add(1),
            false => 0..0,
        }
    }

    pub(super) fn table(&self, kind: Kind) -> &ByteTable {
        let [accounts, slots, pages] = &self.kinds;
        match kind {
            Kind::Account => accounts,
            Kind::Slot => slots,
            Kind::Page => pages,
        }
    }

    pub(super) fn codes(&self) -> &ByteTable {
        &self.codes
    }
}

fn stored_block(
    blocks: &ReadOnlyTable<u64, [u8; BLOCK_BYTES]>,
    number: u64,
) -> Result<StoredBlock, StoreError> {
    let row = blocks.get(number)?;
    let row = row.ok_or_else(|| StoreError::Damaged(format!("there is no block {number}")))?;
    parse_block(number, &row.value())
}

fn bad_code(hash: &B256) -> StoreError {
    StoreError::Damaged(format!("the bytecode {hash} is none"))
}

/// Poseidon hash and bytes of a row of [`CODES`].
pub(super) fn parse_code<'a>(hash: &B256, row: &'a [u8]) -> Result<(Digest, &'a [u8]), StoreError> {
    let parts = row.split_first_chunk::<DIGEST_BYTES>();
    let parsed = parts.and_then(|(poseidon, bytes)| Some((parse_digest(poseidon)?, bytes)));
    parsed.ok_or_else(|| bad_code(hash))
}

/// The row of [`CODES`] for some code.
pub(super) fn code_row(code: &Code, bytes: &[u8]) -> Vec<u8> {
    let mut row = digest_bytes(&code.poseidon).to_vec();
    row.extend(bytes);
    row
}

impl StateReader for StoreView {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        self.read(Kind::Account, address.as_slice(), |row| {
            Ok(parse_account(row)?)
        })
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        self.read(Kind::Slot, &slot_key(address, slot), |row| {
            Ok(parse_slot(row)?)
        })
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        if *hash == Code::NONE.keccak {
            return Ok(Bytecode::new());
        }
        if let Some(code) = self.cache.get(hash) {
            return Ok(code);
        }
        let bytes = caught(|| {
            let row = self.codes.get(hash.as_slice()).map_err(StoreError::from)?;
            let row = row.ok_or(StoreError::MissingCode(*hash))?;
            Ok(Bytes::copy_from_slice(parse_code(hash, row.value())?.1))
        })?;
        let code = bytecode(bytes, self.rules);
        self.cache.insert(*hash, code.clone());
        Ok(code)
    }

    fn is_ordinary(&self) -> bool {
        self.is_ordinary
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        let [first, last] = [U256::ZERO, U256::MAX].map(|slot| slot_key(address, &slot));
        let found: BTreeSet<U256> = caught(|| {
            let mut found = BTreeSet::new();
            let range = self.table(Kind::Slot).range(&first[..]..=&last[..]);
            for row in range.map_err(StoreError::from)? {
                let (key, _) = row.map_err(StoreError::from)?;
                found.insert(parse_slot_key(key.value())?.1);
            }
            for block in self.later_blocks() {
                let [first, last] = [first, last].map(|key| history_key(block, Kind::Slot, &key));
                let range = self.history.range(&first[..]..=&last[..]);
                for row in range.map_err(StoreError::from)? {
                    let (key, _) = row.map_err(StoreError::from)?;
                    let (_, key) = parse_history_key(key.value())?;
                    found.insert(parse_slot_key(key)?.1);
                }
            }
            Ok(found)
        })?;
        let mut slots = Vec::with_capacity(found.len());
        for slot in found {
            // In an older version some of them are not there yet.
            if self.block.number == self.head || !self.storage(address, &slot)?.is_zero() {
                slots.push(slot);
            }
        }
        Ok(slots)
    }
}
