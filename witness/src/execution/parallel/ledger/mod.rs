//! Transactions that are executed one after the other: what they left stays in revm's journal, for those after them. No versions, no locks.
//!
//! * `journal`: revm's journal, which also notes what a transaction loads. `below`: the state under it.
//! * `collect`: what a transaction did, made of the notes and the journal. `kept`: what is known between two stretches, and the changes of a whole block.
//!
//! An account in the journal whose `transaction_id` is not the present one is as the transactions before left it; but one that is
//! destroyed still looks as it did, until it is loaded again: see [`settle`].

mod below;
mod collect;
mod journal;
mod kept;

use alloy_primitives::{Address, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::EVMError;
use revm::state::{Account, AccountInfo, AccountStatus, EvmState, EvmStorageSlot, TransactionId};

use super::attempt::{Attempt, End};
use super::memory::{code_hash_of, credited};
use super::shared::Shared;
use super::transfer::{check, pay, transferred};
use super::view::{Interrupted, Interruption};
use crate::error::{Error, TransactionFault};
use crate::execution::inclusion::is_precompile;
use crate::execution::machine::{Machine, transaction_input};
use crate::execution::outcome::{
    AccountState, AccountStateChange, Read, SlotChange, TransactionOutcome,
};
use crate::transaction::{Refusal, SignedTransaction};
use below::Below;
use journal::Noting;
pub(super) use kept::Kept;

/// See the module.
pub(super) struct Ledger<'a> {
    shared: &'a Shared<'a>,
    machine: Machine<Below<'a>, (), Noting<'a>>,
    /// Slots that are zero should their account be created, whatever the state below says: creation or an execution elsewhere made them so.
    emptied: kept::Emptied,
    /// Room that is used again.
    reads: Vec<Read>,
    accounts: Vec<AccountStateChange>,
    storage: Vec<SlotChange>,
}

