//! One execution of a transaction, as it is kept until the block is done.

use alloy_primitives::{Address, B256, U256};

use super::keys::SlotKey;
use super::ledger::Left;
use super::memory::{AccountWrite, Memory, code_hash_of};
use super::publications::CODE_HASH;
use super::reads::{Origins, Reads};
use crate::execution::outcome::{
    Access, AccountState, AccountStateChange, Read, SlotChange, TransactionOutcome,
};
use crate::execution::statistics::Location;
use crate::transaction::Refusal;

/// What a transaction did, in a place of its own: it stays there from the execution to the end of the block and beyond.
pub(super) type Outcome = Box<TransactionOutcome>;

/// How an execution ended.
#[derive(Debug)]
pub(super) enum End {
    /// It may be included, and did this.
    Ran {
        /// As final as its reads.
        outcome: Outcome,
        /// Of a plain transfer: which of its accounts is the recipient, as long as that account's values are a guess. What it gets is not: the difference of
        /// the balances.
        credit: Option<usize>,
    },
    /// A batch whose accesses nobody asked for did this.
    Batch(Box<Left>),
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
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) origins: Origins,
    pub(super) end: End,
}

/// Something that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// An account.
    Account(Address),
    /// An account's code hash.
    CodeHash(Address),
    /// A slot.
    Slot(SlotKey),
}

impl Written {
    /// Where it is.
    pub(super) fn location(&self) -> Location {
        match self {
            Self::Account(address) | Self::CodeHash(address) => Location::Account(*address),
            Self::Slot((address, slot)) => Location::Storage(*address, *slot),
        }
    }

    /// The hash of what was written, given that of its key.
    pub(super) fn hash(&self, key: u64) -> u64 {
        match self {
            Self::Account(_) | Self::Slot(_) => key,
            Self::CodeHash(_) => key ^ CODE_HASH,
        }
    }
}

impl Attempt {
    /// In place of an execution that met a value which may not stay.
    pub(super) fn unsettled(at: Location) -> Self {
        Self {
            origins: Origins::default(),
            end: End::Unsettled(Box::new(at)),
        }
    }

    /// An execution of a batch.
    pub(super) fn batch(left: Left) -> Self {
        Self {
            origins: Origins::default(),
            end: End::Batch(Box::new(left)),
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
    pub(super) fn account_write(&self, hash: u64, address: &Address) -> Option<AccountWrite> {
        if let End::Batch(left) = &self.end {
            return left.account_write(hash, address);
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
    pub(super) fn code_hash_write(&self, hash: u64, address: &Address) -> Option<B256> {
        if let End::Batch(left) = &self.end {
            return left.code_hash_write(hash, address);
        }
        let (accounts, _) = self.accounts();
        let place = accounts.binary_search_by_key(address, |change| change.address);
        let change = accounts.get(place.ok()?)?;
        let after = code_hash_of(&change.after);
        (code_hash_of(&change.before) != after).then_some(after)
    }

    /// What it leaves in a slot, if it changes it.
    pub(super) fn slot_write(&self, hash: u64, key: &SlotKey) -> Option<U256> {
        if let End::Batch(left) = &self.end {
            return left.slot_write(hash, key);
        }
        let slots = self.storage();
        let place = slots.binary_search_by_key(key, |change| (change.address, change.slot));
        Some(slots.get(place.ok()?)?.after)
    }

    /// Whether everything in it may be included.
    pub(super) fn is_whole(&self) -> bool {
        match &self.end {
            End::Ran { .. } => true,
            End::Batch(left) => left.refusal.is_none(),
            End::Refused(_) | End::Unsettled(_) => false,
        }
    }

    /// Whether it writes something.
    pub(super) fn writes(&self, hash: u64, written: &Written) -> bool {
        match written {
            Written::Account(address) => self.account_write(hash, address).is_some(),
            Written::CodeHash(address) => self.code_hash_write(hash, address).is_some(),
            Written::Slot(key) => self.slot_write(hash, key).is_some(),
        }
    }

    /// Whether it writes the same as another.
    pub(super) fn writes_as(&self, other: &Self, hash: u64, written: &Written) -> bool {
        match written {
            Written::Account(address) => {
                self.account_write(hash, address) == other.account_write(hash, address)
            }
            Written::CodeHash(address) => {
                self.code_hash_write(hash, address) == other.code_hash_write(hash, address)
            }
            Written::Slot(key) => self.slot_write(hash, key) == other.slot_write(hash, key),
        }
    }

    /// Everything that it writes, with the hashes of the keys; the memory knows them.
    pub(super) fn each_write(&self, memory: &Memory<'_>, mut each: impl FnMut(u64, Written)) {
        let account = |hash, change: &AccountStateChange, each: &mut dyn FnMut(u64, Written)| {
            each(hash, Written::Account(change.address));
            if code_hash_of(&change.before) != code_hash_of(&change.after) {
                each(hash, Written::CodeHash(change.address));
            }
        };
        if let End::Batch(left) = &self.end {
            for (hash, change) in left.accounts() {
                account(hash, change, &mut each);
            }
            for (hash, address, _) in left.credits() {
                each(hash, Written::Account(*address));
            }
            for (hash, change) in left.slots() {
                each(hash, Written::Slot((change.address, change.slot)));
            }
            return;
        }
        let (accounts, credit) = self.accounts();
        for (place, change) in accounts.iter().enumerate() {
            if credit == Some(place) || change.before != change.after {
                account(memory.hash(&change.address), change, &mut each);
            }
        }
        for change in self.storage() {
            let key = (change.address, change.slot);
            each(memory.hash(&key), Written::Slot(key));
        }
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
