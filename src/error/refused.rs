//! What of a block is refused, in one form for every command.

use alloy_primitives::B256;
use braid_witness::error::{Place, Unprovable};
use serde::Serialize;

use super::Error;

/// A block or a transaction that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
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

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "block {}", self.block)?;
        if let Some(index) = self.transaction {
            write!(f, ", transaction {index}")?;
        }
        if let Some(hash) = self.hash {
            write!(f, " ({hash})")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl Refused {
    fn transaction(place: Place, reason: &impl ToString, remedy: String) -> Self {
        Self {
            block: place.block,
            transaction: Some(place.index),
            hash: Some(place.hash),
            reason: reason.to_string(),
            remedy,
        }
    }
}

impl From<&Unprovable> for Refused {
    fn from(refused: &Unprovable) -> Self {
        Self {
            block: refused.block,
            transaction: refused.transaction.map(|place| place.index),
            hash: refused.transaction.map(|place| place.hash),
            reason: refused.reason.to_string(),
            remedy: refused.reason.remedy(),
        }
    }
}

/// What of a block an error refuses: nothing if it is about something else.
pub fn refused(error: &Error) -> Vec<Refused> {
    use braid_witness::Error as Block;
    let Error::Block(error) = error else {
        return Vec::new();
    };
    match error {
        Block::NotProvable(all) => all.iter().map(Refused::from).collect(),
        Block::MalformedTransaction { place, what } => {
            vec![Refused::transaction(*place, what, what.remedy())]
        }
        Block::InvalidTransaction { place, reason } => {
            vec![Refused::transaction(*place, reason, reason.remedy())]
        }
        Block::WouldNotFit { place, reason } => {
            vec![Refused::transaction(*place, reason, reason.remedy())]
        }
        Block::InvalidBlock { block, reason } => vec![Refused {
            block: *block,
            transaction: None,
            hash: None,
            reason: reason.to_string(),
            remedy: reason.remedy(),
        }],
        _ => Vec::new(),
    }
}
