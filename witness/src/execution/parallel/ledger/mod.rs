//! Transactions executed together, a batch at a time, in one journal of revm, where nobody asks for more than receipts: what they read and changed one by one is not noted, so that they
//! cost no more than they cost in revm, and one look at the other workers serves all of them.
//!
//! * `below`: the state under the journal. `journal`: accounts and slots in it. `loaded`: what a batch asked for. `left`, `grouped`: what it left.
//!
//! A batch is to the executor what a transaction is where accesses are noted: it reads the latest values below it, and is validated, committed and executed again as a whole. Three things
//! are different inside of it:
//!
//! * accounts that only plain transfers touched never go to revm, whose accounts are large;
//! * what plain transfers give to accounts without code, and tips, are added up, and become balances only if somebody asks for them;
//! * hashes are remembered for a moment ([`Hashes`](crate::execution::machine::Hashes)).
//!
//! Only on ordinary states ([`StateReader::is_ordinary`](crate::execution::StateReader::is_ordinary)): there revm treats several transactions in one journal as it
//! treats them one by one. (On others it does not: it keeps what a payment that overflows took from the payer.) And no creation meets storage there.

mod below;
mod grouped;
mod journal;
mod left;
mod loaded;

use alloy_primitives::{Address, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::EVMError;

use super::attempt::{Attempt, Outcome};
use super::memory::{code_hash_of, credited};
use super::shared::Shared;
use super::transfer::{
    RECEIPTS_LIMIT, check, over_receipts_limit, pay, receipt, receipt_bytes, transfer_to,
};
use super::tuning::GUESS_MEMORY;
use super::view::{Interrupted, Interruption};
use super::writers::Reader;
use crate::error::{Error, TransactionFault};
use crate::execution::machine::{Succession, is_over_limit, tip};
use crate::execution::outcome::{AccountState, Receipt, TransactionOutcome};
use crate::execution::statistics::Location;
use crate::transaction::{Refusal, SignedTransaction};
use below::{At, Below};
use journal::{created_slots, overwrite, present, settle, untouch_absent, values};
pub(super) use left::Left;

/// See the module.
pub(super) struct Ledger<'a> {
    shared: &'a Shared<'a>,
    machine: Succession<'a, Below<'a>>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            machine: Succession::new(shared.context, Below::new(shared)),
        }
    }

    fn below(&mut self) -> &mut Below<'a> {
        self.machine.database()
    }

    /// Executes a batch on what those before it have written so far.
    pub(super) fn run(
        &mut self,
        batch: core::ops::Range<usize>,
        reader: Reader,
    ) -> Result<Attempt, Interruption> {
        let shared = self.shared;
        self.machine.forget();
        self.below().begin(batch.start, reader);
        self.machine.limit_memory(shared.memory_limit(reader));
        let sent = shared.transactions.get(batch.clone()).unwrap_or_default();
        // Accounts and data lie far apart: they are looked for side by side.
        let parties = sent.iter().flat_map(|sent| [Some(sent.sender), sent.to]);
        shared.memory.base.expect(&mut parties.flatten());
        for sent in sent {
            core::hint::black_box(sent.data.first().copied());
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut refusal = None;
        let mut receipts = 0_u64;
        let most = match reader {
            Reader::Final => RECEIPTS_LIMIT,
            Reader::Execution { .. } => GUESS_MEMORY,
        };
        for place in batch {
            let Some(transaction) = shared.transactions.get(place) else {
                return Err(Interruption::Fatal(Error::Internal(format!(
                    "there is no transaction {place}"
                ))));
            };
            match self.transaction(transaction, reader)? {
                Ok(outcome) => {
                    receipts = receipts.saturating_add(receipt_bytes(&outcome.receipt));
                    outcomes.push(outcome);
                    if receipts > most {
                        // Of a block, these are not all: then it is refused here at the latest.
                        match reader {
                            Reader::Final => refusal = Some(over_receipts_limit()),
                            Reader::Execution { .. } => return Err(Interruption::Memory),
                        }
                        break;
                    }
                }
                Err(refused) => {
                    refusal = Some(refused);
                    break;
                }
            }
        }
        let mut left = self.leave();
        (left.outcomes, left.refusal) = (outcomes, refusal);
        Ok(Attempt::batch(left))
    }

    fn transaction(
        &mut self,
        transaction: &'a SignedTransaction,
        reader: Reader,
    ) -> Result<Result<Outcome, Refusal>, Interruption> {
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
            error if is_over_limit(&error) => match reader {
                Reader::Final => Ok(Err(self.shared.over_limit())),
                Reader::Execution { .. } => Err(Interruption::Memory),
            },
            other => Err(Interruption::Fatal(Error::Internal(format!(
                "revm: {other}"
            )))),
        }
    }

    fn execute(
        &mut self,
        transaction: &'a SignedTransaction,
    ) -> Result<Result<Outcome, Refusal>, EVMError<Interrupted>> {
        let sender_at = self.below().load(transaction.sender)?;
        let sender = self.account(sender_at);
        let is_delegation = self.is_delegation(sender_at, sender)?;
        let context = &self.shared.context;
        if let Err(refusal) = check(transaction, sender, is_delegation, context) {
            return Ok(Err(refusal));
        }
        let transfer = self.transfer(transaction, sender_at, sender)?;
        let is_transfer = transfer.is_some();
        let receipt = match transfer {
            Some(receipt) => receipt,
            None => self.evm(transaction)?,
        };
        Ok(Ok(Box::new(TransactionOutcome {
            receipt,
            is_transfer,
            access: None,
        })))
    }

    /// Whether an account's code is a delegation (EIP-7702). What a transaction of this batch set is in the journal alone.
    fn is_delegation(
        &mut self,
        at: At,
        account: Option<AccountState>,
    ) -> Result<bool, Interrupted> {
        let Some(account) = account.filter(AccountState::has_code) else {
            return Ok(false);
        };
        let (state, below) = self.machine.parts();
        if let At::Journal(place) = at
            && let Some(change) = below.accounts.get(place)
            && let Some(code) = state
                .get(&change.address)
                .and_then(|it| it.info.code.as_ref())
        {
            return Ok(code.is_eip7702());
        }
        let code = revm::Database::code_by_hash(below, account.code_hash)?;
        Ok(code.is_eip7702())
    }

    fn evm(
        &mut self,
        transaction: &'a SignedTransaction,
    ) -> Result<Receipt, EVMError<Interrupted>> {
        let authorizations = transaction.authorizations.iter();
        for authority in authorizations.filter_map(|it| it.authority()) {
            if let Some(account) = self.machine.account(&authority) {
                untouch_absent(account);
            }
        }
        let receipt = receipt(self.machine.run(transaction)?);
        let environment = &self.shared.context.environment;
        let coinbase = self.machine.account(&environment.coinbase);
        match coinbase.filter(|coinbase| coinbase.is_selfdestructed_locally()) {
            // It is destroyed with the tip.
            Some(coinbase) => settle(coinbase),
            None => self.reward(tip(transaction, environment.base_fee, receipt.gas_used)),
        }
        Ok(receipt)
    }

    /// A transaction that runs no code, if it is one.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        sender_at: At,
        sender: Option<AccountState>,
    ) -> Result<Option<Receipt>, Interrupted> {
        let context = &self.shared.context;
        let Some(to) = transfer_to(transaction, context.rules) else {
            return Ok(None);
        };
        let Some(recipient) = self.recipient(transaction, to)? else {
            return Ok(None);
        };
        let Some(payment) = pay(transaction, sender, context) else {
            return Ok(None);
        };
        let value = transaction.value;
        if to != transaction.sender {
            match recipient {
                Recipient::Known(at, before) => match credited(before, value) {
                    Some(after) => self.put(at, after),
                    None => return Ok(None),
                },
                Recipient::Unknown(code_hash) => self.below().credit(to, &code_hash, value),
                Recipient::Credited(place) => {
                    let below = self.below();
                    let credit = below.credits.get_mut(place);
                    let sum = credit.and_then(|credit| {
                        credit.wei = credit.wei.checked_add(value)?;
                        Some(())
                    });
                    if sum.is_none() {
                        return Err(below.overflow(Location::Account(to)));
                    }
                }
            }
        }
        self.put(sender_at, payment.paid.after);
        self.reward(payment.tip);
        Ok(Some(payment.receipt()))
    }

    /// Who gets the value of a transaction that runs no code; `None` if it may run some.
    fn recipient(
        &mut self,
        transaction: &SignedTransaction,
        to: Address,
    ) -> Result<Option<Recipient>, Interrupted> {
        let coinbase = self.shared.context.environment.coinbase;
        let below = self.below();
        let at = match below.find(&to) {
            Some(At::Credit(place)) => return Ok(Some(Recipient::Credited(place))),
            Some(at) => at,
            // Who sends data most likely calls a contract, which revm will read as a whole. The coinbase's balance is its own affair.
            None if below.is_commutative() && transaction.data.is_empty() && to != coinbase => {
                let code_hash = below.code_hash(&to)?;
                let has_code = code_hash.value != KECCAK_EMPTY;
                return Ok((!has_code).then_some(Recipient::Unknown(code_hash)));
            }
            None => below.load(to)?,
        };
        let account = self.account(at);
        let has_code = code_hash_of(&account) != KECCAK_EMPTY;
        Ok((!has_code).then_some(Recipient::Known(at, account)))
    }

    /// Gives the coinbase a tip.
    fn reward(&mut self, tip: U256) {
        let below = self.below();
        let place = match below.coinbase() {
            Ok(place) => place,
            Err(tips) => {
                // On an ordinary state all wei together are less than 2^256.
                *tips = Some(tips.unwrap_or_default().saturating_add(tip));
                return;
            }
        };
        let coinbase = below.accounts.get(place).map(|change| change.address);
        let at = coinbase.and_then(|coinbase| below.find(&coinbase));
        if let Some(at) = at
            && let Some(after) = credited(self.account(at), tip)
        {
            self.put(at, after);
        }
    }

    /// An account as the transactions so far left it.
    fn account(&mut self, at: At) -> Option<AccountState> {
        let (state, below) = self.machine.parts();
        match at {
            At::Credit(_) => None,
            At::Account(place) => below.accounts.get(place)?.after,
            At::Journal(place) => {
                let address = &below.accounts.get(place)?.address;
                state.get(address).and_then(present)
            }
        }
    }

    /// Says what a transaction made of an account whose code it did not change.
    fn put(&mut self, at: At, after: Option<AccountState>) {
        let (state, below) = self.machine.parts();
        match at {
            At::Credit(_) => {}
            At::Account(place) => {
                if let Some(change) = below.accounts.get_mut(place) {
                    change.after = after;
                }
            }
            At::Journal(place) => {
                let change = below.accounts.get(place);
                if let Some(account) = change.and_then(|change| state.get_mut(&change.address)) {
                    overwrite(account, after);
                }
            }
        }
    }

    /// What the batch left. Makes bytecode that came into being known.
    fn leave(&mut self) -> Left {
        let memory = &self.shared.memory;
        let (state, below) = self.machine.parts();
        let mut created = Vec::new();
        let in_journal: Vec<usize> = below.in_journal().collect();
        for place in in_journal {
            let Some(change) = below.accounts.get_mut(place) else {
                continue;
            };
            let Some(account) = state.get(&change.address) else {
                continue;
            };
            change.after = present(account);
            // Code comes by creations and by authorizations (EIP-7702).
            if code_hash_of(&change.before) != code_hash_of(&change.after)
                && let (Some(after), Some(code)) = (change.after, &account.info.code)
                && after.has_code()
            {
                memory.add_code(after.code_hash, code.clone());
            }
            if account.is_created() {
                created.push(change.address);
            }
        }
        values(state, below.slots.changes_mut());
        for address in created {
            created_slots(state, &address, |change| {
                let hash = memory.hash(&(change.address, change.slot));
                // An access list may have asked for slots of a contract before it was there.
                let key = (change.address, change.slot);
                if below.slots.find(hash, &key).is_none() {
                    below.slots.push(hash, change);
                }
            });
        }
        below.leave()
    }
}

/// Who gets the value of a plain transfer.
enum Recipient {
    /// Somebody whose balance is known.
    Known(At, Option<AccountState>),
    /// Somebody whose balance nobody asked for.
    Unknown(super::memory::CodeHash),
    /// The same, who got something already.
    Credited(usize),
}
