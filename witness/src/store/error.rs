//! What can be wrong with a state store.

use std::path::PathBuf;

use alloy_primitives::{Address, B256, U256};
use braid_text::Rules;

use crate::error::{ErrorKind, kind_of_file_fault};
use crate::execution::AccountState;

/// Two values that should be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement<T> {
    /// In the store.
    pub found: T,
    /// Before the changes that were to be made.
    pub given: T,
}

/// Why a state store cannot be used, or does not do what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store in the folder.
    #[error("there is no state store in {folder}", folder = .0.display())]
    Missing(PathBuf),
    /// The folder holds what a broken off initialisation left, and no store.
    #[error("the state store in {folder} is half made: its initialisation did not end", folder = .0.display())]
    HalfMade(PathBuf),
    /// There is a store in the folder already.
    #[error("there is a state store in {folder} already", folder = .0.display())]
    AlreadyInitialised(PathBuf),
    /// Another process, or this one, has the store open.
    #[error("the state store in {folder} is in use by another process", folder = .0.display())]
    Locked(PathBuf),
    /// The store's last writer was killed, and whoever reads may not write, which takes one writing command before.
    #[error("the last writer of the state store in {folder} was killed, so that its database has to be mended before it is read, and it cannot be written to", folder = .0.display())]
    NeedsRepair(PathBuf),
    /// The store is of another chain.
    #[error("the state store is of chain {found}, not of chain {expected}")]
    WrongChain {
        /// Of the store.
        found: u64,
        /// Asked for.
        expected: u64,
    },
    /// The store is of a chain with other rules.
    #[error("the state store is of a chain with the rules {found}, not {expected}")]
    OtherRules {
        /// Of the store.
        found: Rules,
        /// Asked for.
        expected: Rules,
    },
    /// The store was written by a newer release.
    #[error("the state store has schema {found}; this release knows schemas up to {known}")]
    NewerSchema {
        /// Of the store.
        found: u64,
        /// The newest that this release knows.
        known: u64,
    },
    /// The store was written by an older release, whose states have other roots.
    #[error("the state store has schema {found}; this release reads schema {known} only")]
    OlderSchema {
        /// Of the store.
        found: u64,
        /// The only one that this release knows.
        known: u64,
    },
    /// The content is not what this program writes.
    #[error("the state store is damaged: {0}")]
    Damaged(String),
    /// A file cannot be read or written.
    #[error("cannot use {path} of the state store: {message}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What kind of failure.
        kind: std::io::ErrorKind,
        /// What the system says.
        message: String,
    },
    /// The database under the store refuses, such as on a full disk.
    #[error("the state store's database fails: {0}")]
    Database(String),
    /// A block does not follow the store's last one.
    #[error("block {number} does not follow the state store's last block, {head}")]
    NotNext {
        /// The block's number.
        number: u64,
        /// The last block's number.
        head: u64,
    },
    /// The state of a block is not kept: pruned, or not there yet.
    #[error("the state store has blocks {oldest} to {head}, not block {number}")]
    NotKept {
        /// The block asked for.
        number: u64,
        /// The oldest block with a state.
        oldest: u64,
        /// The last block.
        head: u64,
    },
    /// Changes start from another account than the store has.
    #[error("account {address} is {found:?} in the state store and {given:?} before the changes", found = values.found, given = values.given)]
    AccountDisagrees {
        /// Which.
        address: Address,
        /// The two.
        values: Box<Disagreement<Option<AccountState>>>,
    },
    /// Changes start from another slot than the store has.
    #[error("slot {slot} of {address} is {found} in the state store and {given} before the changes", found = values.found, given = values.given)]
    SlotDisagrees {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// The two.
        values: Box<Disagreement<U256>>,
    },
    /// Changes leave storage without an account.
    #[error("after the changes slot {slot} of {address} would be there and the account not")]
    OrphanSlot {
        /// Whose.
        address: Address,
        /// A slot that is not zero.
        slot: U256,
    },
    /// An account has code that is neither in the store nor among the changes.
    #[error("the state store has no bytecode with hash {0}")]
    MissingCode(B256),
}

impl StoreError {
    /// The kind, which decides the exit code.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing(_)
            | Self::HalfMade(_)
            | Self::AlreadyInitialised(_)
            | Self::Locked(_)
            | Self::NeedsRepair(_)
            | Self::WrongChain { .. }
            | Self::OtherRules { .. }
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. }
            | Self::NotNext { .. }
            | Self::NotKept { .. } => ErrorKind::Usage,
            Self::File { kind, .. } => kind_of_file_fault(*kind),
            Self::Damaged(_)
            | Self::Database(_)
            | Self::AccountDisagrees { .. }
            | Self::SlotDisagrees { .. }
            | Self::OrphanSlot { .. }
            | Self::MissingCode(_) => ErrorKind::Internal,
        }
    }

    /// What the user can do about it; `None` if nothing but to report it.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing(_) => "make one with state init, or give another folder with --state-dir",
            Self::HalfMade(_) => "run state init again: it starts afresh",
            Self::AlreadyInitialised(_) => {
                "use the store that is there, or give another folder with --state-dir"
            }
            Self::Locked(_) => {
                "wait until the other process ends, or give another folder with --state-dir"
            }
            Self::NeedsRepair(_) => {
                "run state check on it once as somebody who may write to the folder; nothing is lost"
            }
            Self::WrongChain { .. } => "give the state store of this chain with --state-dir",
            Self::OtherRules { .. } => {
                "give the state store of a chain with these rules with --state-dir, or the block file the rules of the store"
            }
            Self::NewerSchema { .. } => {
                "use the release of Braid that wrote the store, or a newer one"
            }
            Self::OlderSchema { .. } => {
                "remove its files, make the store anew with state init and execute the blocks again: their state roots are others now"
            }
            Self::NotNext { .. } => {
                "give the block that follows the store's last one: see state root"
            }
            Self::NotKept { .. } => "ask for a block in this range",
            Self::Damaged(_) => {
                "remove its files, make the store anew with state init and execute the blocks again"
            }
            Self::File { .. } | Self::Database(_) => {
                "check the folder, its permissions and the room on the disk; the last whole block is kept"
            }
            Self::AccountDisagrees { .. }
            | Self::SlotDisagrees { .. }
            | Self::OrphanSlot { .. }
            | Self::MissingCode(_) => return None,
        })
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        match error {
            redb::StorageError::Corrupted(what) => Self::Damaged(what),
            redb::StorageError::Io(error)
                if matches!(error.kind(), InvalidData | UnexpectedEof) =>
            {
                Self::Damaged(error.to_string())
            }
            other => Self::Database(other.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            other => Self::Database(other.to_string()),
        }
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> Self {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            other => Self::Database(other.to_string()),
        }
    }
}
