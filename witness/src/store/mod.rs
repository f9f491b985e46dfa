//! The state across blocks, in an embedded database: see `docs/state-store.md`.
//!
//! A [`Store`] is a folder with one database of `redb` and a lock file. Every block is one transaction of the database: a
//! process that is killed leaves the state after the last block that [`Store::apply`] or [`Store::commit`] returned from, or
//! that after the block it was at, never anything between. The store also keeps what every block replaced, so that the
//! states after earlier blocks can be read until [`Store::prune`] forgets them.
//!
//! Execution reads through a [`StoreView`], the prover takes paths from [`StoreView::tree`].

mod ahead;
mod chain;
mod check;
mod code_cache;
mod error;
mod files;
mod genesis;
mod pages;
mod reader;
mod tables;
mod view;
mod write;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alloy_primitives::B256;
use alloy_primitives::map::B256Map;
use braid_circuits::event::Code;
use braid_circuits::state_hash::Digest;
use braid_text::Rules;
use redb::{Database, WriteTransaction};
use revm::state::Bytecode;

pub use ahead::Ahead;
pub use check::Checked;
pub use error::{Disagreement, StoreError};
pub use files::{DATABASE_FILE, LOCK_FILE};
pub use genesis::Genesis;
pub use reader::StoreReader;
pub use view::{Counts, StoreView};

use crate::block_file::check_alloc;
use crate::chain::last_hash;
use crate::error::{Error, Result};
use crate::execution::reader::block_hash_leaf;
use crate::execution::{BLOCK_HASHES, BlockHashes, StateChanges, StateReader};
use crate::state::{StoredCode, leaf_changes};
use crate::tree::StateTree;
use ahead::after;
use code_cache::CodeCache;
use files::{
    Open, UNFINISHED_FILE, begin_write, caught, check_schema, database_fault, exists, file_fault,
    lock, must_exist,
};
use genesis::write_genesis;
use tables::Entry;

/// A block that is added to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppliedBlock {
    /// Its number.
    pub number: u64,
    /// Its timestamp.
    pub timestamp: u64,
    /// Its hash, in the rollup's own form.
    pub block_hash: B256,
}

/// A block of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// Its number.
    pub number: u64,
    /// Its timestamp.
    pub timestamp: u64,
    /// Its hash, in the rollup's own form.
    pub block_hash: B256,
    /// The root of the state tree after it.
    pub state_root: Digest,
}

/// Changes whose state root is known and that are not in the store yet: see [`Store::prepare`].
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    changes: &'a StateChanges,
    codes: Vec<StoredCode>,
    /// The last block of the store that this is for.
    head: StoredBlock,
    before: StateTree,
    after: StateTree,
}

impl Prepared<'_> {
    /// The root of the state tree after the changes.
    pub fn state_root(&self) -> Digest {
        self.after.root()
    }
}

/// The state store of one chain, open. One process, and in it one value of this type, works with a store at a time.
#[derive(Debug)]
pub struct Store {
    // Fields are dropped in order: readers, then the database, then the lock.
    view: StoreView,
    database: Open,
    folder: PathBuf,
    cache: Arc<CodeCache>,
    hashes: BlockHashes,
    _lock: File,
}

impl Store {
    /// Makes a store in a folder, which is made if it is not there, and opens it. A process that is killed meanwhile leaves no store.
    ///
    /// # Errors
    /// [`StoreError::AlreadyInitialised`], [`StoreError::Locked`], [`Error::Malformed`] if a state tree cannot hold the accounts, or
    /// when the folder cannot be written.
    pub fn init(folder: &Path, genesis: &Genesis) -> Result<Self> {
        check_alloc(genesis.alloc)?;
        fs::create_dir_all(folder).map_err(file_fault(folder))?;
        let lock = lock(folder)?;
        let path = folder.join(DATABASE_FILE);
        if exists(&path)? {
            return Err(StoreError::AlreadyInitialised(folder.to_owned()).into());
        }
        let unfinished = folder.join(UNFINISHED_FILE);
        if exists(&unfinished)? {
            fs::remove_file(&unfinished).map_err(file_fault(&unfinished))?;
        }
        let database = Database::create(&unfinished);
        let database = database.map_err(|error| database_fault(error, folder))?;
        write_genesis(&database, genesis)?;
        drop(database);
        fs::rename(&unfinished, &path).map_err(file_fault(&unfinished))?;
        // The new name is on the disk when the folder is.
        let flushed = File::open(folder).and_then(|folder| folder.sync_all());
        flushed.map_err(file_fault(folder))?;
        Self::with_lock(folder, Some(genesis.chain_id), lock)
    }

