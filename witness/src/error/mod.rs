//! What can be wrong with a block file, a block or a transaction.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::Digest;

pub use faults::{BlockFault, Malformation, TransactionFault};
pub use not_provable::{NotProvable, Outside, Unprovable};

pub use crate::store::StoreError;

mod faults;
mod not_provable;
mod remedy;
mod several;

use not_provable::all_not_provable;
use several::several;

/// Result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// The ways in which input is refused, each with its own exit code in the command line (and a fault of our own).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input is not a block file, or its transactions are not transactions.
    Malformed,
    /// Ethereum would not include a transaction, or not accept the block.
    InvalidBlock,
    /// The block is valid but does something that cannot be proved.
    NotProvable,
    /// The block may be valid, and executing it would take more memory than this program gives.
    WouldNotFit,
    /// What was asked for does not go with what is there, such as a store of another chain.
    Usage,
    /// A fault of this program or of the machine, never of the input.
    Internal,
}

/// Whether a file or folder that the user names is at fault, or the machine, such as a full disk.
pub fn kind_of_file_fault(kind: std::io::ErrorKind) -> ErrorKind {
    use std::io::ErrorKind as Io;
    match kind {
        Io::NotFound
        | Io::PermissionDenied
        | Io::AlreadyExists
        | Io::NotADirectory
        | Io::IsADirectory
        | Io::ReadOnlyFilesystem
        | Io::InvalidFilename
        | Io::InvalidInput => ErrorKind::Usage,
        _ => ErrorKind::Internal,
    }
}

/// A transaction of a block file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of its block.
    pub block: u64,
    /// Its index in the block, from 0.
    pub index: usize,
    /// Keccak-256 of its bytes: Ethereum's transaction hash.
    pub hash: B256,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "block {}, transaction {} ({})",
            self.block, self.index, self.hash
        )
    }
}

