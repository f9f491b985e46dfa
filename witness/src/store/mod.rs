//! The state across blocks, in an embedded database: see `docs/state-store.md`.
//!
//! A [`Store`] is a folder with one database of `redb` and a lock file. Every block is one transaction of the database: a
//! process that is killed leaves the state after the last block that [`Store::apply`] or [`Store::commit`] returned from, or
//! that after the block it was at, never anything between. The store also keeps what every block replaced, so that the
//! states after earlier blocks can be read until [`Store::prune`] forgets them.
//!
//! Execution reads through a [`StoreView`], the prover takes paths from [`StoreView::tree`].

mod chain;
mod check;
mod error;
mod pages;
mod tables;
mod view;
mod write;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256};
use braid_circuits::event::Code;
use braid_circuits::state_hash::Digest;
use redb::{Database, DatabaseError, ReadableDatabase, WriteTransaction};
use revm::state::Bytecode;

pub use check::Checked;
pub use error::{Disagreement, StoreError};
pub use view::{Counts, StoreView};

use crate::block_file::{AllocAccount, BlockFile, Parent, check_alloc};
use crate::error::{Error, Result};
use crate::execution::{AccountState, AccountStateChange, BlockHashes, SlotChange, StateChanges};
use crate::state::{StoredCode, leaf_changes};
use crate::tree::StateTree;
use tables::{BLOCK_HASHES, Entry, META, SCHEMA};
use view::CodeCache;

/// The database.
const DATABASE_FILE: &str = "state.redb";
/// The database while it is being made.
const UNFINISHED_FILE: &str = "state.redb.new";
/// Whoever works with the store has a lock on it.
const LOCK_FILE: &str = "lock";

/// What a store starts from.
#[derive(Clone, Copy, Debug)]
pub struct Genesis<'a> {
    /// The chain.
    pub chain_id: u64,
    /// The block that the first block follows.
    pub parent: Parent,
    /// The state after that block.
    pub alloc: &'a BTreeMap<Address, AllocAccount>,
}

impl<'a> From<&'a BlockFile> for Genesis<'a> {
    fn from(file: &'a BlockFile) -> Self {
        Self {
            chain_id: file.chain_id,
            parent: file.parent,
            alloc: &file.alloc,
        }
    }
}

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

/// Runs what reads or writes the database. It trusts its file and panics on some damage.
fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "the database panicked".to_owned());
        Err(StoreError::Damaged(text).into())
    })
}

fn file_fault(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::File {
        path,
        kind: error.kind(),
        message: error.to_string(),
    }
}

fn database_fault(error: DatabaseError, folder: &Path) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Locked(folder.to_owned()),
        DatabaseError::Storage(redb::StorageError::Io(error))
            if !matches!(
                error.kind(),
                std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
            ) =>
        {
            file_fault(&folder.join(DATABASE_FILE))(error)
        }
        DatabaseError::Storage(error) => error.into(),
        other => StoreError::Damaged(other.to_string()),
    }
}

/// The database. Closing it writes to the file and panics on some damage, which must not go further.
#[derive(Debug)]
struct Open(Option<Database>);

impl Open {
    fn new(database: Database) -> Self {
        Self(Some(database))
    }

    fn get(&self) -> Result<&Database, StoreError> {
        let closed = || StoreError::Database("it is closed".to_owned());
        self.0.as_ref().ok_or_else(closed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let database = self.0.take();
        if let Err(error) = caught(|| {
            drop(database);
            Ok(())
        }) {
            tracing::warn!("closing the state store: {error}");
        }
    }
}

/// Takes the lock of a folder; it ends with the process, however that ends.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let file = options.open(&path).map_err(file_fault(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(file_fault(&path)(error)),
    }
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(file_fault(path))
}

