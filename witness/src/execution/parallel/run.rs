//! One execution of one transaction: a plain transfer is computed, everything else goes through revm.

use alloy_primitives::U256;
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::{EVMError, ExecutionResult};

use super::attempt::{Attempt, End};
use super::memory::{code_hash_of, credited};
use super::shared::Shared;
use super::transfer::{Payment, check, pay, receipt, transfer_to};
use super::view::{Interrupted, Interruption, View};
use super::writers::Reader;
use crate::error::{Error, TransactionFault};
use crate::execution::machine::{Machine, is_over_limit, tip, transaction_input};
use crate::execution::outcome::{
    Access, AccountState, AccountStateChange, SlotChange, TransactionOutcome, state_after,
    state_before,
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
        self.machine.limit_memory(shared.memory_limit(reader));
        let checked = self.check(transaction);
        match self.open(checked)? {
            Err(refusal) => Ok(Attempt::refused(&self.view().reads, refusal)),
            Ok(()) => match self.transfer(transaction, commutative) {
                Some(attempt) => self.open(attempt),
                None => self.evm(transaction),
            },
        }
    }

    fn open<T>(&mut self, outcome: Result<T, Interrupted>) -> Result<T, Interruption> {
        outcome.map_err(|Interrupted| self.view().interruption())
    }

    /// Whether the transaction may be included as far as that depends on the state before it.
    fn check(
        &mut self,
        transaction: &SignedTransaction,
    ) -> Result<Result<(), Refusal>, Interrupted> {
        let context = &self.shared.context;
        let view = self.view();
        let sender = view.sender(transaction.sender)?;
        let is_delegation = view.is_delegation(sender)?;
        Ok(check(transaction, sender, is_delegation, context))
    }

    /// A transaction that runs no code, if it is one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        commutative: bool,
    ) -> Option<Result<Attempt, Interrupted>> {
        let context = &self.shared.context;
        let to = transfer_to(transaction, context.rules).filter(|_| commutative)?;
        let view = self.view();
        let found = match view.code_hash(to) {
            Err(interrupted) => return Some(Err(interrupted)),
            Ok(found) => found,
        };
        let payment = match found.value == KECCAK_EMPTY {
            true => pay(transaction, view.sender_before(), context),
            false => None,
        };
        let Some(payment) = payment else {
            // revm will read the whole account.
            view.reads.pop();
            return None;
        };
        let is_exact = view.overlay.is_some();
        if to == transaction.sender {
            let accounts = vec![payment.paid];
            return Some(Ok(self.transferred(&payment, accounts, None)));
        }
        let before = found.account.flatten();
        let credit = match credited(before, transaction.value) {
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
        let accounts = match recipient_is_first {
            true => vec![credit, payment.paid],
            false => vec![payment.paid, credit],
        };
        let credit = (!is_exact).then_some(usize::from(!recipient_is_first));
        Some(Ok(self.transferred(&payment, accounts, credit)))
    }

    fn transferred(
        &mut self,
        payment: &Payment,
        accounts: Vec<AccountStateChange>,
        credit: Option<usize>,
    ) -> Attempt {
        let view = self.view();
        let outcome = Box::new(TransactionOutcome {
            receipt: payment.receipt(),
            is_transfer: true,
            access: Some(Box::new(Access {
                reads: view.reads.list.clone(),
                accounts,
                storage: Vec::new(),
                tip: payment.tip,
            })),
        });
        Attempt {
            origins: view.reads.origins,
            end: End::Ran { outcome, credit },
        }
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
            Err(error) if is_over_limit(&error) => match self.view().reader() {
                Reader::Final => self.shared.over_limit(),
                Reader::Execution { .. } => return Err(Interruption::Memory),
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
            // Code comes by creations and by authorizations (EIP-7702).
            if code_hash_of(&before) != code_hash_of(&after)
                && let (Some(after), Some(code)) = (after, &account.info.code)
                && after.has_code()
            {
                shared.memory.add_code(after.code_hash, code.clone());
            }
            if after.is_some() {
                // No contract is created where storage is, so that all slots of a new one were zero.
                let slots = account.storage.iter();
                let slots = slots.filter(|(_, value)| value.is_changed());
                storage.extend(slots.map(|(slot, value)| SlotChange {
                    address,
                    slot: *slot,
                    before: value.original_value,
                    after: value.present_value,
                }));
            }
        }
        let view = self.machine.database();
        accounts.sort_unstable_by_key(|change| change.address);
        storage.sort_unstable_by_key(|change| (change.address, change.slot));
        let outcome = Box::new(TransactionOutcome {
            receipt: receipt(result),
            is_transfer: false,
            access: Some(Box::new(Access {
                // Copied so that they take no more room than they need.
                reads: view.reads.list.clone(),
                accounts: accounts.clone(),
                storage: storage.clone(),
                tip,
            })),
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
