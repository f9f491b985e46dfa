//! What can be wrong with a block file, a block or a transaction.

use alloy_primitives::{Address, B256, U256, U512};
use braid_circuits::state_hash::Digest;

pub use not_provable::{NotProvable, Unprovable};

pub use crate::store::StoreError;

mod not_provable;
mod remedy;

use not_provable::all_not_provable;

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
            Self::Malformed { .. } | Self::MalformedTransaction { .. } | Self::TraceFormat(_) => {
                ErrorKind::Malformed
            }
            Self::InvalidBlock { .. } | Self::InvalidTransaction { .. } => ErrorKind::InvalidBlock,
            Self::NotProvable(_) => ErrorKind::NotProvable,
            Self::WouldNotFit { .. } => ErrorKind::WouldNotFit,
            Self::Store(error) => error.kind(),
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

/// Why executing a transaction would take too much memory. The limits are the same on every machine and for any number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryFault {
    /// The transaction alone: see [`MEMORY_LIMIT`](crate::execution::MEMORY_LIMIT).
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

/// Why bytes are not a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformation {
    /// No bytes at all.
    #[error("it has no bytes")]
    Empty,
    /// Longer than [`crate::block_file::MAX_TRANSACTION_BYTES`].
    #[error("it has {0} bytes, more than the limit of {limit}", limit = crate::block_file::MAX_TRANSACTION_BYTES)]
    TooLong(usize),
    /// An RLP item is wrong.
    #[error("field `{field}`: {error}")]
    Rlp {
        /// The field.
        field: &'static str,
        /// What the RLP reader says.
        error: alloy_rlp::Error,
    },
    /// Bytes follow the last field inside the list.
    #[error("{0} bytes follow the last field inside the list")]
    ExtraFields(usize),
    /// Bytes follow the list.
    #[error("{0} bytes follow the transaction")]
    TrailingBytes(usize),
    /// `to` is neither empty nor 20 bytes.
    #[error("field `to`: {0} bytes instead of none or 20")]
    RecipientLength(usize),
}

/// Why a block's environment is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockFault {
    /// The number must be the parent's plus one.
    #[error("its number must be {expected}, one more than its parent's")]
    Number {
        /// The only valid number.
        expected: u64,
    },
    /// The parent's number is the last one.
    #[error("its parent has the last possible number")]
    NumberOverflow,
    /// The timestamp must not be below the parent's.
    #[error("its timestamp {timestamp} is below its parent's, {parent}")]
    Timestamp {
        /// The block's.
        timestamp: u64,
        /// The parent's.
        parent: u64,
    },
    /// A hash is given of a block that is none of the 256 before it.
    #[error(
        "`blockHashes` gives the hash of block {number}, which is none of the 256 blocks before it"
    )]
    OlderHashNumber {
        /// Of the other block.
        number: u64,
    },
    /// A hash is given of a block whose hash is known to be another.
    #[error("`blockHashes` gives {given} as the hash of block {number}, which is {known}")]
    OlderHash {
        /// Of the other block.
        number: u64,
        /// In the block.
        given: B256,
        /// As the chain has it.
        known: B256,
    },
    /// An open block shows by its non-zero gas limit.
    #[error("its gas limit is zero")]
    ZeroGasLimit,
}

/// Why Ethereum would not include a transaction (Cancun).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionFault {
    /// EIP-2718 type that Cancun does not know.
    #[error("transaction type {0} does not exist in Cancun")]
    UnknownType(u8),
    /// The transaction is for another chain.
    #[error("chain id {found} instead of {expected}")]
    ChainId {
        /// In the transaction.
        found: U256,
        /// Of the block file.
        expected: u64,
    },
    /// A legacy `v` that is neither 27, 28 nor at least 35, or a y parity other than 0 and 1.
    #[error("bad signature: v or y parity is {0}")]
    SignatureParity(U256),
    /// `r` is zero or not below the order of secp256k1.
    #[error("bad signature: r is out of range")]
    SignatureR,
    /// `s` is zero or not below the order of secp256k1.
    #[error("bad signature: s is out of range")]
    SignatureS,
    /// `s` is above half the order (EIP-2).
    #[error("bad signature: s is in the upper half (EIP-2)")]
    HighS,
    /// No public key has this signature.
    #[error("bad signature: it recovers to no public key")]
    Unrecoverable,
    /// The nonce is 2^64 - 1 or above (EIP-2681).
    #[error("nonce {0} is 2^64 - 1 or above (EIP-2681)")]
    NonceOverflow(U256),
    /// The gas limit does not fit in 64 bits.
    #[error("gas limit {0} is 2^64 or above")]
    GasLimitOverflow(U256),
    /// The init code is above the limit of EIP-3860.
    #[error("init code of {0} bytes is above the limit of 49152 (EIP-3860)")]
    InitCodeSize(usize),
    /// The gas limit does not cover the intrinsic gas.
    #[error("gas limit {gas_limit} is below the intrinsic gas {intrinsic}")]
    IntrinsicGas {
        /// Of the transaction.
        gas_limit: u64,
        /// What it costs before anything runs.
        intrinsic: u128,
    },
    /// EIP-1559.
    #[error("priority fee {priority} is above the fee cap {cap}")]
    PriorityAboveCap {
        /// Priority fee cap.
        priority: U256,
        /// Fee cap.
        cap: U256,
    },
    /// Gas limit times fee cap is 2^256 or above. Together with the value it may be: that is want of money.
    #[error("gas limit times fee is 2^256 or above")]
    FeeOverflow,
    /// The block has less gas left than the transaction's limit.
    #[error("gas limit {gas_limit} is above the {available} that the block has left")]
    BlockGas {
        /// Of the transaction.
        gas_limit: u64,
        /// Left in the block.
        available: u64,
    },
    /// The fee cap is below the base fee.
    #[error("fee cap {cap} is below the base fee {base_fee}")]
    FeeBelowBaseFee {
        /// Gas price or fee cap.
        cap: U256,
        /// Of the block.
        base_fee: U256,
    },
    /// The sender has code (EIP-3607).
    #[error("sender {0} has code (EIP-3607)")]
    SenderHasCode(Address),
    /// The nonce was used before.
    #[error("nonce {found} is too low, the sender is at {expected}")]
    NonceTooLow {
        /// Of the transaction.
        found: u64,
        /// Of the account.
        expected: u64,
    },
    /// The nonce leaves a gap.
    #[error("nonce {found} is too high, the sender is at {expected}")]
    NonceTooHigh {
        /// Of the transaction.
        found: u64,
        /// Of the account.
        expected: u64,
    },
    /// The balance does not cover gas limit times fee cap plus value.
    #[error("sender {sender} has {balance} wei and needs {needed}")]
    Balance {
        /// The sender.
        sender: Address,
        /// What it has.
        balance: U256,
        /// What it must have, which may be more than there is: 2^256 and above.
        needed: Box<U512>,
    },
    /// The reference refuses it for a reason that is none of the above.
    #[error("{0}")]
    Reference(String),
}
