//! revm as it comes, but for the rule that it lacks ([`StorageOwners`](super::machine::StorageOwners)), one transaction after the other, each committed before the next: what execution must equal.

use alloy_primitives::{Log, U256};
use revm::context::TxEnv;
use revm::context::result::{EVMError, ExecutionResult};
use revm::state::EvmState;

use super::machine::{BlockContext, Evm, context};
use crate::error::{Error, TransactionFault};
use crate::state::{State, View};

/// Why revm does not execute a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It may not be included.
    Refused(TransactionFault),
    /// revm, or this program.
    Internal(Error),
}

/// What revm says about one transaction in a state.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Gas that it used, after refunds.
    pub gas_used: u64,
    /// Whether it succeeded.
    pub success: bool,
    /// Logs that survive.
    pub logs: Vec<Log>,
    /// Accounts that it loaded, as it leaves them.
    pub changes: EvmState,
}

/// Executes one transaction of any kind, without changing `state`. Block hashes are those of state tests.
///
/// # Errors
/// [`Fault`].
pub fn run(block: BlockContext, transaction: TxEnv, state: &State) -> Result<Outcome, Fault> {
    if block.environment.base_fee > U256::from(u64::MAX) {
        let what = "base fee of 2^64 or above".to_owned();
        return Err(Fault::Internal(Error::Internal(what)));
    }
    let mut evm = Evm::new(context(block, View(state)));
    let result = evm.transact_one(transaction).map_err(|error| match error {
        EVMError::Transaction(reason) => {
            Fault::Refused(TransactionFault::Reference(reason.to_string()))
        }
        other => Fault::Internal(Error::Internal(format!("revm: {other}"))),
    })?;
    let success = result.is_success();
    let gas_used = result.tx_gas_used();
    let logs = match result {
        ExecutionResult::Success { logs, .. } => logs,
        // Logs of what is rolled back do not survive.
        _ => Vec::new(),
    };
    Ok(Outcome {
        gas_used,
        success,
        logs,
        changes: evm.finalize(),
    })
}
