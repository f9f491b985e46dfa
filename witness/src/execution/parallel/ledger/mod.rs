//! Transactions executed one after the other in one journal of revm, where nobody asks for more than receipts: what they read and changed one by one is not noted, so that they cost
//! what they cost in revm.
//!
//! * `below`, `earlier`: the state under the journal. `left`: what all transactions together left in it.
//!
//! Only on ordinary states ([`StateReader::is_ordinary`](crate::execution::StateReader::is_ordinary)): there revm treats several transactions in one journal as it
//! treats them one by one. (On others it does not: it keeps what a payment that overflows took from the payer, and a slot that was taken for zero in a creation that was rolled back.)
//! Tips go to the coinbase at once, so that it is an account like others.

mod below;
mod earlier;
mod left;

use alloy_primitives::Address;
use alloy_primitives::map::Entry;
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::EVMError;
use revm::state::{Account, AccountInfo, TransactionId};

use super::attempt::Outcome;
use super::memory::{code_hash_of, credited};
use super::shared::Shared;
use super::transfer::{check, pay, receipt};
use super::view::{Interrupted, Interruption};
use crate::error::{Error, TransactionFault};
use crate::execution::inclusion::is_precompile;
use crate::execution::machine::{Machine, transaction_input};
use crate::execution::outcome::{AccountState, Receipt, TransactionOutcome};
use crate::transaction::{Refusal, SignedTransaction};
use below::Below;
pub(super) use left::Left;

/// See the module.
pub(super) struct Ledger<'a> {
    shared: &'a Shared<'a>,
    machine: Machine<Below<'a>>,
}

impl<'a> Ledger<'a> {
    /// For so many transactions from the first on that is not committed.
    pub(super) fn new(shared: &'a Shared<'a>, first: usize, transactions: usize) -> Self {
        let mut machine = Machine::new(shared.context, Below::new(shared, first));
        let (state, below) = machine.parts();
        // Most load two accounts, or one and some slots.
        state.reserve(2 * transactions);
        below.loaded.accounts.reserve(2 * transactions);
        below.loaded.slots.reserve(2 * transactions);
        Self { shared, machine }
    }

    fn below(&mut self) -> &mut Below<'a> {
        self.machine.database()
    }

    /// Whether the last transaction changed something that one before it had changed or looked at.
    pub(super) fn conflicts(&mut self) -> bool {
        self.below().conflicts
    }

    /// Executes the next transaction, at this place of the block.
    pub(super) fn run(&mut self, place: usize) -> Result<Result<Outcome, Refusal>, Interruption> {
        let Some(transaction) = self.shared.transactions.get(place) else {
            return Err(Interruption::Fatal(Error::Internal(format!(
                "there is no transaction {place}"
            ))));
        };
        let broken_off = match self.execute(transaction) {
            Ok(done) => return Ok(done),
            Err(broken_off) => broken_off,
        };
        match broken_off {
            EVMError::Transaction(reason) => {
                let fault = TransactionFault::Reference(reason.to_string());
                Ok(Err(fault.into()))
            }
            EVMError::Database(Interrupted) => match self.below().refused.take() {
                Some(reason) => Ok(Err(Refusal::NotProvable(reason))),
                None => Err(self.below().interruption()),
            },
            other => Err(Interruption::Fatal(Error::Internal(format!(
                "revm: {other}"
            )))),
        }
    }

    fn execute(
        &mut self,
        transaction: &SignedTransaction,
    ) -> Result<Result<Outcome, Refusal>, EVMError<Interrupted>> {
        self.below().begin();
        let sender = present(self.load(transaction.sender)?);
        if let Err(refusal) = check(transaction, sender, &self.shared.context.environment) {
            return Ok(Err(refusal));
        }
        let transfer = self.transfer(transaction, sender)?;
        let is_transfer = transfer.is_some();
        let receipt = match transfer {
            Some(receipt) => receipt,
            None => {
                let input = transaction_input(transaction, self.shared.context.chain_id);
                receipt(self.machine.go_on(input)?)
            }
        };
        Ok(Ok(Box::new(TransactionOutcome {
            receipt,
            is_transfer,
            access: None,
        })))
    }

    /// A transaction that runs no code, if it is one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        sender: Option<AccountState>,
    ) -> Result<Option<Receipt>, Interrupted> {
        let Some(to) = transaction.to.filter(|to| !is_precompile(*to)) else {
            return Ok(None);
        };
        let recipient = present(self.load(to)?);
        if code_hash_of(&recipient) != KECCAK_EMPTY {
            return Ok(None);
        }
        let environment = &self.shared.context.environment;
        let Some(payment) = pay(transaction, sender, environment.base_fee) else {
            return Ok(None);
        };
        let credit = match to == transaction.sender {
            true => None,
            false => match credited(recipient, transaction.value) {
                None => return Ok(None),
                credit => credit,
            },
        };
        overwrite(self.load(transaction.sender)?, payment.paid.after);
        if let Some(after) = credit {
            overwrite(self.load(to)?, after);
        }
        let coinbase = self.load(environment.coinbase)?;
        if let Some(rewarded) = credited(present(coinbase), payment.tip) {
            overwrite(coinbase, rewarded);
        }
        let (state, below) = self.machine.parts();
        below.changed_account(transaction.sender);
        below.changed_account(to);
        below.note(state);
        Ok(Some(payment.receipt()))
    }

    /// An account as the transactions so far left it.
    fn load(&mut self, address: Address) -> Result<&mut Account, Interrupted> {
        let (state, below) = self.machine.parts();
        let account = match state.entry(address) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let mut account = match below.account(address)? {
                    Some(account) => Account::from(AccountInfo::from(account)),
                    None => Account::new_not_existing(TransactionId::ZERO),
                };
                // revm has not seen it: the first of its transactions has the same number.
                account.mark_cold();
                place.insert(account)
            }
        };
        settle(account);
        Ok(account)
    }

    /// What all transactions left, and the coinbase. Makes bytecode that came into being known.
    pub(super) fn leave(mut self) -> Result<(Left, Option<AccountState>), Interruption> {
        let coinbase = self.load(self.shared.context.environment.coinbase);
        let coinbase = match coinbase.map(|account| present(account)) {
            Ok(coinbase) => coinbase,
            Err(Interrupted) => return Err(self.below().interruption()),
        };
        let shared = self.shared;
        let (state, below) = self.machine.parts();
        let (state, loaded) = (core::mem::take(state), core::mem::take(&mut below.loaded));
        let left = Left::new(
            state,
            loaded,
            shared.context.environment.coinbase,
            |hash, code| shared.memory.add_code(hash, code.clone()),
        );
        Ok((left, coinbase))
    }
}

/// Makes an account that an earlier transaction destroyed look like it; revm does so when it loads it.
fn settle(account: &mut Account) {
    if account.is_selfdestructed_locally() {
        account.selfdestruct();
        account.unmark_selfdestructed_locally();
    }
}

/// An account as the last transaction left it. Touched ones that are empty disappear (EIP-161).
fn present(account: &Account) -> Option<AccountState> {
    if account.is_selfdestructed_locally() {
        return None;
    }
    let is_there = !account.is_loaded_as_not_existing() && !account.is_touched();
    let state = AccountState::from(&account.info);
    (is_there || !state.is_empty()).then_some(state)
}

/// Says what a transaction made of an account whose code it did not change.
fn overwrite(account: &mut Account, after: Option<AccountState>) {
    account.mark_touch();
    let after = after.unwrap_or(AccountState::EMPTY);
    account.info.balance = after.balance;
    account.info.nonce = after.nonce;
}