    /// Opens a store, of this chain if one is given. It takes milliseconds, however large the store is.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::HalfMade`], [`StoreError::Locked`], [`StoreError::WrongChain`],
    /// [`StoreError::NewerSchema`], [`StoreError::OlderSchema`], [`StoreError::Damaged`], or when the folder cannot be read and written.
    pub fn open(folder: &Path, chain_id: Option<u64>) -> Result<Self> {
        must_exist(folder)?;
        let lock = lock(folder)?;
        Self::with_lock(folder, chain_id, lock)
    }

    fn with_lock(folder: &Path, chain_id: Option<u64>, lock: File) -> Result<Self> {
        caught(|| {
            let database = Database::open(folder.join(DATABASE_FILE));
            let database = Open::new(database.map_err(|error| database_fault(error, folder))?);
            check_schema(database.get()?)?;
            let cache = Arc::new(CodeCache::default());
            let view = StoreView::new(database.get()?, Arc::clone(&cache))?;
            view.must_be_of(chain_id)?;
            Ok(Self {
                hashes: view.block_hashes()?,
                view,
                database,
                folder: folder.to_owned(),
                cache,
                _lock: lock,
            })
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The chain.
    pub fn chain_id(&self) -> u64 {
        self.view.chain_id()
    }

    /// The chain's rules.
    pub fn rules(&self) -> Rules {
        self.view.rules()
    }

    /// The last block.
    pub fn head(&self) -> &StoredBlock {
        self.view.block()
    }

    /// The state after the last block.
    pub fn view(&self) -> &StoreView {
        &self.view
    }

    /// The state after the last block, to be kept while the store goes on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn snapshot(&self) -> Result<StoreView> {
        caught(|| StoreView::new(self.database.get()?, Arc::clone(&self.cache)))
    }

    /// The state after an earlier block.
    ///
    /// # Errors
    /// [`StoreError::NotKept`], or when the store cannot be read.
    pub fn view_at(&self, number: u64) -> Result<StoreView> {
        self.snapshot()?.at(number)
    }

    /// The state tree after the last block with the paths of some keys expanded: see [`StoreView::tree`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tree(&self, keys: &[Digest]) -> Result<StateTree> {
        self.view.tree(keys)
    }

    /// Reads everything and computes it anew: bytecode under its hashes, the state tree from all accounts and slots, every page of
    /// the tree, the root. It takes about 6 us an account or slot and core.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first contradiction, or when the store cannot be read.
    pub fn check(&self) -> Result<Checked> {
        self.view.check()
    }

    /// Computes the state root after the changes of the next block, whose opening writes the hash of the last one, and all that [`Store::commit`] then writes. Nothing is written yet: the root goes into the
    /// block's hash.
    ///
    /// # Errors
    /// [`StoreError::MissingCode`], [`Error::Internal`] if bytecode has another hash than given, or when the store cannot be read.
    pub fn prepare<'a>(&self, changes: &'a StateChanges) -> Result<Prepared<'a>> {
        let codes = stored_codes(&changes.codes, self.rules())?;
        let new: B256Map<Code> = codes.iter().map(|c| (c.code.keccak, c.code)).collect();
        let mut leaves = leaf_changes(changes, |hash| match new.get(hash) {
            Some(code) => Ok(*code),
            None => self.view.code_commitment(hash),
        })?;
        leaves.push(block_hash_leaf(&last_hash(&after(self.head()))));
        let keys: Vec<Digest> = leaves.iter().map(|(key, _)| *key).collect();
        let before = self.tree(&keys)?;
        let mut after = before.clone();
        after.update_all(leaves)?;
        Ok(Prepared {
            changes,
            codes,
            head: *self.head(),
            before,
            after,
        })
    }

    /// Adds a block. When this returns the block is on the disk.
    ///
    /// # Errors
    /// [`StoreError::NotNext`]; [`StoreError::AccountDisagrees`], [`StoreError::SlotDisagrees`], [`StoreError::OrphanSlot`] if the changes do not go
    /// with the store's state; or when the store cannot be written. The store is then as before.
    pub fn commit(&mut self, block: &AppliedBlock, prepared: &Prepared) -> Result<()> {
        let head = *self.head();
        if head.number.checked_add(1) != Some(block.number) || prepared.head != head {
            return Err(StoreError::NotNext {
                number: block.number,
                head: head.number,
            }
            .into());
        }
        let block = StoredBlock {
            number: block.number,
            timestamp: block.timestamp,
            block_hash: block.block_hash,
            state_root: prepared.state_root(),
        };
        let was_ordinary = self.view.is_ordinary();
        self.write(|transaction| {
            let trees = [&prepared.before, &prepared.after];
            let number = Some(block.number);
            let stays_ordinary = write::state(
                transaction,
                number,
                prepared.changes,
                &prepared.codes,
                trees,
            )?;
            if was_ordinary && !stays_ordinary {
                write::number(transaction, Entry::Ordinary, 0)?;
            }
            Ok(write::head(transaction, &block)?)
        })
    }

    /// Adds a block whose hash is known: [`Store::prepare`] and [`Store::commit`]. Gives the state root.
    ///
    /// # Errors
    /// Those of both. The store is then as before.
    pub fn apply(&mut self, block: &AppliedBlock, changes: &StateChanges) -> Result<Digest> {
        let prepared = self.prepare(changes)?;
        self.commit(block, &prepared)?;
        Ok(prepared.state_root())
    }

    /// Takes back the last block; gives the block that is the last one then.
    ///
    /// # Errors
    /// [`StoreError::NotKept`] if the state before it is not kept, or when the store cannot be written. The store is then as before.
    pub fn undo(&mut self) -> Result<StoredBlock> {
        let (head, oldest) = (self.head().number, self.view.oldest());
        if head == oldest {
            return Err(StoreError::NotKept {
                number: head.saturating_sub(1),
                oldest,
                head,
            }
            .into());
        }
        self.write(|transaction| Ok(write::undo(transaction, head)?))?;
        Ok(*self.head())
    }

    /// Forgets the states before the last `keep` blocks: the state after the last block and after `keep` blocks before it
    /// stay. The hashes that further blocks may ask for stay too. Gives the number of rows of history that are gone; their room in
    /// the file is used again.
    ///
    /// # Errors
    /// When the store cannot be written. It is then as before.
    pub fn prune(&mut self, keep: u64) -> Result<u64> {
        let oldest = self.head().number.saturating_sub(keep);
        let oldest = oldest.max(self.view.oldest());
        self.write(|transaction| Ok(write::prune(transaction, oldest, BLOCK_HASHES)?))
    }

    /// Runs one transaction and turns to the state after it.
    fn write<T>(&mut self, work: impl FnOnce(&WriteTransaction) -> Result<T>) -> Result<T> {
        caught(|| {
            let transaction = begin_write(self.database.get()?)?;
            // An error drops the transaction, which undoes it.
            let done = work(&transaction)?;
            transaction.commit().map_err(StoreError::from)?;
            self.view = StoreView::new(self.database.get()?, Arc::clone(&self.cache))?;
            self.hashes = self.view.block_hashes()?;
            Ok(done)
        })
    }
}

/// Bytecodes with what is derived from them, each under the hash that it was given with.
fn stored_codes(codes: &[(B256, Bytecode)], rules: Rules) -> Result<Vec<StoredCode>> {
    let stored = codes.iter().map(|(hash, bytecode)| {
        let stored = StoredCode::new(&bytecode.original_bytes(), rules)?;
        if stored.code.keccak != *hash {
            return Err(Error::Internal(format!(
                "bytecode given as {hash} has another hash"
            )));
        }
        Ok(stored)
    });
    stored.collect()
}