fn begin_write(database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write()?;
    // Writes what opening needs to know of the file, so that opening never reads all of it, not even after a kill.
    transaction.set_quick_repair(true);
    Ok(transaction)
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
    /// [`StoreError::NewerSchema`], [`StoreError::Damaged`], or when the folder cannot be read and written.
    pub fn open(folder: &Path, chain_id: Option<u64>) -> Result<Self> {
        if !exists(&folder.join(DATABASE_FILE))? {
            let half_made = exists(&folder.join(UNFINISHED_FILE))?;
            let folder = folder.to_owned();
            return Err(match half_made {
                true => StoreError::HalfMade(folder).into(),
                false => StoreError::Missing(folder).into(),
            });
        }
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
            if let Some(expected) = chain_id
                && view.chain_id() != expected
            {
                let found = view.chain_id();
                return Err(StoreError::WrongChain { found, expected }.into());
            }
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

    /// Computes the state root after changes, and all that [`Store::commit`] then writes. Nothing is written yet: the root goes into the
    /// block's hash.
    ///
    /// # Errors
    /// [`StoreError::MissingCode`], [`Error::Internal`] if bytecode has another hash than given, or when the store cannot be read.
    pub fn prepare<'a>(&self, changes: &'a StateChanges) -> Result<Prepared<'a>> {
        let codes = stored_codes(&changes.codes)?;
        let new: B256Map<Code> = codes.iter().map(|c| (c.code.keccak, c.code)).collect();
        let leaves = leaf_changes(changes, |hash| match new.get(hash) {
            Some(code) => Ok(*code),
            None => self.view.code_commitment(hash),
        })?;
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
        self.write(|transaction| {
            let trees = [&prepared.before, &prepared.after];
            let number = Some(block.number);
            write::state(
                transaction,
                number,
                prepared.changes,
                &prepared.codes,
                trees,
            )?;
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

fn check_schema(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(META)?;
    let found = meta.get(Entry::Schema.key())?;
    let found = found.map(|row| row.value());
    match found {
        Some(SCHEMA) => Ok(()),
        Some(found) if found > SCHEMA => Err(StoreError::NewerSchema {
            found,
            known: SCHEMA,
        }),
        _ => Err(StoreError::Damaged("it has no schema".to_owned())),
    }
}

/// Bytecodes with what is derived from them, each under the hash that it was given with.
fn stored_codes(codes: &[(B256, Bytecode)]) -> Result<Vec<StoredCode>> {
    let stored = codes.iter().map(|(hash, bytecode)| {
        let stored = StoredCode::new(&bytecode.original_bytes())?;
        if stored.code.keccak != *hash {
            return Err(Error::Internal(format!(
                "bytecode given as {hash} has another hash"
            )));
        }
        Ok(stored)
    });
    stored.collect()
}

fn write_genesis(database: &Database, genesis: &Genesis) -> Result<()> {
    let (changes, codes) = genesis_changes(genesis.alloc)?;
    let known: B256Map<Code> = codes.iter().map(|c| (c.code.keccak, c.code)).collect();
    let code = |hash: &B256| match known.get(hash) {
        Some(code) => Ok(*code),
        None => Ok(Code::NONE),
    };
    let tree = StateTree::build(leaf_changes(&changes, code)?);
    let parent = StoredBlock {
        number: genesis.parent.number,
        timestamp: genesis.parent.timestamp,
        block_hash: genesis.parent.block_hash,
        state_root: tree.root(),
    };
    let transaction = begin_write(database)?;
    write::state(
        &transaction,
        None,
        &changes,
        &codes,
        [&StateTree::default(), &tree],
    )?;
    write::head(&transaction, &parent)?;
    write::number(&transaction, Entry::Schema, SCHEMA)?;
    write::number(&transaction, Entry::ChainId, genesis.chain_id)?;
    write::number(&transaction, Entry::Oldest, parent.number)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(())
}

/// The genesis as changes to nothing.
fn genesis_changes(
    alloc: &BTreeMap<Address, AllocAccount>,
) -> Result<(StateChanges, Vec<StoredCode>)> {
    let mut changes = StateChanges::default();
    let mut codes = BTreeMap::new();
    for (address, given) in alloc {
        let mut after = AccountState {
            nonce: given.nonce,
            balance: given.balance,
            ..AccountState::EMPTY
        };
        if !given.code.is_empty() {
            let stored = StoredCode::new(&given.code)?;
            after.code_hash = stored.code.keccak;
            codes.insert(stored.code.keccak, stored);
        }
        changes.accounts.push(AccountStateChange {
            address: *address,
            before: None,
            after: Some(after),
        });
        let storage = given.storage.iter().filter(|(_, value)| !value.is_zero());
        changes
            .storage
            .extend(storage.map(|(slot, value)| SlotChange {
                address: *address,
                slot: *slot,
                before: Default::default(),
                after: *value,
            }));
    }
    Ok((changes, codes.into_values().collect()))
}
