//! A store opened to be read: nothing is written, not even a lock file, so that it works in folders and on disks that cannot be written to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use braid_text::Rules;
use redb::{DatabaseError, ReadOnlyDatabase};

use super::code_cache::CodeCache;
use super::files::{DATABASE_FILE, caught, check_schema, database_fault, must_exist};
use super::{Checked, Store, StoreError, StoreView, StoredBlock};
use crate::error::{Error, Result};

/// The state store of one chain, open for reading. Any number of these can be open at a time, but none beside a [`Store`]: the database's own lock,
/// shared here, sees to that.
pub struct StoreReader {
    // Fields are dropped in order: readers, then the database.
    view: StoreView,
    database: ReadOnlyDatabase,
    folder: PathBuf,
    cache: Arc<CodeCache>,
}

/// The error of mending a store in a folder that cannot be written to says what it is about.
fn unwritable(error: Error, folder: &Path) -> Error {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match error {
        Error::Store(StoreError::File {
            kind: PermissionDenied | ReadOnlyFilesystem,
            ..
        }) => StoreError::NeedsRepair(folder.to_owned()).into(),
        other => other,
    }
}

impl core::fmt::Debug for StoreReader {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("StoreReader")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl StoreReader {
    /// Opens a store, of this chain if one is given.
    ///
    /// # Errors
    /// As [`Store::open`], but that the folder need not be writable. Only a store that its last writer left in need of repair must be written to once.
    pub fn open(folder: &Path, chain_id: Option<u64>) -> Result<Self> {
        must_exist(folder)?;
        match Self::open_whole(folder, chain_id)? {
            Some(reader) => Ok(reader),
            None => {
                drop(Store::open(folder, chain_id).map_err(|error| unwritable(error, folder))?);
                let reader = Self::open_whole(folder, chain_id)?;
                let damaged = || StoreError::Damaged("it stays in need of repair".to_owned());
                Ok(reader.ok_or_else(damaged)?)
            }
        }
    }

    /// `None` if the store needs repair.
    fn open_whole(folder: &Path, chain_id: Option<u64>) -> Result<Option<Self>> {
        caught(|| {
            let database = match ReadOnlyDatabase::open(folder.join(DATABASE_FILE)) {
                Ok(database) => database,
                Err(DatabaseError::RepairAborted) => return Ok(None),
                Err(error) => return Err(database_fault(error, folder).into()),
            };
            check_schema(&database)?;
            let cache = Arc::new(CodeCache::default());
            let view = StoreView::new(&database, Arc::clone(&cache))?;
            view.must_be_of(chain_id)?;
            Ok(Some(Self {
                view,
                database,
                folder: folder.to_owned(),
                cache,
            }))
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

    /// The state after an earlier block.
    ///
    /// # Errors
    /// [`StoreError::NotKept`], or when the store cannot be read.
    pub fn view_at(&self, number: u64) -> Result<StoreView> {
        caught(|| StoreView::new(&self.database, Arc::clone(&self.cache)))?.at(number)
    }

    /// As [`Store::check`].
    ///
    /// # Errors
    /// As [`Store::check`].
    pub fn check(&self) -> Result<Checked> {
        self.view.check()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn what_cannot_be_mended_for_want_of_rights_says_so() {
        let folder = Path::new("state");
        let fault = |kind| {
            let path = folder.join("lock");
            let message = String::new();
            Error::from(StoreError::File {
                path,
                kind,
                message,
            })
        };
        for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem] {
            let expected = Error::from(StoreError::NeedsRepair(folder.to_owned()));
            assert_eq!(unwritable(fault(kind), folder), expected);
        }
        let full = || fault(ErrorKind::StorageFull);
        assert_eq!(unwritable(full(), folder), full());
    }
}
