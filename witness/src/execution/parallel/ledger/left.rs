//! What the transactions of a batch did together: what they asked for, what they left, and what each of them returned.

use alloy_primitives::{Address, B256, U256};

use super::grouped::Grouped;
use super::loaded::Change;
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::attempt::Outcome;
use crate::execution::parallel::keys::SlotKey;
use crate::execution::parallel::memory::{AccountWrite, Trouble, code_hash_of, credited};
use crate::execution::parallel::publications::Met;
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

impl Change for Credit {
    type Key = Address;

    fn key(&self) -> Address {
        self.address
    }

    fn is_change(&self) -> bool {
        !self.is_known
    }
}

/// What accounts got whose balance nobody asked for.
#[derive(Debug)]
pub(super) enum Credits {
    /// This.
    Open(Grouped<Credit>),
    /// And this is what it made of them.
    Settled(Grouped<AccountStateChange>),
}

/// The coinbase with these tips, if there were any. As revm: tips that would overflow the balance are lost.
pub(super) fn rewarded(before: Option<AccountState>, tips: Option<U256>) -> Option<AccountState> {
    let after = tips.and_then(|tips| credited(before, tips));
    after.unwrap_or(before)
}

/// What became of the coinbase.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coinbase {
    /// Nobody asked for it; it gets these tips, if there was a transaction.
    Tips(Option<U256>),
    /// Somebody did. Tips are in it.
    Known {
        before: Option<AccountState>,
        after: Option<AccountState>,
    },
}

/// See the module.
#[derive(Debug)]
pub(in crate::execution::parallel) struct Left {
    pub(in crate::execution::parallel) outcomes: Vec<Outcome>,
    /// Why the transaction after these may not be included.
    pub(in crate::execution::parallel) refusal: Option<Refusal>,
    /// What they asked for, the coinbase left out.
    pub(super) asked: Box<[u64]>,
    /// How much others had said of what they wrote when they looked last.
    pub(super) seen: usize,
    /// Whether others below said what they wrote while these were executed.
    pub(in crate::execution::parallel) was_beside: bool,
    pub(super) coinbase: Coinbase,
    /// Accounts and slots that are not as before, the coinbase left out.
    pub(super) accounts: Grouped<AccountStateChange>,
    pub(super) slots: Grouped<SlotChange>,
    pub(super) credits: Credits,
}

impl Left {
    /// The accounts that are not as before, with the hashes of their keys. The coinbase, which is kept apart, is left out.
    pub(in crate::execution::parallel) fn accounts(
        &self,
    ) -> impl Iterator<Item = (u64, &AccountStateChange)> {
        let settled = match &self.credits {
            Credits::Open(_) => None,
            Credits::Settled(settled) => Some(settled.iter()),
        };
        let settled = settled.into_iter().flatten();
        let settled = settled.filter(|(_, change)| change.is_change());
        self.accounts.iter().chain(settled)
    }

    /// The slots that are not as before, with the hashes of their keys.
    pub(in crate::execution::parallel) fn slots(&self) -> impl Iterator<Item = (u64, &SlotChange)> {
        self.slots.iter()
    }

    /// Who gets how much, whatever they had, with the hashes of their keys.
    pub(in crate::execution::parallel) fn credits(
        &self,
    ) -> impl Iterator<Item = (u64, &Address, U256)> {
        let open = match &self.credits {
            Credits::Open(open) => Some(open.iter()),
            Credits::Settled(_) => None,
        };
        let credits = open.into_iter().flatten();
        credits.map(|(hash, credit)| (hash, &credit.address, credit.wei))
    }

    /// What it does to an account, if it changes it.
    pub(in crate::execution::parallel) fn account_write(
        &self,
        hash: u64,
        address: &Address,
    ) -> Option<AccountWrite> {
        if let Some(change) = self.accounts.find(hash, address) {
            return Some(AccountWrite::Full(change.after));
        }
        match &self.credits {
            Credits::Open(open) => {
                let credit = open.find(hash, address)?;
                Some(AccountWrite::Credit(credit.wei))
            }
            Credits::Settled(settled) => {
                let change = settled.find(hash, address)?;
                change
                    .is_change()
                    .then_some(AccountWrite::Full(change.after))
            }
        }
    }

