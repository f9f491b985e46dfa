//! What the user can do about a refusal, reason by reason.

use braid_circuits::shapes;

use crate::execution::MEMORY_LIMIT;

use super::{BlockFault, Malformation, MemoryFault, NotProvable, TransactionFault};

/// What is true of a transaction that is neither a transfer nor a call.
const CALLS_ONLY: &str =
    "leave the transaction out: only transfers and calls of contracts can be proved so far";

impl NotProvable {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn remedy(&self) -> String {
        match self {
            Self::SetsCode => {
                "leave the transaction out: what it does to other accounts cannot be proved so far"
                    .to_owned()
            }
            Self::Delegation(_) => {
                "leave the transaction out: accounts with a delegation cannot be called or send so far"
                    .to_owned()
            }
            Self::CallsHistory => {
                "leave the history contract out of the state: what its call changes cannot be proved so far"
                    .to_owned()
            }
            Self::RunsCode(_) | Self::CreatesContract | Self::CallsPrecompile(_) => {
                CALLS_ONLY.to_owned()
            }
            Self::Outside { .. } | Self::TooMuchMemory => {
                "leave the transaction out: what its code does there cannot be proved so far".to_owned()
            }
            Self::GasLimit(_) => "sign it with a gas limit below 2^63".to_owned(),
            Self::FarMemory { .. } => "sign it with a gas limit below 2^44".to_owned(),
            Self::Blob => {
                "leave the transaction out: a rollup has no blobs of its own".to_owned()
            }
            Self::FeeTooLarge => {
                "sign it with a lower gas limit or fee cap: the product must be below 2^128 wei"
                    .to_owned()
            }
            Self::UnknownBlockHash { number, .. } => format!(
                "give the hash of block {number} in the file that the chain begins with: as `parent.blockHash` if it is the parent's, in `blockHashes` otherwise"
            ),
            Self::CallsBeaconRoots => {
                "leave `parentBeaconBlockRoot` out of the block, or the beacon roots contract out of the state: what its call changes cannot be proved so far"
                    .to_owned()
            }
            Self::DoesNotFit { shape, .. } => {
                let largest = shapes::largest();
                let last = [Some(largest.transfers), largest.calls.last()];
                let mut largest = last.into_iter().flatten();
                let is_largest = largest.any(|largest| largest.name == *shape);
                match is_largest {
                    true => "leave the transaction out: there is no larger shape",
                    false => "choose a larger --shape, or leave it to --shape auto",
                }
                .to_owned()
            }
        }
    }
}

impl BlockFault {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn remedy(&self) -> String {
        match self {
            Self::Number { expected } => {
                format!(
                    "give the block the number {expected}, or put in the blocks that are missing before it"
                )
            }
            Self::NumberOverflow => "no block can follow: correct the parent's number".to_owned(),
            Self::Timestamp { parent, .. } => {
                format!("give the block a timestamp of at least {parent}")
            }
            Self::ExcessBlobGas { limit, .. } => {
                format!("give the block an `excessBlobGas` of at most {limit}")
            }
            Self::ZeroGasLimit => "give the block a gas limit".to_owned(),
            Self::OlderHashNumber { .. } => {
                "leave the hash out of `blockHashes`: no code of this block can ask for it"
                    .to_owned()
            }
            Self::OlderHashNameless { .. } => {
                "give it as `parent.blockHash` in the file that the chain begins with, and leave it out of `blockHashes`"
                    .to_owned()
            }
            Self::OlderHashUnknown { .. } => {
                "leave the hash out of `blockHashes`, or begin the chain anew from a file that gives it"
                    .to_owned()
            }
            Self::OlderHash { .. } => {
                "correct the hash in `blockHashes`, or leave it out: it is known already".to_owned()
            }
        }
    }
}

impl TransactionFault {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn remedy(&self) -> String {
        match self {
            Self::UnknownType(_) => {
                "leave the transaction out: no chain of today takes it".to_owned()
            }
            Self::LaterType { since, .. } => {
                format!(
                    "leave the transaction out, unless the chain has the rules {since} or later ones"
                )
            }
            Self::SetCodeCreates | Self::NoAuthorizations => {
                "leave the transaction out: Ethereum would not include it".to_owned()
            }
            Self::FloorGas { floor, .. } => {
                format!("have it signed with a gas limit of at least {floor}")
            }
            Self::GasCap { cap, .. } => {
                format!(
                    "leave the transaction out, or have it signed with a gas limit of at most {cap}"
                )
            }
            Self::ChainId { expected, .. } => {
                format!("have it signed for chain {expected}, or correct the file's chainId")
            }
            Self::SignatureParity(_)
            | Self::SignatureR
            | Self::SignatureS
            | Self::HighS
            | Self::Unrecoverable => {
                "leave the transaction out, or have it signed again: nobody has signed these bytes"
                    .to_owned()
            }
            Self::NonceOverflow(_) | Self::GasLimitOverflow(_) | Self::FeeOverflow => {
                "leave the transaction out: no account can send it".to_owned()
            }
            Self::InitCodeSize(_) => {
                "leave the transaction out, or have shorter init code signed".to_owned()
            }
            Self::IntrinsicGas { intrinsic, .. } => {
                format!("have it signed with a gas limit of at least {intrinsic}")
            }
            Self::PriorityAboveCap { cap, .. } => {
                format!("have it signed with a priority fee of at most {cap}")
            }
            Self::BlockGas { .. } => {
                "move the transaction to a later block, or raise the block's gas limit".to_owned()
            }
            Self::FeeBelowBaseFee { base_fee, .. } => {
                format!(
                    "leave the transaction out until the base fee falls, or have it signed with a fee cap of at least {base_fee}"
                )
            }
            Self::SenderHasCode(_) => "leave the transaction out: contracts send none".to_owned(),
            Self::NonceTooLow { .. } => {
                "leave the transaction out: one with its nonce was executed before".to_owned()
            }
            Self::NonceTooHigh { expected, .. } => {
                format!(
                    "put the sender's transactions with the nonces from {expected} on before it"
                )
            }
            Self::Balance { needed, .. } => {
                format!(
                    "leave the transaction out, or see to it that the sender has {needed} wei before it"
                )
            }
            Self::Reference(_) => {
                "leave the transaction out: Ethereum would not include it".to_owned()
            }
        }
    }
}

impl Malformation {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn remedy(&self) -> String {
        match self {
            Self::TooLong(_) => "leave the transaction out: no node passes it on",
            Self::Empty
            | Self::Rlp { .. }
            | Self::ExtraFields(_)
            | Self::TrailingBytes(_)
            | Self::RecipientLength(_) => {
                "give the signed bytes as Ethereum's nodes take them (EIP-2718), or leave the transaction out"
            }
        }
        .to_owned()
    }
}

impl MemoryFault {
    /// What the user can do about it, in a sentence without a full stop.
    pub fn remedy(&self) -> String {
        match self {
            Self::Transaction { limit } if *limit < MEMORY_LIMIT => {
                "leave the transaction out, or execute the block where more memory is free: one transaction may hold half of it, or of `--max-memory`"
            }
            Self::Transaction { .. } => {
                "leave the transaction out: it is not executed, however much memory there is"
            }
            Self::Receipts { .. } => "move the transaction and what follows it to another block",
        }
        .to_owned()
    }
}
