//! What executions with and without versions have in common: the rules of inclusion, plain transfers, receipts.

use alloy_primitives::{Address, U256};
use braid_text::Rules;
use revm::context::result::{ExecutionResult, Output};

use crate::error::{MemoryFault, NotProvable};
use crate::execution::inclusion::{check_fee, check_sender, is_precompile};
use crate::execution::machine::{BlockContext, effective_gas_price, fee_fits, tip};
use crate::execution::outcome::{AccountState, AccountStateChange, Receipt, Status};
use crate::transaction::{Refusal, SignedTransaction, TransactionKind};

/// Most bytes that the logs and output of a block's transactions may have: 1 GiB, of which each costs 8 gas or more in a log, and more in what is returned. The limit is
/// the same on every machine.
pub const RECEIPTS_LIMIT: u64 = 1 << 30;

/// The rules of inclusion that depend on the state before the transaction; `is_delegation` says of code of the sender whether that is what it is (EIP-7702).
pub(super) fn check(
    transaction: &SignedTransaction,
    sender: Option<AccountState>,
    is_delegation: bool,
    context: &BlockContext,
) -> Result<(), Refusal> {
    check_fee(transaction, &context.environment)?;
    let sender = sender.unwrap_or(AccountState::EMPTY);
    check_sender(transaction, &sender, is_delegation)?;
    if !fee_fits(transaction) {
        return Err(Refusal::NotProvable(NotProvable::FeeTooLarge));
    }
    Ok(())
}

/// Why a transaction is refused with which a block's receipts would be too large.
pub(super) fn over_receipts_limit() -> Refusal {
    Refusal::WouldNotFit(MemoryFault::Receipts {
        limit: RECEIPTS_LIMIT,
    })
}

/// Bytes of a receipt that may be many.
pub(super) fn receipt_bytes(receipt: &Receipt) -> u64 {
    let logs = receipt.logs.iter();
    let logs: usize = logs.map(|log| log.data.data.len()).sum();
    (receipt.output.len() + logs) as u64
}

/// The recipient of a transaction, if it may be a plain transfer: it is no precompiled contract, and no code is set (EIP-7702).
pub(super) fn transfer_to(transaction: &SignedTransaction, rules: Rules) -> Option<Address> {
    let to = transaction.to.filter(|to| !is_precompile(*to, rules))?;
    (transaction.kind != TransactionKind::SetCode).then_some(to)
}

/// What a plain transfer costs its sender, and what the coinbase gets of it.
pub(super) struct Payment {
    pub(super) paid: AccountStateChange,
    pub(super) gas_used: u64,
    pub(super) tip: U256,
}

impl Payment {
    pub(super) fn receipt(&self) -> Receipt {
        Receipt {
            status: Status::Success,
            gas_used: self.gas_used,
            logs: Vec::new(),
            output: Default::default(),
            created: None,
        }
    }
}

/// What the sender pays for a transaction that runs no code. The rules that revm applies to it: it uses its intrinsic gas, or the floor if that is more (EIP-7623), the sender pays for it and for the
/// value, its nonce grows by one. It must not set code (EIP-7702). `None` if some number does not fit, which revm then says in its own way.
pub(super) fn pay(
    transaction: &SignedTransaction,
    before: Option<AccountState>,
    context: &BlockContext,
) -> Option<Payment> {
    let base_fee = context.environment.base_fee;
    let sender = before.unwrap_or(AccountState::EMPTY);
    let gas_used = u64::try_from(transaction.least_gas(context.rules)).ok()?;
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

/// What revm says of a transaction.
pub(super) fn receipt(result: ExecutionResult) -> Receipt {
    let gas_used = result.tx_gas_used();
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
