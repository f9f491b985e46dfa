//! What executions have in common, with and without versions: the rules of inclusion, plain transfers, receipts.

use alloy_primitives::U256;
use braid_circuits::event::BlockEnvironment;
use revm::context::result::{ExecutionResult, Output};

use crate::error::NotProvable;
use crate::execution::inclusion::{check_fee, check_sender};
use crate::execution::machine::{effective_gas_price, fee_fits, tip};
use crate::execution::outcome::{
    AccountState, AccountStateChange, Read, Receipt, Status, TransactionOutcome,
};
use crate::transaction::{Refusal, SignedTransaction};

/// The rules of inclusion that depend on the state before the transaction.
pub(super) fn check(
    transaction: &SignedTransaction,
    sender: Option<AccountState>,
    environment: &BlockEnvironment,
) -> Result<(), Refusal> {
    check_fee(transaction, environment)?;
    check_sender(transaction, &sender.unwrap_or(AccountState::EMPTY))?;
    if !fee_fits(transaction) {
        return Err(Refusal::NotProvable(NotProvable::FeeTooLarge));
    }
    Ok(())
}

/// What the sender of a plain transfer pays.
pub(super) struct Payment {
    pub(super) paid: AccountStateChange,
    gas_used: u64,
    tip: U256,
}

/// What the sender pays for a transaction that runs no code. The rules that revm applies to it: it uses its intrinsic gas, the sender pays for it and for the
/// value, its nonce grows by one. `None` if some number does not fit, which revm then says in its own way.
pub(super) fn pay(
    transaction: &SignedTransaction,
    before: Option<AccountState>,
    base_fee: U256,
) -> Option<Payment> {
    let sender = before.unwrap_or(AccountState::EMPTY);
    let gas_used = u64::try_from(transaction.intrinsic_gas()).ok()?;
    let price = effective_gas_price(transaction, base_fee);
    let fee = price.checked_mul(U256::from(gas_used))?;
    let cost = match transaction.to == Some(transaction.sender) {
        true => fee,
        false => fee.checked_add(transaction.value)?,
    };
    let paid = AccountStateChange {
        address: transaction.sender,
        before,
        after: Some(AccountState {
            nonce: sender.nonce.checked_add(1)?,
            balance: sender.balance.checked_sub(cost)?,
            ..sender
        }),
    };
    Some(Payment {
        paid,
        gas_used,
        tip: tip(transaction, base_fee, gas_used),
    })
}

/// What a plain transfer did; `recipient` is `None` if it is the sender.
pub(super) fn transferred(
    payment: Payment,
    recipient: Option<AccountStateChange>,
    reads: Vec<Read>,
) -> Box<TransactionOutcome> {
    let Payment {
        paid,
        gas_used,
        tip,
    } = payment;
    let accounts = match recipient {
        None => vec![paid],
        Some(recipient) if recipient.address < paid.address => vec![recipient, paid],
        Some(recipient) => vec![paid, recipient],
    };
    Box::new(TransactionOutcome {
        receipt: Receipt {
            status: Status::Success,
            gas_used,
            logs: Vec::new(),
            output: Default::default(),
            created: None,
        },
        reads,
        accounts,
        storage: Vec::new(),
        tip,
    })
}

/// What revm says of a transaction.
pub(super) fn receipt(result: ExecutionResult, gas_used: u64) -> Receipt {
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => (Status::Success, logs, Some(output)),
        // Logs of what is rolled back do not survive.
        ExecutionResult::Revert { output, .. } => {
            (Status::Revert, Vec::new(), Some(Output::Call(output)))
        }
        ExecutionResult::Halt { reason, .. } => (Status::Halt(reason), Vec::new(), None),
    };
    Receipt {
        created: output.as_ref().and_then(|output| output.address().copied()),
        output: output.map(Output::into_data).unwrap_or_default(),
        status,
        gas_used,
        logs,
    }
}
