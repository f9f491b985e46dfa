//! What all workers of a block share.

use alloy_primitives::Address;
use crossbeam_utils::CachePadded;

use super::attempt::{Attempt, End, Slot, credited_wei};
use super::ledger::Left;
use super::memory::{Memory, Trouble, credited};
use super::publications::Publications;
use super::scheduler::Scheduler;
use super::sync::{Mutex, MutexGuard};
use super::tuning::GUESS_MEMORY;
use super::writers::Reader;
use crate::error::MemoryFault;
use crate::execution::machine::{BlockContext, MEMORY_LIMIT};
use crate::execution::outcome::{Access, AccountState};
use crate::execution::reader::BlockHashes;
use crate::execution::statistics::Location;
use crate::transaction::{Refusal, SignedTransaction};

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
    /// Of batches.
    pub(super) publications: Publications,
    /// Most bytes that a transaction may hold where all before it is final.
    final_memory: u64,
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
        final_memory: u64,
    ) -> crate::Result<Self> {
        let coinbase_before = memory.base.account(&context.environment.coinbase)?;
        Ok(Self {
            context,
            hashes,
            transactions,
            memory,
            scheduler,
            publications: Publications::default(),
            final_memory: final_memory.min(MEMORY_LIMIT),
            coinbase_before,
            coinbase: CachePadded::new(Mutex::new(Coinbase {
                committed: 0,
                account: coinbase_before,
            })),
        })
    }

    /// Most bytes that a transaction may hold.
    pub(super) fn memory_limit(&self, reader: Reader) -> u64 {
        match reader {
            // Not more than in the end: what is refused must not depend on who guessed.
            Reader::Execution { .. } => GUESS_MEMORY.min(self.final_memory),
            Reader::Final => self.final_memory,
        }
    }

    /// Why a transaction is refused that holds too much memory although all before it is final.
    pub(super) fn over_limit(&self) -> Refusal {
        Refusal::WouldNotFit(MemoryFault::Transaction {
            limit: self.final_memory,
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
        let mut next = committed;
        while next < place {
            let transaction = next;
            // What is below was claimed before.
            next += self.scheduler.length(transaction).max(1);
            let blocked = Trouble::Blocked(transaction);
            let Some(slot) = self.slot(transaction).filter(|slot| !slot.estimate) else {
                return Err(blocked);
            };
            match slot.attempt.as_ref().map(|attempt| &attempt.end) {
                None => return Err(blocked),
                // The block ends there.
                Some(End::Refused(_) | End::Unsettled(_)) => {}
                Some(End::Ran { outcome, credit }) => {
                    if let Some(access) = &outcome.access {
                        account = self.coinbase_after(account, access, *credit)?;
                    }
                }
                Some(End::Batch(left)) => account = left.coinbase_after(account),
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

    /// As [`Self::commit_coinbase`], for a batch.
    pub(super) fn commit_coinbase_of(&self, place: usize, left: &Left) {
        let mut coinbase = self.coinbase();
        coinbase.account = left.coinbase_after(coinbase.account);
        coinbase.committed = place + self.scheduler.length(place);
    }

    /// Makes what a transaction did visible to the transactions after it. Gives whether one of them may have read what was there before.
    pub(super) fn publish(&self, transaction: usize, attempt: Attempt) -> bool {
        let Some(mut slot) = self.slot(transaction) else {
            return false;
        };
        let memory = &self.memory;
        let mut read_above = false;
        let mut hashes = Vec::new();
        let old = slot.attempt.take();
        if let Some(old) = &old {
            old.each_write(memory, |hash, written| {
                if !attempt.writes(hash, &written) {
                    read_above |= memory.writers(&written).remove(hash, transaction);
                    hashes.push(written.hash(hash));
                }
            });
        }
        if self.scheduler.is_grouped() {
            // One look after the other, so that no change has to wait for what is far away.
            attempt.each_write(memory, |hash, written| {
                memory.writers(&written).approach(hash);
                let old = old.as_ref();
                if !old.is_some_and(|old| old.writes_as(&attempt, hash, &written)) {
                    hashes.push(written.hash(hash));
                }
            });
        }
        attempt.each_write(memory, |hash, written| {
            read_above |= memory.writers(&written).add(hash, transaction);
        });
        *slot = Slot {
            attempt: Some(attempt),
            estimate: false,
        };
        if self.scheduler.is_grouped() && !hashes.is_empty() {
            self.publications.push(transaction, &hashes);
        }
        read_above
    }

    /// Where something with this hash is, which the batch at a place wrote; or its first sender if it writes it no more.
    pub(super) fn written_at(&self, place: usize, hash: u64) -> Location {
        let sent = self.transactions.get(place);
        let mut found = Location::Account(sent.map_or(Address::ZERO, |sent| sent.sender));
        let slot = self.slot(place);
        if let Some(attempt) = slot.as_ref().and_then(|slot| slot.attempt.as_ref()) {
            attempt.each_write(&self.memory, |key, written| {
                if written.hash(key) == hash {
                    found = written.location();
                }
            });
        }
        found
    }

    /// Marks what a transaction wrote as about to be written again.
    pub(super) fn estimate(&self, transaction: usize) {
        if let Some(mut slot) = self.slot(transaction) {
            slot.estimate = true;
        }
    }
}

/// The coinbase with a transaction's tip. As revm: a tip that would overflow the balance is lost.
pub(super) fn with_tip(coinbase: Option<AccountState>, access: &Access) -> Option<AccountState> {
    credited(coinbase, access.tip).unwrap_or(coinbase)
}
