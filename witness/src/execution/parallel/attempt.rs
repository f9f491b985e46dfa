//! One execution of a transaction, as it is kept until the block is done.

use alloy_primitives::{Address, B256, U256};

use super::keys::SlotKey;
use super::ledger::Left;
use super::memory::{AccountWrite, code_hash_of};
use super::reads::{Origins, Reads};
use crate::execution::outcome::{
    Access, AccountState, AccountStateChange, Read, SlotChange, TransactionOutcome,
};
use crate::execution::statistics::Location;
use crate::transaction::Refusal;

/// What a transaction did, in a place of its own: it stays there from the execution to the end of the block and beyond.
pub(super) type Outcome = Box<TransactionOutcome>;

/// How an execution ended.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// It may be included, and did this.
    Ran {
        /// As final as its reads.
        outcome: Outcome,
        /// Of a plain transfer: which of its accounts is the recipient, as long as that account's values are a guess. What it gets is not: the difference of
        /// the balances.
        credit: Option<usize>,
    },
    /// It may not be included, or cannot be part of the rollup.
    Refused(Box<Refused>),
    /// It met a value that may not stay. This never counts as valid.
    Unsettled(Box<Location>),
}

/// A transaction that is refused, as far as its reads are final.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) reads: Vec<Read>,
    pub(super) refusal: Refusal,
}

/// See the module.
pub(super) struct Attempt {
    pub(super) origins: Origins,
    pub(super) end: End,
    /// Of the last transaction of a stretch whose accesses nobody asked for: what the whole stretch left. It stands for all of them.
    pub(super) left: Option<Box<Left>>,
}

impl Attempt {
    /// In place of an execution that met a value which may not stay.
    pub(super) fn unsettled(at: Location) -> Self {
        Self {
            origins: Origins::default(),
            end: End::Unsettled(Box::new(at)),
            left: None,
        }
    }

    /// An execution whose reads are final and were not noted.
    pub(super) fn unnoted(outcome: Outcome) -> Self {
        let credit = None;
        Self {
            origins: Origins::default(),
            end: End::Ran { outcome, credit },
            left: None,
        }
    }

    pub(super) fn refused(reads: &Reads, refusal: Refusal) -> Self {
        let refused = Refused {
            reads: reads.list.clone(),
            refusal,
        };
        Self {
            origins: reads.origins,
            end: End::Refused(Box::new(refused)),
            left: None,
        }
    }

    fn access(&self) -> Option<&Access> {
        match &self.end {
            End::Ran { outcome, .. } => outcome.access.as_deref(),
            _ => None,
        }
    }

    /// What it read, in the order of asking.
    pub(super) fn reads(&self) -> &[Read] {
        match &self.end {
            End::Refused(refused) => &refused.reads,
            _ => self.access().map_or(&[], |access| &access.reads),
        }
    }

    fn storage(&self) -> &[SlotChange] {
        self.access().map_or(&[], |access| &access.storage)
    }

    fn accounts(&self) -> (&[AccountStateChange], Option<usize>) {
        let accounts = self.access().map_or(&[][..], |access| &access.accounts);
        match &self.end {
            End::Ran { credit, .. } => (accounts, *credit),
            _ => (accounts, None),
        }
    }

    /// What it does to an account, if it changes it.
    pub(super) fn account_write(&self, address: &Address) -> Option<AccountWrite> {
        if let Some(left) = &self.left {
            return left.account(address).map(AccountWrite::Full);
        }
        let (accounts, credit) = self.accounts();
        let place = accounts.binary_search_by_key(address, |change| change.address);
        let place = place.ok()?;
        let change = accounts.get(place)?;
        if credit == Some(place) {
            return Some(AccountWrite::Credit(credited_wei(change)));
        }
        (change.before != change.after).then_some(AccountWrite::Full(change.after))
    }

    /// The code hash that it leaves an account, if it changes it.
    pub(super) fn code_hash_write(&self, address: &Address) -> Option<B256> {
        if let Some(left) = &self.left {
            return left.account(address).map(|account| code_hash_of(&account));
        }
        let (accounts, _) = self.accounts();
        let place = accounts.binary_search_by_key(address, |change| change.address);
        let change = accounts.get(place.ok()?)?;
        let after = code_hash_of(&change.after);
        (code_hash_of(&change.before) != after).then_some(after)
    }

    /// What it leaves in a slot, if it changes it.
    pub(super) fn slot_write(&self, key: &SlotKey) -> Option<U256> {
        if let Some(left) = &self.left {
            return left.slot(key);
        }
        let slots = self.storage();
        let place = slots.binary_search_by_key(key, |change| (change.address, change.slot));
        Some(slots.get(place.ok()?)?.after)
    }

    /// All accounts for which [`Self::account_write`] gives something.
    pub(super) fn written_accounts(&self) -> impl Iterator<Item = &Address> {
        let (accounts, credit) = self.accounts();
        let changed = accounts.iter().enumerate();
        let changed = changed
            .filter(move |(place, change)| credit == Some(*place) || change.before != change.after);
        changed.map(|(_, change)| &change.address)
    }

    /// All accounts for which [`Self::code_hash_write`] gives something.
    pub(super) fn written_code_hashes(&self) -> impl Iterator<Item = &Address> {
        let changed = self
            .accounts()
            .0
            .iter()
            .filter(|change| code_hash_of(&change.before) != code_hash_of(&change.after));
        changed.map(|change| &change.address)
    }

    /// All slots for which [`Self::slot_write`] gives something.
    pub(super) fn written_slots(&self) -> impl Iterator<Item = SlotKey> {
        let slots = self.storage().iter();
        slots.map(|change| (change.address, change.slot))
    }
}

/// What a recipient gets.
pub(super) fn credited_wei(change: &AccountStateChange) -> U256 {
    let balance =
        |account: &Option<AccountState>| account.map_or(U256::ZERO, |account| account.balance);
    balance(&change.after).saturating_sub(balance(&change.before))
}

/// The latest execution of a transaction.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) attempt: Option<Attempt>,
    /// Whether it is about to be executed again.
    pub(super) estimate: bool,
}
