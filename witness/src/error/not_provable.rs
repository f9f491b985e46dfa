//! What is valid and outside what can be proved.

use alloy_primitives::Address;
use braid_circuits::chunk::Misfit;

use super::Place;
use crate::provable::{opcode_name, precompile_address};

/// What contract code may do and no table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outside {
    /// It has a step of this opcode.
    Opcode(u8),
    /// It calls the precompiled contract with this number.
    Precompile(u64),
    /// It calls this account, which has a delegation (EIP-7702), or does so with too little gas.
    Delegation(Address),
    /// It runs code that begins with 0xef (EIP-3541), of this account.
    ReservedCode(Address),
}

impl core::fmt::Display for Outside {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Opcode(opcode) => write!(f, "has a step of {}", opcode_name(*opcode)),
            Self::Precompile(number) => {
                write!(f, "is the precompile {}", precompile_address(*number))
            }
            Self::Delegation(address) => {
                write!(f, "calls {address}, which has a delegation (EIP-7702)")
            }
            Self::ReservedCode(address) => {
                write!(f, "runs the code of {address}, which begins with 0xef")
            }
        }
    }
}

/// Why a valid transaction is outside what can be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotProvable {
    /// The recipient has code, and no shape has tables for that.
    #[error("it would run the code of {0}")]
    RunsCode(Address),
    /// The code that it runs does what no table shows.
    #[error("its frame {frame} {what}")]
    Outside {
        /// Which of its frames, in the order in which they are opened, from 0.
        frame: u32,
        /// What it does.
        what: Outside,
    },
    /// Tables count gas in 63 bits.
    #[error("it has a gas limit of {0}, which is 2^63 or above")]
    GasLimit(u64),
    /// Tables show that such a step lacks gas where it has less than 2^44, or names memory at 2^64 or beyond.
    #[error(
        "its frame {frame} has {gas} gas, 2^44 or more, and a step of {} that lacks the gas for memory from 2^32 bytes on, below 2^64",
        opcode_name(*opcode)
    )]
    FarMemory {
        /// Which of its frames, in the order in which they are opened, from 0.
        frame: u64,
        /// The step.
        opcode: u8,
        /// The gas that the frame has left.
        gas: u64,
    },
    /// More memory than traces are decoded with.
    #[error("its code has more memory in all open frames together than is traced")]
    TooMuchMemory,
    /// There is no recipient.
    #[error("it creates a contract")]
    CreatesContract,
    /// Its authorizations change accounts beside those that tables show (EIP-7702).
    #[error("transactions of type 4, which set code (EIP-7702), cannot be proved yet")]
    SetsCode,
    /// Its sender or recipient has a delegation.
    #[error("account {0}, its sender or recipient, has a delegation (EIP-7702)")]
    Delegation(Address),
    /// The recipient is one of the precompiled contracts of the chain's rules.
    #[error("it calls the precompile {0}")]
    CallsPrecompile(Address),
    /// EIP-4844: never part of the rollup.
    #[error("blob transactions (EIP-4844) are not part of the rollup")]
    Blob,
    /// The reference counts fees in 128 bits.
    #[error("its gas limit times its fee cap is 2^128 wei or above")]
    FeeTooLarge,
    /// BLOCKHASH of a block that the input does not tell.
    #[error("it asks for the hash of block {number}, which nobody gave")]
    UnknownBlockHash {
        /// The block that is asked about.
        number: u64,
        /// The block that the transaction is in.
        block: u64,
    },
    /// Before its first transaction the block changes the beacon roots contract's storage, which no table shows.
    #[error(
        "the beacon roots contract is called before the first transaction (EIP-4788), since the block has a `parentBeaconBlockRoot` and the state the contract"
    )]
    CallsBeaconRoots,
    /// Before its first transaction the block changes the history contract's storage, which no table shows.
    #[error(
        "the history contract is called before the first transaction (EIP-2935), since the state has it and the rules ask for it"
    )]
    CallsHistory,
    /// A chunk of this shape with the transaction alone is too large.
    #[error("alone it does not fit into a chunk of shape {shape}: {misfit}")]
    DoesNotFit {
        /// The name of the shape.
        shape: String,
        /// What is too small.
        misfit: Misfit,
    },
}

impl NotProvable {
    /// Whether such a transaction is not even executed.
    pub fn stops_execution(&self) -> bool {
        matches!(
            self,
            Self::Blob | Self::FeeTooLarge | Self::UnknownBlockHash { .. }
        )
    }
}

/// A transaction that cannot be proved, or a block whatever its transactions are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprovable {
    /// The number of the block.
    pub block: u64,
    /// Which transaction of it, unless it is the block itself.
    pub transaction: Option<Place>,
    /// Why.
    pub reason: NotProvable,
}

impl Unprovable {
    /// A transaction.
    pub fn transaction(place: Place, reason: NotProvable) -> Self {
        Self {
            block: place.block,
            transaction: Some(place),
            reason,
        }
    }

    /// A block.
    pub fn block(block: u64, reason: NotProvable) -> Self {
        Self {
            block,
            transaction: None,
            reason,
        }
    }
}

impl core::fmt::Display for Unprovable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.transaction {
            Some(place) => write!(f, "{place}: not provable: {}", self.reason),
            None => write!(f, "block {}: not provable: {}", self.block, self.reason),
        }
    }
}

/// The message about all of them: how many there are if there are several, and the first.
pub(super) fn all_not_provable(refused: &[Unprovable]) -> String {
    match refused {
        [] => "nothing is refused".to_owned(),
        [one] => one.to_string(),
        [first, ..] => format!("{} refusals, first {first}", refused.len()),
    }
}
