//! One execution of one transaction: a plain transfer is computed, everything else goes through revm.

use alloy_primitives::U256;
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::{EVMError, ExecutionResult, Output};
use revm::state::{Account, AccountInfo};

use super::attempt::{Attempt, End};
use super::memory::credited;
use super::shared::Shared;
use super::view::{Interrupted, Interruption, View};
use super::writers::Reader;
use crate::error::NotProvable;
use crate::error::{Error, TransactionFault};
use crate::execution::inclusion::{check_fee, check_sender, is_precompile};
use crate::execution::machine::{Machine, effective_gas_price, fee_fits, tip, transaction_input};
use crate::execution::outcome::{
    AccountState, AccountStateChange, Receipt, SlotChange, Status, TransactionOutcome,
};
use crate::transaction::{Refusal, SignedTransaction};

/// What a worker executes with, one transaction after the other.
pub(super) struct Runner<'a> {
    shared: &'a Shared<'a>,
    machine: Machine<View<'a>>,
    /// Room that is used again.
    accounts: Vec<AccountStateChange>,
    storage: Vec<SlotChange>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            machine: Machine::new(shared.context, View::new(shared)),
            accounts: Vec::new(),
            storage: Vec::new(),
        }
    }

    pub(super) fn view(&mut self) -> &mut View<'a> {
        self.machine.database()
    }

    /// Executes the transaction at a place of the block on what those before it have written so far. Plain transfers are credited without reading
    /// the recipient's balance if `commutative`.
    pub(super) fn run(
        &mut self,
        place: usize,
        reader: Reader,
        commutative: bool,
    ) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        let Some(transaction) = shared.transactions.get(place) else {
            return Err(Interruption::Fatal(Error::Internal(format!(
                "there is no transaction {place}"
            ))));
        };
        self.view().begin(place, reader);
        let sender = self.check(transaction);
        match self.open(sender)? {
            Err(refusal) => Ok(Attempt::refused(&self.view().reads, refusal)),
            Ok(sender) => match self.transfer(transaction, sender, commutative) {
                Some(attempt) => self.open(attempt),
                None => self.evm(transaction),
            },
        }
    }

    fn open<T>(&mut self, outcome: Result<T, Interrupted>) -> Result<T, Interruption> {
        outcome.map_err(|Interrupted| self.view().interruption())
    }

    /// The rules of inclusion that depend on the state before the transaction; gives its sender.
    fn check(
        &mut self,
        transaction: &SignedTransaction,
    ) -> Result<Result<AccountState, Refusal>, Interrupted> {
        if let Err(fault) = check_fee(transaction, &self.shared.context.environment) {
            return Ok(Err(fault.into()));
        }
        let sender = self.view().sender(transaction.sender)?;
        let sender = sender.unwrap_or(AccountState::EMPTY);
        if let Err(fault) = check_sender(transaction, &sender) {
            return Ok(Err(fault.into()));
        }
        if !fee_fits(transaction) {
            return Ok(Err(Refusal::NotProvable(NotProvable::FeeTooLarge)));
        }
        Ok(Ok(sender))
    }

    /// A transaction that runs no code, if it is one. The rules that revm applies to it: it uses its intrinsic gas, the sender pays for it and for the
    /// value, its nonce grows by one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        sender: AccountState,
        commutative: bool,
    ) -> Option<Result<Attempt, Interrupted>> {
        let to = transaction
            .to
            .filter(|to| commutative && !is_precompile(*to))?;
        let base_fee = self.shared.context.environment.base_fee;
        let view = self.view();
        let found = match view.code_hash(to) {
            Err(interrupted) => return Some(Err(interrupted)),
            Ok(found) => found,
        };
        if found.value != KECCAK_EMPTY {
            // revm will read the whole account.
            view.reads.pop();
            return None;
        }
        let gas_used = u64::try_from(transaction.intrinsic_gas()).ok()?;
        let price = effective_gas_price(transaction, base_fee);
        let fee = price.checked_mul(U256::from(gas_used))?;
        let is_to_self = to == transaction.sender;
        let cost = if is_to_self {
            fee
        } else {
            fee.checked_add(transaction.value)?
        };
        let paid = AccountStateChange {
            address: transaction.sender,
            before: view.sender_before(),
            after: Some(AccountState {
                nonce: sender.nonce.checked_add(1)?,
                balance: sender.balance.checked_sub(cost)?,
                ..sender
            }),
        };
        let is_exact = view.overlay.is_some();
        let mut credit = None;
        let accounts = if is_to_self {
            vec![paid]
        } else {
            let before = found.account.flatten();
            let after = match credited(before, transaction.value) {
                Some(after) => AccountStateChange {
                    address: to,
                    before,
                    after,
                },
                None if is_exact => {
                    view.reads.pop();
                    return None;
                }
                // Something below may take from the balance. What the recipient gets is right in any case.
                None => {
                    view.reads.doubt();
                    AccountStateChange {
                        address: to,
                        before: None,
                        after: Some(AccountState {
                            balance: transaction.value,
                            ..AccountState::EMPTY
                        }),
                    }
                }
            };
            let recipient_is_first = to < transaction.sender;
            credit = (!is_exact).then_some(usize::from(!recipient_is_first));
            match recipient_is_first {
                true => vec![after, paid],
                false => vec![paid, after],
            }
        };
        let outcome = TransactionOutcome {
            receipt: Receipt {
                status: Status::Success,
                gas_used,
                logs: Vec::new(),
                output: Default::default(),
                created: None,
            },
            reads: view.reads.list.clone(),
            accounts,
            storage: Vec::new(),
            tip: tip(transaction, base_fee, gas_used),
        };
        let outcome = Box::new(outcome);
        Some(Ok(Attempt {
            origins: view.reads.origins,
            end: End::Ran { outcome, credit },
        }))
    }

    fn evm(&mut self, transaction: &SignedTransaction) -> Result<Attempt, Interruption> {
        let input = transaction_input(transaction, self.shared.context.chain_id);
        let refusal = match self.machine.run(input) {
            Ok(result) => return self.ran(transaction, result),
            Err(EVMError::Transaction(reason)) => {
                TransactionFault::Reference(reason.to_string()).into()
            }
            Err(EVMError::Database(Interrupted)) => match self.view().refused.take() {
                Some(reason) => Refusal::NotProvable(reason),
                None => return Err(self.view().interruption()),
            },
            Err(other) => {
                return Err(Interruption::Fatal(Error::Internal(format!(
                    "revm: {other}"
                ))));
            }
        };
        Ok(Attempt::refused(&self.view().reads, refusal))
    }

    /// What revm did, without what it only looked at.
    fn ran(
        &mut self,
        transaction: &SignedTransaction,
        result: ExecutionResult,
    ) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        let gas_used = result.tx_gas_used();
        let mut tip = tip(transaction, shared.context.environment.base_fee, gas_used);
        let (accounts, storage) = (&mut self.accounts, &mut self.storage);
        accounts.clear();
        storage.clear();
        // Creation makes the slots zero that were there before the contract, whatever the contract then makes of them.
        let mut left_over = Vec::new();
        for (address, account) in self.machine.drain_accounts() {
            if !account.is_touched() {
                continue;
            }
            let before = state_before(&account);
            let after = state_after(&account);
            if account.is_selfdestructed() && address == shared.context.environment.coinbase {
                // It is destroyed with the tip.
                tip = U256::ZERO;
            }
            if before != after || address == transaction.sender {
                accounts.push(AccountStateChange {
                    address,
                    before,
                    after,
                });
            }
            let mut old_slots = Vec::new();
            if account.is_created() {
                let slots = shared.memory.base.slots(&address);
                old_slots = slots.map_err(Interruption::Fatal)?;
                old_slots.sort_unstable();
                for &slot in &old_slots {
                    let value = account.storage.get(&slot).filter(|_| after.is_some());
                    let value = value.map_or(U256::ZERO, |value| value.present_value);
                    left_over.push((address, slot, value));
                }
                if let (Some(after), Some(code)) = (after, &account.info.code)
                    && after.has_code()
                {
                    shared.memory.add_code(after.code_hash, code.clone());
                }
            }
            if after.is_some() {
                let slots = account.storage.iter().filter(|(slot, value)| {
                    value.is_changed() && old_slots.binary_search(slot).is_err()
                });
                storage.extend(slots.map(|(slot, value)| SlotChange {
                    address,
                    slot: *slot,
                    before: value.original_value,
                    after: value.present_value,
                }));
            }
        }
        let view = self.machine.database();
        for (address, slot, after) in left_over {
            let before = view
                .slot(address, slot)
                .map_err(|Interrupted| view.interruption())?;
            if before != after {
                storage.push(SlotChange {
                    address,
                    slot,
                    before,
                    after,
                });
            }
        }
        accounts.sort_unstable_by_key(|change| change.address);
        storage.sort_unstable_by_key(|change| (change.address, change.slot));
        let outcome = Box::new(TransactionOutcome {
            receipt: receipt(result, gas_used),
            // Copied so that they take no more room than they need.
            reads: view.reads.list.clone(),
            accounts: accounts.clone(),
            storage: storage.clone(),
            tip,
        });
        Ok(Attempt {
            origins: view.reads.origins,
            end: End::Ran {
                outcome,
                credit: None,
            },
        })
    }
}

fn receipt(result: ExecutionResult, gas_used: u64) -> Receipt {
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

fn state_of(info: &AccountInfo) -> AccountState {
    AccountState {
        nonce: info.nonce,
        balance: info.balance,
        code_hash: info.code_hash,
    }
}

fn state_before(account: &Account) -> Option<AccountState> {
    (!account.is_loaded_as_not_existing()).then(|| state_of(&account.original_info()))
}

/// Accounts that a transaction destroys, or touches and leaves empty, disappear (EIP-6780, EIP-161).
fn state_after(account: &Account) -> Option<AccountState> {
    let state = state_of(&account.info);
    (!account.is_selfdestructed() && !state.is_empty()).then_some(state)
}
