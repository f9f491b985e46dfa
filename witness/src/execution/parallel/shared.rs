//! What all workers of a block share.

use alloy_primitives::{Address, B256, U256};

use super::memory::{AccountWrite, Memory, SlotKey, Trouble, code_hash_of, credited};
use super::reads::Reads;
use super::scheduler::Scheduler;
use super::sync::{Mutex, MutexGuard};
use crate::error::TransactionFault;
use crate::execution::machine::BlockContext;
use crate::execution::outcome::{AccountState, AccountStateChange, Receipt, SlotChange};
use crate::execution::reader::BlockHashes;
use crate::execution::statistics::Location;
use crate::transaction::{Refusal, SignedTransaction};

/// Wei that a plain transfer sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credit {
    pub(super) to: Address,
    pub(super) wei: U256,
    /// The recipient before the block, where it was looked up.
    pub(super) base: Option<Option<AccountState>>,
}

/// What a transaction that may be included did.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) receipt: Receipt,
    /// Accounts that it leaves changed, tip and credit aside, and its sender; in order of address.
    pub(super) accounts: Vec<AccountStateChange>,
    /// Of a plain transfer: who gets what.
    pub(super) credit: Option<Credit>,
    /// In order of address and slot.
    pub(super) storage: Vec<SlotChange>,
    pub(super) tip: U256,
}

impl Ran {
    /// What it does to an account, if it changes it.
    pub(super) fn account_write(&self, address: &Address) -> Option<AccountWrite> {
        let place = self
            .accounts
            .binary_search_by_key(address, |change| change.address);
        let change = place.ok().and_then(|place| self.accounts.get(place));
        if let Some(change) = change.filter(|change| change.before != change.after) {
            return Some(AccountWrite::Full(change.after));
        }
        let credit = self.credit.filter(|credit| credit.to == *address)?;
        Some(AccountWrite::Credit(credit.wei))
    }

    /// The code hash that it leaves an account, if it changes it.
    pub(super) fn code_hash_write(&self, address: &Address) -> Option<B256> {
        let place = self
            .accounts
            .binary_search_by_key(address, |change| change.address);
        let change = self.accounts.get(place.ok()?)?;
        let after = code_hash_of(&change.after);
        (code_hash_of(&change.before) != after).then_some(after)
    }

    /// What it leaves in a slot, if it changes it.
    pub(super) fn slot_write(&self, key: &SlotKey) -> Option<U256> {
        let slots = &self.storage;
        let place = slots.binary_search_by_key(key, |change| (change.address, change.slot));
        Some(slots.get(place.ok()?)?.after)
    }
}

/// One execution of a transaction.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) reads: Reads,
    /// What it did, or why it may not be included or cannot be part of the rollup.
    pub(super) end: Result<Ran, Refusal>,
}

impl Attempt {
    /// In place of an execution that met a value which may not stay: it never counts as valid.
    pub(super) fn unsettled(at: Location) -> Self {
        Self {
            reads: Reads::unsettled(at),
            end: Err(TransactionFault::CostOverflow.into()),
        }
    }
}

/// The latest execution of a transaction.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) attempt: Option<Attempt>,
    /// Whether it is about to be executed again.
    pub(super) estimate: bool,
}