    /// The code hash that it leaves an account, if it changes it.
    pub(in crate::execution::parallel) fn code_hash_write(
        &self,
        hash: u64,
        address: &Address,
    ) -> Option<B256> {
        let change = self.accounts.find(hash, address)?;
        let after = code_hash_of(&change.after);
        (code_hash_of(&change.before) != after).then_some(after)
    }

    /// What it leaves in a slot, if it changes it.
    pub(in crate::execution::parallel) fn slot_write(
        &self,
        hash: u64,
        key: &SlotKey,
    ) -> Option<U256> {
        Some(self.slots.find(hash, key)?.after)
    }

    /// The coinbase after it.
    pub(in crate::execution::parallel) fn coinbase_after(
        &self,
        before: Option<AccountState>,
    ) -> Option<AccountState> {
        match self.coinbase {
            Coinbase::Tips(tips) => rewarded(before, tips),
            Coinbase::Known { after, .. } => after,
        }
    }

    /// Where the batch at this place asked for something that was written below it since it looked last, if anywhere.
    pub(in crate::execution::parallel) fn stale(
        &self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<Option<Location>, Trouble> {
        if let Met::Written { place, hash } = self.meet(shared, place) {
            return Ok(Some(shared.written_at(place, hash)));
        }
        let Coinbase::Known { before, .. } = self.coinbase else {
            return Ok(None);
        };
        let is_other = match shared.coinbase_account(place) {
            Ok(found) => found != before,
            Err(Trouble::Blocked(_) | Trouble::Overflow) => true,
            Err(store) => return Err(store),
        };
        let coinbase = shared.context.environment.coinbase;
        Ok(is_other.then_some(Location::Account(coinbase)))
    }

    fn meet(&self, shared: &Shared<'_>, place: usize) -> Met {
        shared.publications.meet(self.seen, place, &self.asked)
    }

    /// Whether nothing that it asked for was written below it since it looked last.
    pub(in crate::execution::parallel) fn is_untouched(
        &self,
        shared: &Shared<'_>,
        place: usize,
    ) -> bool {
        // Nobody says that the coinbase changed.
        matches!(self.coinbase, Coinbase::Tips(_))
            && matches!(self.meet(shared, place), Met::Nothing { .. })
    }

    /// Looks again what was written; gives whether it asked for something of that.
    pub(in crate::execution::parallel) fn look_again(
        &mut self,
        shared: &Shared<'_>,
        place: usize,
    ) -> bool {
        match self.meet(shared, place) {
            Met::Nothing { now, beside } => {
                self.seen = now;
                self.was_beside |= beside;
                false
            }
            Met::Written { .. } => true,
        }
    }

    /// Says what accounts credits leave, so that nobody has to add up again. Everything below `place` is committed.
    pub(in crate::execution::parallel) fn settle(
        &mut self,
        shared: &Shared<'_>,
        place: usize,
    ) -> Result<(), Trouble> {
        let memory = &shared.memory;
        let nothing = Credits::Open(Grouped::new(core::iter::empty()));
        let open = match core::mem::replace(&mut self.credits, nothing) {
            Credits::Open(open) => open,
            settled @ Credits::Settled(_) => {
                self.credits = settled;
                return Ok(());
            }
        };
        let settled: Result<_, Trouble> = open.try_map(|hash, credit| {
            let Credit { address, wei, .. } = credit;
            let before = match credit.guess {
                Some(guess) if memory.accounts.below(hash, place).is_none() => guess,
                _ => memory.account(hash, &address, place, Reader::Final)?.value,
            };
            let after = credited(before, wei).ok_or(Trouble::Overflow)?;
            Ok(AccountStateChange {
                address,
                before,
                after,
            })
        });
        self.credits = Credits::Settled(settled?);
        Ok(())
    }
}
