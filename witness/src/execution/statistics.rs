//! How the execution of a block went.

use alloy_primitives::{Address, U256};
use serde::Serialize;

/// A place in the state that transactions can disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// An account's nonce, balance and code hash.
    Account(Address),
    /// A storage slot.
    Storage(Address, U256),
}

/// Counts over a block, or summed over several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Workers that executed.
    pub workers: usize,
    /// Executions of transactions, first ones and repeated ones, finished or blocked.
    pub executions: u64,
    /// Executions beyond the first of each transaction.
    pub reexecutions: u64,
    /// Validations.
    pub validations: u64,
    /// Executions that were given up because a value that they needed was about to be written again.
    pub blocked: u64,
    /// Transactions that were executed one after the other, without speculation.
    pub sequential: u64,
    /// Transactions that were plain transfers and needed no EVM.
    pub transfers: u64,
    /// How often each location was the reason of a re-execution or a wait, most frequent first.
    pub conflicts: Vec<(Location, u64)>,
}
