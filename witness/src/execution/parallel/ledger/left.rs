//! What the transactions of a batch did together: what they asked for, what they left, and what each of them returned.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;

use super::loaded::{Change, Loaded};
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::attempt::Outcome;
use crate::execution::parallel::keys::SlotKey;
use crate::execution::parallel::memory::{AccountWrite, Trouble, code_hash_of, credited};
use crate::execution::parallel::publications::{CODE_HASH, Publications};
use crate::execution::parallel::reads::settled;
use crate::execution::parallel::shared::Shared;
use crate::execution::parallel::writers::Reader;
use crate::execution::statistics::Location;
use crate::transaction::Refusal;

/// Wei for an account without code whose balance nobody asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credit {
    pub(super) address: Address,
    pub(super) hash: u64,
    pub(super) wei: U256,
    /// The account before the block, if nothing in the block had changed more than its balance: it has no code.
    pub(super) guess: Option<Option<AccountState>>,
    /// Whether somebody asked for the balance after all, so that the account is among the others.
    pub(super) is_known: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(in crate::execution::parallel) struct Left {
    pub(in crate::execution::parallel) outcomes: Vec<Outcome>,
    /// Why the transaction after these may not be included.
    pub(in crate::execution::parallel) refusal: Option<Refusal>,
    pub(super) accounts: Loaded<AccountStateChange>,
    pub(super) slots: Loaded<SlotChange>,
    pub(super) credits: Vec<Credit>,
    /// Where the coinbase is among the accounts, if somebody asked for it: then tips are in it.
    pub(super) coinbase: Option<usize>,
    /// Tips, if nobody asked for the coinbase.
    pub(super) tips: U256,
    /// How much others had said of what they wrote when the batch looked.
    pub(in crate::execution::parallel) seen: usize,
    /// The latest transaction, or the first of its batch, that wrote something that these asked for.
    pub(in crate::execution::parallel) newest: Option<usize>,
}

impl Left {
    /// Whether something that it asked for may have been written below `place` since it last looked; and how much was said until now.
    pub(in crate::execution::parallel) fn meets(
        &self,
        publications: &Publications,
        place: usize,
    ) -> (bool, usize) {
        let credits = self.credits.iter().map(|credit| credit.hash ^ CODE_HASH);
        let asked: Vec<u64> = self
            .accounts
            .hashes()
            .chain(self.slots.hashes())
            .chain(credits)
            .collect();
        let (met, now) = publications.meet(self.seen, place, asked.into_iter());
        // Whether the coinbase changed nobody says.
        (met || self.coinbase.is_some(), now)
    }

    /// The accounts that are not as before, with the hashes of their keys. The coinbase, which is kept apart, is left out.
    pub(in crate::execution::parallel) fn accounts(
        &self,
    ) -> impl Iterator<Item = (u64, &AccountStateChange)> {
        let accounts = self.accounts.iter().enumerate();
        let changed =
            accounts.filter(|(place, (.., change))| change.is_change() && Some(*place) != self.coinbase);
        changed.map(|(_, (hash, _, change))| (hash, change))
    }

    /// The slots that are not as before, with the hashes of their keys.
    pub(in crate::execution::parallel) fn slots(&self) -> impl Iterator<Item = (u64, &SlotChange)> {
        let slots = self.slots.iter();
        slots
            .filter(|(.., change)| change.is_change())
            .map(|(hash, _, change)| (hash, change))
    }

    /// Who gets how much, whatever they had, with the hashes of their keys.
    pub(in crate::execution::parallel) fn credits(
        &self,
    ) -> impl Iterator<Item = (u64, &Address, U256)> {
        let credits = self.credits.iter().filter(|credit| !credit.is_known);
        credits.map(|credit| (credit.hash, &credit.address, credit.wei))
    }

    /// What it does to an account, if it changes it.
    pub(in crate::execution::parallel) fn account_write(
        &self,
        hash: u64,
        address: &Address,
    ) -> Option<AccountWrite> {
        if let Some(change) = self.accounts.changed(hash, address) {
            return Some(AccountWrite::Full(change.after));
        }
        let mut credits = self.credits();
        let (.., wei) = credits.find(|(of, to, _)| (*of, *to) == (hash, address))?;
        Some(AccountWrite::Credit(wei))
    }

    /// The code hash that it leaves an account, if it changes it.
    pub(in crate::execution::parallel) fn code_hash_write(
        &self,
        hash: u64,
        address: &Address,
    ) -> Option<B256> {
        let change = self.accounts.changed(hash, address)?;
        let after = code_hash_of(&change.after);
        (code_hash_of(&change.before) != after).then_some(after)
    }

    /// What it leaves in a slot, if it changes it.
    pub(in crate::execution::parallel) fn slot_write(&self, hash: u64, key: &SlotKey) -> Option<U256> {
        Some(self.slots.changed(hash, key)?.after)
    }

    /// The coinbase after it.
    pub(in crate::execution::parallel) fn coinbase_after(
        &self,
        before: Option<AccountState>,
        coinbase: &Address,
    ) -> Option<AccountState> {
        match self.coinbase.and_then(|place| self.accounts.get(place)) {
            Some(change) if change.address == *coinbase => change.after,
            // As revm: a tip that would overflow the balance is lost.
            _ => credited(before, self.tips).unwrap_or(before),
        }
    }

    /// The first location that the batch at this place would find to be another value now, if any.
    pub(in crate::execution::parallel) fn stale(
        &self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<Option<Location>, Trouble> {
        let (memory, reader) = (&shared.memory, Reader::Final);
        for (index, (hash, from_base, change)) in self.accounts.iter().enumerate() {
            let (address, before) = (&change.address, &change.before);
            let holds = if Some(index) == self.coinbase {
                settled(shared.coinbase_account(place), before)?
            } else if from_base && !memory.is_written(hash, address, place) {
                true
            } else {
                let found = memory.account(hash, address, place, reader);
                settled(found.map(|found| found.value), before)?
            };
            if !holds {
                return Ok(Some(Location::Account(*address)));
            }
        }
        for credit in &self.credits {
            let found = memory.code_hash(credit.hash, &credit.address, place, reader);
            if !settled(found.map(|found| found.value), &KECCAK_EMPTY)? {
                return Ok(Some(Location::Account(credit.address)));
            }
        }
        for (hash, from_base, change) in self.slots.iter() {
            if from_base && memory.storage.below(hash, place).is_none() {
                continue;
            }
            let found = memory.storage(hash, &change.key(), place, reader);
            if !settled(found.map(|found| found.value), &change.before)? {
                return Ok(Some(Location::Storage(change.address, change.slot)));
            }
        }
        Ok(None)
    }

    /// Says what accounts credits leave, so that nobody has to add up again. Everything below `place` is committed.
    pub(in crate::execution::parallel) fn settle(
        &mut self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<(), Trouble> {
        let memory = &shared.memory;
        for credit in core::mem::take(&mut self.credits) {
            if credit.is_known {
                continue;
            }
            let Credit { address, hash, .. } = credit;
            let before = match credit.guess {
                Some(guess) if memory.accounts.below(hash, place).is_none() => guess,
                _ => memory.account(hash, &address, place, Reader::Final)?.value,
            };
            let after = credited(before, credit.wei).ok_or(Trouble::Overflow)?;
            let change = AccountStateChange {
                address,
                before,
                after,
            };
            self.accounts.push(hash, false, change);
        }
        Ok(())
    }
}
