//! What all workers of a block share.

use crossbeam_utils::CachePadded;

use super::attempt::{Attempt, End, Slot, credited_wei};
use super::memory::{Memory, Trouble, credited};
use super::scheduler::Scheduler;
use super::sync::{Mutex, MutexGuard};
use super::tuning::SAMPLE;
use crate::execution::machine::BlockContext;
use crate::execution::outcome::{Access, AccountState, Detail};
use crate::execution::reader::{BlockHashes, StateReader};
use crate::transaction::SignedTransaction;

/// The coinbase after the committed transactions, tips included.
#[derive(Clone, Copy, Debug)]
struct Coinbase {
    committed: usize,
    account: Option<AccountState>,
}

/// See the module.
pub(super) struct Shared<'a> {
    pub(super) context: BlockContext,
    pub(super) hashes: &'a BlockHashes,
    pub(super) transactions: &'a [SignedTransaction],
    pub(super) memory: Memory<'a>,
    pub(super) scheduler: Scheduler,
    /// Whether stretches leave nothing but receipts and the state after them.
    pub(super) is_brief: bool,
    /// The coinbase before the block.
    coinbase_before: Option<AccountState>,
    /// Written at every commit: in a cache line of its own.
    coinbase: CachePadded<Mutex<Coinbase>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(
        context: BlockContext,
        hashes: &'a BlockHashes,
        transactions: &'a [SignedTransaction],
        memory: Memory<'a>,
        scheduler: Scheduler,
        detail: Detail,
    ) -> crate::Result<Self> {
        let is_brief = detail == Detail::Receipts
            && memory.base.is_ordinary()
            && runs_code(memory.base, transactions);
        let coinbase_before = memory.base.account(&context.environment.coinbase)?;
        Ok(Self {
            context,
            hashes,
            transactions,
            memory,
            scheduler,
            is_brief,
            coinbase_before,
            coinbase: CachePadded::new(Mutex::new(Coinbase {
                committed: 0,
                account: coinbase_before,
            })),
        })
    }

    /// The latest execution of a transaction.
    pub(super) fn slot(&self, transaction: usize) -> Option<MutexGuard<'_, Slot>> {
        self.memory.slot(transaction)
    }

    /// The memory, and the coinbase after the last transaction.
    pub(super) fn into_parts(self) -> (Memory<'a>, Option<AccountState>) {
        let coinbase = CachePadded::into_inner(self.coinbase).into_inner();
        let coinbase = coinbase.unwrap_or_else(|poison| poison.into_inner());
        (self.memory, coinbase.account)
    }

    /// The coinbase before the block.
    pub(super) fn coinbase_before(&self) -> Option<AccountState> {
        self.coinbase_before
    }

    fn coinbase(&self) -> MutexGuard<'_, Coinbase> {
        self.coinbase
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// The coinbase as the transaction at this place, which is not committed, finds it. Every transaction before it must have been executed.
    pub(super) fn coinbase_account(&self, place: usize) -> Result<Option<AccountState>, Trouble> {
        let Coinbase {
            committed,
            mut account,
        } = *self.coinbase();
        for transaction in committed..place {
            let blocked = Trouble::Blocked(transaction);
            let Some(slot) = self.slot(transaction).filter(|slot| !slot.estimate) else {
                return Err(blocked);
            };
            match slot.attempt.as_ref().map(|attempt| &attempt.end) {
                None => return Err(blocked),
                // The block ends there.
                Some(End::Refused(_) | End::Unsettled(_)) => {}
                // Only a guess can come by where accesses were not noted: they are known as soon as their stretch is over.
                Some(End::Ran { outcome, credit }) => {
                    if let Some(access) = &outcome.access {
                        account = self.coinbase_after(account, access, *credit)?;
                    }
                }
            }
        }
        Ok(account)
    }

    /// The coinbase after a transaction.
    fn coinbase_after(
        &self,
        before: Option<AccountState>,
        access: &Access,
        credit: Option<usize>,
    ) -> Result<Option<AccountState>, Trouble> {
        let coinbase = self.context.environment.coinbase;
        let mut account = before;
        let mut changes = access.accounts.iter().enumerate();
        if let Some((place, change)) = changes.find(|(_, change)| change.address == coinbase) {
            account = match credit == Some(place) {
                true => credited(account, credited_wei(change)).ok_or(Trouble::Overflow)?,
                false => change.after,
            };
        }
        Ok(with_tip(account, access))
    }

    /// Commits a transaction's effect on the coinbase; all before it are committed, and nothing about it is a guess.
    pub(super) fn commit_coinbase(&self, place: usize, access: &Access) -> Result<(), Trouble> {
        let mut coinbase = self.coinbase();
        coinbase.account = self.coinbase_after(coinbase.account, access, None)?;
        coinbase.committed = place + 1;
        Ok(())
    }

    /// Says what the coinbase is after so many transactions, which are committed.
    pub(super) fn set_coinbase(&self, committed: usize, account: Option<AccountState>) {
        *self.coinbase() = Coinbase { committed, account };
    }

    /// Makes what a transaction did visible to the transactions after it. Gives whether one of them may have read what was there before.
    pub(super) fn publish(&self, transaction: usize, attempt: Attempt) -> bool {
        let Some(mut slot) = self.slot(transaction) else {
            return false;
        };
        let memory = &self.memory;
        let mut read_above = false;
        if let Some(old) = slot.attempt.take() {
            for address in old.written_accounts() {
                if attempt.account_write(address).is_none() {
                    read_above |= memory.accounts.remove(memory.hash(address), transaction);
                }
            }
            for address in old.written_code_hashes() {
                if attempt.code_hash_write(address).is_none() {
                    read_above |= memory.code_hashes.remove(memory.hash(address), transaction);
                }
            }
            for key in old.written_slots() {
                if attempt.slot_write(&key).is_none() {
                    read_above |= memory.storage.remove(memory.hash(&key), transaction);
                }
            }
        }
        for address in attempt.written_accounts() {
            read_above |= memory.accounts.add(memory.hash(address), transaction);
        }
        for address in attempt.written_code_hashes() {
            read_above |= memory.code_hashes.add(memory.hash(address), transaction);
        }
        for key in attempt.written_slots() {
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

/// Whether some transaction runs code; of those without data a sample is asked. Blocks of plain transfers are cheaper on an overlay, since accounts are large in
/// revm's journal.
fn runs_code(base: &dyn StateReader, transactions: &[SignedTransaction]) -> bool {
    let step = (transactions.len() / SAMPLE).max(1);
    let mut sample = transactions.iter().step_by(step);
    transactions.iter().any(|sent| !sent.data.is_empty())
        || sample.any(|sent| {
            // A store that cannot be read shows again when the transaction is executed.
            let recipient = sent.to.and_then(|to| base.account(&to).ok().flatten());
            recipient.is_some_and(|recipient| recipient.has_code())
        })
}

/// The coinbase with a transaction's tip. As revm: a tip that would overflow the balance is lost.
pub(super) fn with_tip(coinbase: Option<AccountState>, access: &Access) -> Option<AccountState> {
    credited(coinbase, access.tip).unwrap_or(coinbase)
}
