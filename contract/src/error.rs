//! What can go wrong between blocks and the chain.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolInterface;

use crate::abi;

/// Errors of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The verifier contract is not written for circuits like this key's.
    #[error("the verifier contract cannot verify proofs of this key: {0}")]
    UnsupportedKey(String),
    /// A batch must have a block.
    #[error("a batch must have at least one block")]
    EmptyBatch,
    /// A base fee is larger than the batch's layout can say.
    #[error("block {number} has a base fee of {base_fee} wei, 2^64 or above")]
    BaseFeeTooLarge {
        /// The block's number.
        number: u64,
        /// Its base fee.
        base_fee: U256,
    },
    /// More transactions than the batch's layout can count.
    #[error("block {block} of the batch has {count} transactions, more than can be counted")]
    TooManyTransactions {
        /// Which block of the batch, from 0.
        block: usize,
        /// How many.
        count: usize,
    },
    /// A transaction is longer than the batch's layout can say.
    #[error(
        "transaction {index} of block {block} of the batch has {bytes} bytes, more than {limit}"
    )]
    TransactionTooLong {
        /// Which block of the batch, from 0.
        block: usize,
        /// Which of its transactions, from 0.
        index: usize,
        /// Its length.
        bytes: usize,
        /// The most that there may be.
        limit: usize,
    },
    /// Bytes that should be a batch end within a field.
    #[error(
        "the batch ends within a field: it needs {} from byte {offset} on, and the batch has {length}", braid_text::counted(*needed, "byte")
    )]
    Truncated {
        /// Where the field begins.
        offset: usize,
        /// The field's length.
        needed: usize,
        /// The batch's length.
        length: usize,
    },
    /// A blob base fee of a batch begins with a zero byte, or has more than 32 bytes.
    #[error(
        "the blob base fee of {} at byte {offset} of the batch is not in its shortest form", braid_text::counted(*length, "byte")
    )]
    NonCanonicalBlobBaseFee {
        /// Where it begins.
        offset: usize,
        /// Its length.
        length: usize,
    },
    /// A batch for another version of the statement.
    #[error("the batch is for version {found} of the statement, this program knows {expected}")]
    Version {
        /// The batch's.
        found: u32,
        /// This program's.
        expected: u32,
    },
    /// Calldata that the rollup contract would not take for a call of `settle`.
    #[error("the calldata is no canonical call of settle")]
    NotSettle,
    /// A contract reverted.
    #[error("reverted: {}", abi::describe_revert(.0))]
    Reverted(Bytes),
    /// Execution ended by an exceptional halt, such as lack of gas.
    #[error("halted: {0}")]
    Halted(String),
    /// The chain would not include the transaction.
    #[error("the transaction is not valid: {0}")]
    NotIncluded(String),
    /// A contract answered what its interface does not allow.
    #[error("the contract's answer to {0} cannot be read")]
    Answer(&'static str),
}

impl Error {
    /// The input is not what it should be; no contract was called.
    pub fn is_malformed(&self) -> bool {
        !matches!(
            self,
            Self::Reverted(_) | Self::Halted(_) | Self::NotIncluded(_) | Self::Answer(_)
        )
    }

    /// The rollup contract's error, if that is why it reverted.
    pub fn rollup_error(&self) -> Option<abi::RollupError> {
        match self {
            Self::Reverted(data) => abi::RollupError::abi_decode(data).ok(),
            _ => None,
        }
    }

    /// The verifier contract's error, if that is why it reverted, be it through the rollup contract.
    pub fn verifier_error(&self) -> Option<abi::VerifierError> {
        match self {
            Self::Reverted(data) => abi::VerifierError::abi_decode(data).ok(),
            _ => None,
        }
    }
}
