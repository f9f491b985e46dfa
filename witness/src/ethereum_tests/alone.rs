//! A state test as the only transaction of a block of the executor.

use super::{LONG, check_inclusion, logs_hash};
use crate::execution::machine::BlockContext;
use crate::execution::{
    BlockExecution, BlockHashes, Detail, Options, Status, Stop, TransactionOutcome, execute_block,
    reference,
};
use crate::import::StateTestCase;
use crate::state::State;
use crate::transaction::{Refusal, SignedTransaction};

/// A transaction that the executor executed as the only one of its block, and the state that follows.
pub(super) struct Executed {
    pub(super) outcome: TransactionOutcome,
    after: State,
}

/// What the executor says of a decoded transaction as the only one of its block. It must refuse by the first rule that is broken.
pub(super) fn execute_alone(
    context: BlockContext,
    transaction: &SignedTransaction,
    state: &State,
) -> core::result::Result<core::result::Result<Executed, Refusal>, String> {
    let refusal = check_inclusion(transaction, &context, state).err();
    if let Err(fault) = transaction.check_static(context.rules) {
        return Ok(Err(fault.into()));
    }
    let hashes = BlockHashes::of_state_tests();
    let transactions = core::slice::from_ref(transaction);
    let execute = |detail| {
        let options = Options {
            detail,
            ..Options::default()
        };
        execute_block(context, &hashes, transactions, state, options)
    };
    let executed = execute(Detail::Accesses);
    let gas_used = executed.as_ref().map_or(0, |executed| executed.gas_used);
    if gas_used < LONG {
        same_but_accesses(&executed, &execute(Detail::Receipts))?;
    }
    let mut executed = match executed {
        Ok(executed) => executed,
        Err(Stop::Refused {
            index: 0,
            refusal: found,
        }) if refusal.as_ref() == Some(&found)
            || matches!(found, Refusal::NotProvable(_)) && refusal.is_none() =>
        {
            return Ok(Err(found));
        }
        Err(stop) => return Err(format!("executor: {stop:?}, rules: {refusal:?}")),
    };
    let (Some(outcome), true) = (
        executed.transactions.pop(),
        executed.transactions.is_empty(),
    ) else {
        return Err("executor gives other than one outcome".to_owned());
    };
    if refusal.is_some() || executed.gas_used != outcome.receipt.gas_used {
        return Err(format!("executor: {outcome:?}, rules: {refusal:?}"));
    }
    let mut after = state.clone();
    let applied = after.apply(&executed.changes);
    applied.map_err(|error| error.to_string())?;
    Ok(Ok(Executed {
        outcome: *outcome,
        after,
    }))
}

/// Whether executing for receipts alone gives the same.
fn same_but_accesses(
    executed: &core::result::Result<BlockExecution, Stop>,
    brief: &core::result::Result<BlockExecution, Stop>,
) -> core::result::Result<(), String> {
    let is_same = match (executed, brief) {
        (Ok(executed), Ok(brief)) => {
            let receipt = |execution: &BlockExecution| {
                let mut outcomes = execution.transactions.iter();
                outcomes.next().map(|outcome| outcome.receipt.clone())
            };
            let changes = |execution: &BlockExecution| {
                let mut changes = execution.changes.clone();
                let accounts = &mut changes.accounts;
                accounts.sort_unstable_by_key(|change| change.address);
                let storage = &mut changes.storage;
                storage.sort_unstable_by_key(|change| (change.address, change.slot));
                changes
            };
            receipt(executed) == receipt(brief) && changes(executed) == changes(brief)
        }
        (Err(stop), Err(brief)) => stop == brief,
        _ => false,
    };
    match is_same {
        true => Ok(()),
        false => Err(format!(
            "for receipts alone: {brief:?}, with accesses: {executed:?}"
        )),
    }
}

impl Executed {
    /// Against what the test expects.
    pub(super) fn expected(&self, case: &StateTestCase) -> core::result::Result<(), String> {
        let logs = logs_hash(&self.outcome.receipt.logs);
        let root = self.after.ethereum_root();
        if (root, logs) != (case.root, case.logs) {
            return Err(format!("executor: state root {root}, logs hash {logs}"));
        }
        Ok(())
    }

    /// Against revm.
    pub(super) fn equals(
        &self,
        reference: &reference::Outcome,
        after: &State,
    ) -> core::result::Result<(), String> {
        let receipt = &self.outcome.receipt;
        let success = receipt.status == Status::Success;
        let (root, expected) = (self.after.ethereum_root(), after.ethereum_root());
        if (receipt.gas_used, success, &receipt.logs, root)
            != (
                reference.gas_used,
                reference.success,
                &reference.logs,
                expected,
            )
        {
            return Err(format!(
                "executor: {receipt:?}, state root {root}; revm: gas {}, success {}, state root {expected}",
                reference.gas_used, reference.success
            ));
        }
        Ok(())
    }
}
