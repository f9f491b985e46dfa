//! What is wrong with a transaction or a block.

use alloy_primitives::{Address, B256, U256, U512};
use braid_text::{Rules, counted};

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
    #[error("behind the last field the list has {}", counted(*.0, "more byte"))]
    ExtraFields(usize),
    /// Bytes follow the list.
    #[error("behind the transaction there is more: {}", counted(*.0, "byte"))]
    TrailingBytes(usize),
    /// `to` is neither empty nor 20 bytes.
    #[error("field `to`: {} instead of none or 20", counted(*.0, "byte"))]
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
    /// A hash is given of a block that is none of the 257 before it.
    #[error(
        "`blockHashes` gives the hash of block {number}, which is none of the 257 blocks before it"
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
    /// A hash is given of a block of this chain whose hash nobody knows: the state has it as zero, as the file says that the chain begins with.
    #[error(
        "`blockHashes` gives {given} as the hash of block {number}, which the chain does not know: the state has it as zero"
    )]
    OlderHashNameless {
        /// Of the other block.
        number: u64,
        /// In the block.
        given: B256,
    },
    /// A hash is given that the state does not have: only what a chain begins with can bring hashes of blocks before it.
    #[error(
        "`blockHashes` gives the hash of block {number}, which the state before the first block does not have"
    )]
    OlderHashUnknown {
        /// Of the other block.
        number: u64,
    },
    /// An open block shows by its non-zero gas limit.
    #[error("its gas limit is zero")]
    ZeroGasLimit,
    /// The price of blob gas must have 128 bits.
    #[error(
        "`excessBlobGas` is {given}; above {limit} the price of blob gas, which BLOBBASEFEE shows, exceeds 128 bits and cannot be executed"
    )]
    ExcessBlobGas {
        /// The block's.
        given: u64,
        /// The largest.
        limit: u64,
    },
}

/// Why Ethereum would not include a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionFault {
    /// EIP-2718 type that no rules know.
    #[error("there are no transactions of type {0}")]
    UnknownType(u8),
    /// EIP-2718 type of later rules.
    #[error("transactions of type {kind} are taken from the rules {since} on")]
    LaterType {
        /// The type.
        kind: u8,
        /// The first rules that know it.
        since: Rules,
    },
    /// EIP-7702.
    #[error("a transaction of type 4 has a recipient, and this one has none (EIP-7702)")]
    SetCodeCreates,
    /// EIP-7702.
    #[error("a transaction of type 4 has authorizations, and this one has none (EIP-7702)")]
    NoAuthorizations,
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
    /// The gas limit does not cover what is paid at least.
    #[error("gas limit {gas_limit} is below {floor}, which its data costs at least (EIP-7623)")]
    FloorGas {
        /// Of the transaction.
        gas_limit: u64,
        /// What is paid whatever it uses.
        floor: u128,
    },
    /// The gas limit is above that of any transaction.
    #[error(
        "gas limit {gas_limit} is above {cap}, the most that a transaction may have (EIP-7825)"
    )]
    GasCap {
        /// Of the transaction.
        gas_limit: u64,
        /// The most.
        cap: u64,
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
    /// The sender has code that is no delegation (EIP-3607, EIP-7702).
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
