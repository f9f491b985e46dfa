//! What of a block is refused, in one form for every command.

use core::fmt::Display;

use alloy_primitives::B256;
use braid_witness::error::{Place, Unprovable};
use serde::Serialize;

use super::{Error, Fault};

/// What to do about a transaction whose text is no bytes.
const TRANSACTION_TEXT: &str =
    "give the signed bytes in hex after one 0x, or leave the transaction out";

/// What to do about a transaction of `txs.json` that is none.
const TRANSACTION_FIELD: &str = "correct the field, or leave the transaction out";

/// A block or a transaction that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// What kind of refusal it is, as [`Fault::name`] has it: `malformed`, `invalid-block`, `would-not-fit` or `not-provable`.
    pub kind: &'static str,
    /// Number of the block.
    #[serde(serialize_with = "braid_text::quantity::serialize")]
    pub block: u64,
    /// Index of the transaction in it, from 0; `None` if it is the block itself.
    pub transaction: Option<usize>,
    /// Keccak-256 of the transaction's bytes.
    pub hash: Option<B256>,
    /// Why, in a sentence without a full stop.
    pub reason: String,
    /// What can be done about it, likewise.
    pub remedy: String,
}

impl Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "block {}", self.block)?;
        if let Some(index) = self.transaction {
            write!(f, ", transaction {index}")?;
        }
        if let Some(hash) = self.hash {
            write!(f, " ({hash})")?;
        }
        write!(f, ": {}: {}", self.kind, self.reason)
    }
}

impl From<&Unprovable> for Refused {
    fn from(refused: &Unprovable) -> Self {
        Self {
            kind: Fault::NotProvable.name(),
            block: refused.block,
            transaction: refused.transaction.map(|place| place.index),
            hash: refused.transaction.map(|place| place.hash),
            reason: refused.reason.to_string(),
            remedy: refused.reason.remedy(),
        }
    }
}

/// What of blocks an error refuses, in their order: nothing if it is about something else.
pub fn refused(error: &Error) -> Vec<Refused> {
    match error {
        Error::Block(error) => of_blocks(error),
        _ => Vec::new(),
    }
}

fn of_blocks(error: &braid_witness::Error) -> Vec<Refused> {
    use braid_witness::Error as Block;
    let of_transaction = |fault: Fault, place: &Place, reason: &dyn Display, remedy| {
        vec![Refused {
            kind: fault.name(),
            block: place.block,
            transaction: Some(place.index),
            hash: Some(place.hash),
            reason: reason.to_string(),
            remedy,
        }]
    };
    let at_field = |block: u64, index: usize, reason: String, remedy: &str| {
        vec![Refused {
            kind: Fault::Malformed.name(),
            block,
            transaction: Some(index),
            hash: None,
            reason,
            remedy: remedy.to_owned(),
        }]
    };
    match error {
        Block::Refused(all) => all.iter().flat_map(of_blocks).collect(),
        Block::NotProvable(all) => all.iter().map(Refused::from).collect(),
        Block::TransactionText {
            block,
            index,
            place,
            what,
        } => at_field(*block, *index, format!("{place}: {what}"), TRANSACTION_TEXT),
        Block::TransactionField {
            block,
            index,
            place,
            what,
        } => at_field(
            *block,
            *index,
            format!("{place}: {what}"),
            TRANSACTION_FIELD,
        ),
        Block::MalformedTransaction { place, what } => {
            of_transaction(Fault::Malformed, place, what, what.remedy())
        }
        Block::InvalidTransaction { place, reason } => {
            of_transaction(Fault::InvalidBlock, place, reason, reason.remedy())
        }
        Block::WouldNotFit { place, reason } => {
            of_transaction(Fault::WouldNotFit, place, reason, reason.remedy())
        }
        Block::InvalidBlock { block, reason } => vec![Refused {
            kind: Fault::InvalidBlock.name(),
            block: *block,
            transaction: None,
            hash: None,
            reason: reason.to_string(),
            remedy: reason.remedy(),
        }],
        _ => Vec::new(),
    }
}
