//! What each worker did when, for people who want to see why a block did not run faster.

mod check;
pub mod page;

use serde::{Deserialize, Serialize};

/// What a worker did for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Executed a transaction, for the first time or again; its incarnation tells.
    Execute,
    /// Looked whether a transaction still reads what it read.
    Validate,
    /// Executed a transaction with everything before it final: one after the other, without speculation.
    Sequential,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// As hoped for.
    Done,
    /// An execution met a value that another transaction is about to write again.
    Blocked,
    /// A validation found that the transaction must run again.
    Conflict,
}

/// One bar of the picture. Times are nanoseconds since the start of the block's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// The worker, from 0.
    pub worker: u16,
    /// The transaction's index in its block; of transactions that are executed in batches, that of the first of the batch.
    pub transaction: u32,
    /// How often the transaction had been started before.
    pub incarnation: u32,
    /// What was done.
    pub activity: Activity,
    /// How it ended.
    pub ending: Ending,
    /// The start.
    pub start: u64,
    /// The end, not before the start.
    pub end: u64,
}

/// The whole picture of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// The block's number.
    pub block: u64,
    /// Transactions in the block. A batch of them has one set of spans, so that there may be fewer in the picture.
    pub transactions: u32,
    /// Workers that there were.
    pub workers: u16,
    /// The spans; those of one worker do not overlap and are in order.
    pub spans: Vec<Span>,
}