/// See the module.
pub(super) struct Shared<'a> {
    pub(super) context: BlockContext,
    pub(super) hashes: &'a BlockHashes,
    pub(super) transactions: &'a [SignedTransaction],
    pub(super) memory: Memory<'a>,
    pub(super) scheduler: Scheduler,
    /// The coinbase before the block.
    coinbase_before: Option<AccountState>,
    /// The coinbase after each committed transaction, tips included.
    coinbase: Mutex<Vec<Option<AccountState>>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(
        context: BlockContext,
        hashes: &'a BlockHashes,
        transactions: &'a [SignedTransaction],
        memory: Memory<'a>,
        scheduler: Scheduler,
    ) -> crate::Result<Self> {
        let coinbase_before = memory.base.account(&context.environment.coinbase)?;
        Ok(Self {
            context,
            hashes,
            transactions,
            memory,
            scheduler,
            coinbase_before,
            coinbase: Mutex::new(Vec::with_capacity(transactions.len())),
        })
    }

    /// The latest execution of a transaction.
    pub(super) fn slot(&self, transaction: usize) -> Option<MutexGuard<'_, Slot>> {
        self.memory.slot(transaction)
    }

    /// The memory, and the coinbase after each transaction.
    pub(super) fn into_parts(self) -> (Memory<'a>, Vec<Option<AccountState>>) {
        let coinbase = self.coinbase.into_inner();
        (
            self.memory,
            coinbase.unwrap_or_else(|poison| poison.into_inner()),
        )
    }

    /// The coinbase before the block.
    pub(super) fn coinbase_before(&self) -> Option<AccountState> {
        self.coinbase_before
    }

    fn coinbases(&self) -> MutexGuard<'_, Vec<Option<AccountState>>> {
        self.coinbase
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// The coinbase as the transaction at this place finds it. Every transaction before it must have been executed.
    pub(super) fn coinbase_account(&self, place: usize) -> Result<Option<AccountState>, Trouble> {
        let coinbases = self.coinbases();
        let committed = coinbases.len().min(place);
        let known = committed
            .checked_sub(1)
            .and_then(|last| coinbases.get(last));
        let mut account = known.copied().unwrap_or(self.coinbase_before);
        drop(coinbases);
        for transaction in committed..place {
            let blocked = Trouble::Blocked(transaction);
            let Some(slot) = self.slot(transaction).filter(|slot| !slot.estimate) else {
                return Err(blocked);
            };
            match slot.attempt.as_ref().map(|attempt| &attempt.end) {
                None => return Err(blocked),
                // The block ends there.
                Some(Err(_)) => {}
                Some(Ok(ran)) => account = self.coinbase_after(account, ran)?,
            }
        }
        Ok(account)
    }

    /// The coinbase after a transaction.
    fn coinbase_after(
        &self,
        before: Option<AccountState>,
        ran: &Ran,
    ) -> Result<Option<AccountState>, Trouble> {
        let coinbase = self.context.environment.coinbase;
        let mut account = before;
        if let Some(change) = ran
            .accounts
            .iter()
            .find(|change| change.address == coinbase)
        {
            account = change.after;
        }
        if let Some(credit) = ran.credit.filter(|credit| credit.to == coinbase) {
            account = credited(account, credit.wei).ok_or(Trouble::Overflow)?;
        }
        // As revm: a tip that would overflow the balance is lost.
        Ok(credited(account, ran.tip).unwrap_or(account))
    }

    /// Commits a transaction's effect on the coinbase; all before it are committed.
    pub(super) fn commit_coinbase(&self, ran: &Ran) -> Result<(), Trouble> {
        let mut coinbases = self.coinbases();
        let before = coinbases.last().copied().unwrap_or(self.coinbase_before);
        coinbases.push(self.coinbase_after(before, ran)?);
        Ok(())
    }

    /// Makes what a transaction did visible to the transactions after it. Gives whether one of them may have read what was there before.
    pub(super) fn publish(&self, transaction: usize, attempt: Attempt) -> bool {
        let Some(mut slot) = self.slot(transaction) else {
            return false;
        };
        let memory = &self.memory;
        let before = slot.attempt.take();
        let old = before
            .as_ref()
            .and_then(|attempt| attempt.end.as_ref().ok());
        let new = attempt.end.as_ref().ok();
        let mut read_above = false;
        for address in old.into_iter().flat_map(written_accounts) {
            if new.and_then(|ran| ran.account_write(&address)).is_none() {
                read_above |= memory.accounts.remove(memory.hash(&address), transaction);
            }
        }
        for address in old.into_iter().flat_map(written_code_hashes) {
            if new.and_then(|ran| ran.code_hash_write(&address)).is_none() {
                read_above |= memory
                    .code_hashes
                    .remove(memory.hash(&address), transaction);
            }
        }
        for key in old.into_iter().flat_map(written_slots) {
            if new.and_then(|ran| ran.slot_write(&key)).is_none() {
                read_above |= memory.storage.remove(memory.hash(&key), transaction);
            }
        }
        for address in new.into_iter().flat_map(written_accounts) {
            read_above |= memory.accounts.add(memory.hash(&address), transaction);
        }
        for address in new.into_iter().flat_map(written_code_hashes) {
            read_above |= memory.code_hashes.add(memory.hash(&address), transaction);
        }
        for key in new.into_iter().flat_map(written_slots) {
            read_above |= memory.storage.add(memory.hash(&key), transaction);
        }
        *slot = Slot {
            attempt: Some(attempt),
            estimate: false,
        };
        read_above
    }

    /// Marks what a transaction wrote as about to be written again.
    pub(super) fn estimate(&self, transaction: usize) {
        if let Some(mut slot) = self.slot(transaction) {
            slot.estimate = true;
        }
    }
}

fn written_accounts(ran: &Ran) -> impl Iterator<Item = Address> + '_ {
    let changed = ran
        .accounts
        .iter()
        .filter(|change| change.before != change.after);
    let changed = changed.map(|change| change.address);
    changed.chain(ran.credit.map(|credit| credit.to))
}

fn written_code_hashes(ran: &Ran) -> impl Iterator<Item = Address> + '_ {
    let other =
        |change: &&AccountStateChange| code_hash_of(&change.before) != code_hash_of(&change.after);
    ran.accounts
        .iter()
        .filter(other)
        .map(|change| change.address)
}

fn written_slots(ran: &Ran) -> impl Iterator<Item = (Address, U256)> + '_ {
    ran.storage
        .iter()
        .map(|change| (change.address, change.slot))
}