/// Why a block file cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a block file.
    #[error("{place}: {what}")]
    Malformed {
        /// Where in the file, such as `blocks[0].gasLimit`.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// A file that must be there cannot be read.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What kind of failure.
        kind: std::io::ErrorKind,
        /// What the system says.
        reason: String,
    },
    /// A newer release wrote the file.
    #[error(
        "{what} of version {found}, which a newer Braid wrote; this one reads version {known}: use a newer release"
    )]
    NewerVersion {
        /// What was read.
        what: &'static str,
        /// The file's version.
        found: u64,
        /// The version that this release reads.
        known: u64,
    },
    /// The text that stands for a transaction in a block file is no bytes.
    #[error("{place}: {what}")]
    TransactionText {
        /// Number of the block.
        block: u64,
        /// The transaction's index in the block, from 0.
        index: usize,
        /// Where in the file, such as `blocks[0].transactions[2]`.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// A transaction of `txs.json` is not what its kind of transaction has: a field is wrong, missing or against another one.
    #[error("{place}: {what}")]
    TransactionField {
        /// Number of the block.
        block: u64,
        /// The transaction's index in the block, from 0.
        index: usize,
        /// The field, such as `txs[2].v`.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// The bytes of a transaction are not a transaction.
    #[error("{place}: malformed: {what}")]
    MalformedTransaction {
        /// Which one.
        place: Place,
        /// What is wrong.
        what: Malformation,
    },
    /// The block's environment does not follow its parent's.
    #[error("block {block}: invalid block: {reason}")]
    InvalidBlock {
        /// Its number.
        block: u64,
        /// Why.
        reason: BlockFault,
    },
    /// Ethereum would not include the transaction, so the block is invalid.
    #[error("{place}: invalid transaction: {reason}")]
    InvalidTransaction {
        /// Which one.
        place: Place,
        /// Why.
        reason: Box<TransactionFault>,
    },
    /// Transactions that are valid as far as is known but outside what can be proved; at least one, in their order.
    #[error("{}", all_not_provable(.0))]
    NotProvable(Vec<Unprovable>),
    /// Two refusals or more, not all of them [`Self::NotProvable`], in the order of blocks and transactions. Each is an error about one block or one transaction:
    /// [`Self::TransactionText`], [`Self::TransactionField`], [`Self::MalformedTransaction`], [`Self::InvalidBlock`], [`Self::InvalidTransaction`], [`Self::WouldNotFit`], or [`Self::NotProvable`] with one entry.
    #[error("{}", several(.0))]
    Refused(Vec<Self>),
    /// The transaction may be valid, and executing it would take more memory than this program gives.
    #[error("{place}: would not fit in memory: {reason}")]
    WouldNotFit {
        /// Which one.
        place: Place,
        /// Why.
        reason: MemoryFault,
    },
    /// A transaction cannot be traced: what it read is not all that it needs, or does not lead to what it did.
    #[error("internal fault: the execution trace of transaction {hash}: {fault}")]
    Replay {
        /// Keccak-256 of its bytes.
        hash: B256,
        /// What is wrong.
        fault: Box<ReplayFault>,
    },
    /// Execution traces cannot be written or read.
    #[error("cannot use {path} for execution traces: {reason}")]
    TraceFile {
        /// The file or folder; empty where only the writer at hand is known.
        path: String,
        /// What kind of failure.
        kind: std::io::ErrorKind,
        /// What the system says.
        reason: String,
    },
    /// A file of execution traces is not what this program writes.
    #[error("execution traces: {0}")]
    TraceFormat(String),
    /// A worker broke off.
    #[error("a worker broke off: {0}")]
    Panicked(String),
    /// The state store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A partial state tree was asked about a key whose path it does not have.
    #[error("internal fault: the state tree at hand does not have the path of key {0:x?}")]
    OutsidePartialTree(Digest),
    /// A contradiction in this program.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    /// The kind, which decides the exit code.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. }
            | Self::NewerVersion { .. }
            | Self::TransactionText { .. }
            | Self::TransactionField { .. }
            | Self::MalformedTransaction { .. }
            | Self::TraceFormat(_) => ErrorKind::Malformed,
            Self::InvalidBlock { .. } | Self::InvalidTransaction { .. } => ErrorKind::InvalidBlock,
            Self::NotProvable(_) => ErrorKind::NotProvable,
            Self::WouldNotFit { .. } => ErrorKind::WouldNotFit,
            Self::Refused(all) => several::kind(all),
            Self::Store(error) => error.kind(),
            // Whoever names a file is the one to see to it.
            Self::File { .. } => ErrorKind::Usage,
            Self::TraceFile { kind, .. } => kind_of_file_fault(*kind),
            Self::Replay { .. }
            | Self::OutsidePartialTree(_)
            | Self::Panicked(_)
            | Self::Internal(_) => ErrorKind::Internal,
        }
    }

    pub(crate) fn malformed(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Malformed {
            place: place.into(),
            what: what.into(),
        }
    }
}

/// Why executing a transaction would take too much memory. The limits are the same for any number of workers, and on every machine that has the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryFault {
    /// The transaction alone: see [`MEMORY_LIMIT`](crate::execution::MEMORY_LIMIT) and [`Options::memory`](crate::execution::Options::memory).
    #[error(
        "the EVM memory, returned data and logs of a transaction are limited to {limit} bytes, and it asks for more"
    )]
    Transaction {
        /// Most bytes that it may hold.
        limit: u64,
    },
    /// The receipts of the block up to this transaction: see [`RECEIPTS_LIMIT`](crate::execution::RECEIPTS_LIMIT).
    #[error(
        "the logs and output of a block's transactions are limited to {limit} bytes, and with this one they have more"
    )]
    Receipts {
        /// Most bytes.
        limit: u64,
    },
}

/// Why a transaction cannot be run again over what it read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayFault {
    /// An account is needed and not among the reads.
    #[error("account {0} was not read")]
    Account(Address),
    /// A slot is needed and not among the reads.
    #[error("slot {1} of {0} was not read")]
    Storage(Address, U256),
    /// The hash of a block is needed and not among the reads.
    #[error("the hash of block {0} was not read")]
    BlockHash(u64),
    /// A bytecode is not at hand.
    #[error("bytecode {hash}: {reason}")]
    Code {
        /// Its Keccak-256.
        hash: B256,
        /// What its source says.
        reason: String,
    },
    /// It is not what a plain transfer is, although only a code hash of its recipient was read.
    #[error("it is no plain transfer: {0}")]
    NoTransfer(&'static str),
    /// revm refuses it.
    #[error("it is refused: {0}")]
    Refused(String),
    /// It does something else than it did.
    #[error("its {0} is another one than before")]
    Differs(&'static str),
}