impl<'a> Ledger<'a> {
    /// One that knows nothing.
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            machine: Machine::new(shared.context, Below::new(shared)),
            emptied: kept::Emptied::default(),
            reads: Vec::new(),
            accounts: Vec::new(),
            storage: Vec::new(),
        }
    }

    /// Makes room for what so many transactions write: most write two accounts, or one and some slots.
    pub(super) fn reserve(&mut self, transactions: usize) {
        self.state().reserve(2 * transactions);
    }

    /// It knows what the transactions from this one on left.
    pub(super) fn first(&mut self) -> usize {
        self.below().first
    }

    fn below(&mut self) -> &mut Below<'a> {
        &mut self.machine.journal().journal.database
    }

    fn state(&mut self) -> &mut EvmState {
        &mut self.machine.journal().journal.inner.state
    }

    /// Executes the transaction at a place of the block; all before it are committed.
    pub(super) fn run(&mut self, place: usize) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        let Some(transaction) = shared.transactions.get(place) else {
            return Err(Interruption::Fatal(Error::Internal(format!(
                "there is no transaction {place}"
            ))));
        };
        self.below().begin(place);
        let sender = self.load(transaction.sender);
        let sender = sender.map_err(|Interrupted| self.below().interruption())?;
        if let Err(refusal) = check(transaction, sender, &shared.context.environment) {
            return Ok(refused(transaction, sender, refusal));
        }
        let transfer = self.transfer(transaction, sender);
        match transfer.map_err(|Interrupted| self.below().interruption())? {
            Some(outcome) => Ok(ran(outcome)),
            None => self.evm(transaction, sender),
        }
    }

    /// A transaction that runs no code, if it is one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        sender: Option<AccountState>,
    ) -> Result<Option<Box<TransactionOutcome>>, Interrupted> {
        let Some(to) = transaction.to.filter(|to| !is_precompile(*to)) else {
            return Ok(None);
        };
        let recipient = self.load(to)?;
        let code_hash = code_hash_of(&recipient);
        let base_fee = self.shared.context.environment.base_fee;
        let payment = match code_hash == KECCAK_EMPTY {
            true => pay(transaction, sender, base_fee),
            false => None,
        };
        let Some(payment) = payment else {
            return Ok(None);
        };
        let credit = if to == transaction.sender {
            None
        } else {
            let Some(after) = credited(recipient, transaction.value) else {
                return Ok(None);
            };
            Some(AccountStateChange {
                address: to,
                before: recipient,
                after,
            })
        };
        self.set(&payment.paid);
        if let Some(credit) = &credit {
            self.set(credit);
        }
        let reads = vec![
            Read::Account {
                address: transaction.sender,
                value: sender,
            },
            Read::CodeHash {
                address: to,
                value: code_hash,
            },
        ];
        Ok(Some(transferred(payment, credit, reads)))
    }

    fn evm(
        &mut self,
        transaction: &SignedTransaction,
        sender: Option<AccountState>,
    ) -> Result<Attempt, Interruption> {
        self.refresh_coinbase()?;
        let input = transaction_input(transaction, self.shared.context.chain_id);
        let refusal = match self.machine.go_on(input) {
            Ok(result) => return self.collect(transaction, result).map(ran),
            Err(EVMError::Transaction(reason)) => {
                TransactionFault::Reference(reason.to_string()).into()
            }
            Err(EVMError::Database(Interrupted)) => match self.below().refused.take() {
                Some(reason) => Refusal::NotProvable(reason),
                None => return Err(self.below().interruption()),
            },
            Err(other) => {
                return Err(Interruption::Fatal(Error::Internal(format!(
                    "revm: {other}"
                ))));
            }
        };
        Ok(refused(transaction, sender, refusal))
    }

    /// Tips are no part of the journal: an account in it that gets them falls behind with every transaction.
    fn refresh_coinbase(&mut self) -> Result<(), Interruption> {
        let coinbase = self.shared.context.environment.coinbase;
        if !self.state().contains_key(&coinbase) {
            return Ok(());
        }
        let found = self.below().account(coinbase);
        let after = found.map_err(|Interrupted| self.below().interruption())?;
        if let Some(account) = self.state().get_mut(&coinbase) {
            settle(account);
            overwrite(account, after);
        }
        Ok(())
    }

    /// An account as the transactions so far left it.
    fn load(&mut self, address: Address) -> Result<Option<AccountState>, Interrupted> {
        if address == self.shared.context.environment.coinbase {
            let account = self.below().account(address)?;
            self.keep(address, account);
            return Ok(account);
        }
        if let Some(account) = self.state().get_mut(&address) {
            settle(account);
            return Ok(present(account));
        }
        let account = self.below().account(address)?;
        self.keep(address, account);
        Ok(account)
    }

    /// Puts an account into the journal that is not there, as nobody has touched it yet.
    fn keep(&mut self, address: Address, account: Option<AccountState>) {
        let fresh = || match account {
            Some(account) => Account::from(AccountInfo::from(account)),
            None => Account::new_not_existing(TransactionId::ZERO),
        };
        self.state().entry(address).or_insert_with(fresh);
    }

    /// Says what a transaction made of an account that is in the journal.
    fn set(&mut self, change: &AccountStateChange) {
        if let Some(account) = self.state().get_mut(&change.address) {
            overwrite(account, change.after);
        }
    }

    /// Takes over what a committed transaction did that was executed elsewhere.
    pub(super) fn add(&mut self, outcome: &TransactionOutcome) -> Result<(), Interruption> {
        let coinbase = self.shared.context.environment.coinbase;
        for change in &outcome.accounts {
            if change.before == change.after || change.address == coinbase {
                continue;
            }
            self.keep(change.address, change.before);
            if let Some(account) = self.state().get_mut(&change.address) {
                settle(account);
            }
            self.set(change);
        }
        for change in &outcome.storage {
            let loaded = self.load(change.address);
            loaded.map_err(|Interrupted| self.below().interruption())?;
            if change.after.is_zero() {
                self.emptied.insert((change.address, change.slot));
            }
            if let Some(account) = self.state().get_mut(&change.address) {
                let slot = EvmStorageSlot::new(change.after, TransactionId::ZERO);
                account.storage.insert(change.slot, slot);
            }
        }
        Ok(())
    }

    /// A slot of an account that the present transaction created, as it was before.
    fn old_slot(&mut self, address: Address, slot: U256) -> Result<U256, Interruption> {
        if self.emptied.contains(&(address, slot)) {
            return Ok(U256::ZERO);
        }
        let found = self.below().slot(address, slot);
        found.map_err(|Interrupted| self.below().interruption())
    }
}

fn ran(outcome: Box<TransactionOutcome>) -> Attempt {
    Attempt {
        origins: Default::default(),
        end: End::Ran {
            outcome,
            credit: None,
        },
    }
}

fn refused(
    transaction: &SignedTransaction,
    sender: Option<AccountState>,
    refusal: Refusal,
) -> Attempt {
    let read = Read::Account {
        address: transaction.sender,
        value: sender,
    };
    Attempt::refused(Default::default(), vec![read], refusal)
}

/// Makes an account that an earlier transaction destroyed look like it; revm does so when it loads it.
fn settle(account: &mut Account) {
    if account.is_selfdestructed_locally() {
        account.selfdestruct();
        account.unmark_selfdestructed_locally();
    }
}

/// An account as the last transaction left it. One that is empty exists only if it is loaded as such: transactions leave none (EIP-161).
fn present(account: &Account) -> Option<AccountState> {
    let state = AccountState::from(&account.info);
    let is_absent = account.is_loaded_as_not_existing() && state.is_empty();
    (!is_absent && !account.is_selfdestructed_locally()).then_some(state)
}

fn overwrite(account: &mut Account, after: Option<AccountState>) {
    let is_absent = AccountStatus::LoadedAsNotExisting;
    account.status.set(is_absent, after.is_none());
    let after = after.unwrap_or(AccountState::EMPTY);
    let info = &mut account.info;
    if info.code_hash != after.code_hash {
        info.code_hash = after.code_hash;
        info.code = None;
    }
    info.balance = after.balance;
    info.nonce = after.nonce;
}
