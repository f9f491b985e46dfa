//! The files of a store: the database, and the lock on the folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::{Database, DatabaseError, ReadableDatabase, WriteTransaction};

use super::StoreError;
use super::tables::{CANCUN_SCHEMA, Entry, META, SCHEMA};
use crate::error::Result;

/// The database.
pub const DATABASE_FILE: &str = "state.redb";
/// The database while it is being made.
pub(super) const UNFINISHED_FILE: &str = "state.redb.new";
/// Whoever works with the store has a lock on it.
pub const LOCK_FILE: &str = "lock";

/// Runs what reads or writes the database. It trusts its file and panics on some damage.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "the database panicked".to_owned());
        Err(StoreError::Damaged(text).into())
    })
}

pub(super) fn file_fault(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |error| StoreError::File {
        path,
        kind: error.kind(),
        message: error.to_string(),
    }
}

pub(super) fn database_fault(error: DatabaseError, folder: &Path) -> StoreError {
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
pub(super) struct Open(Option<Database>);

impl Open {
    pub(super) fn new(database: Database) -> Self {
        Self(Some(database))
    }

    pub(super) fn get(&self) -> Result<&Database, StoreError> {
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
pub(super) fn lock(folder: &Path) -> Result<File, StoreError> {
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

pub(super) fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(file_fault(path))
}

/// Whether there is a store in a folder.
pub(super) fn must_exist(folder: &Path) -> Result<(), StoreError> {
    if exists(&folder.join(DATABASE_FILE))? {
        return Ok(());
    }
    let half_made = exists(&folder.join(UNFINISHED_FILE))?;
    let folder = folder.to_owned();
    Err(match half_made {
        true => StoreError::HalfMade(folder),
        false => StoreError::Missing(folder),
    })
}

pub(super) fn begin_write(database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write()?;
    // Writes what opening needs to know of the file, so that opening never reads all of it, not even after a kill.
    transaction.set_quick_repair(true);
    Ok(transaction)
}

pub(super) fn check_schema(database: &impl ReadableDatabase) -> Result<(), StoreError> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(META)?;
    let found = meta.get(Entry::Schema.key())?;
    let found = found.map(|row| row.value());
    match found {
        Some(CANCUN_SCHEMA | SCHEMA) => Ok(()),
        Some(found) if found > SCHEMA => Err(StoreError::NewerSchema {
            found,
            known: SCHEMA,
        }),
        _ => Err(StoreError::Damaged("it has no schema".to_owned())),
    }
}
