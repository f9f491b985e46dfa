//! The state under a ledger: what the block's transactions before the batch left, and what the batch asked for so far.

use alloy_primitives::{Address, B256, U256};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use revm::state::{AccountInfo, Bytecode};

use super::grouped::Grouped;
use super::left::{Coinbase, Credit, Credits, Left, rewarded};
use super::loaded::{Change, Loaded};
use crate::error::NotProvable;
use crate::execution::machine::StorageOwners;
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::codes::Codes;
use crate::execution::parallel::memory::{CodeHash, Trouble, code_hash_of, credited};
use crate::execution::parallel::publications::{CODE_HASH, Filter};
use crate::execution::parallel::shared::Shared;
use crate::execution::parallel::view::{Interrupted, Interruption};
use crate::execution::parallel::writers::Reader;
use crate::execution::statistics::Location;

/// Keys that a transaction writes, about.
const WRITTEN_EACH: usize = 4;

/// Where an account of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the journal; here among the accounts.
    Journal(usize),
    /// Among the accounts, and revm never asked for it.
    Account(usize),
    /// Among the credits.
    Credit(usize),
}

/// See the module.
pub(super) struct Below<'a> {
    shared: &'a Shared<'a>,
    codes: Codes,
    /// What others wrote, as far as they had said so when the batch began, and how much that was.
    written: Filter,
    seen: usize,
    /// The first transaction of the batch.
    first: usize,
    reader: Reader,
    /// Where all accounts of the batch are, by the hashes of their keys.
    index: HashTable<At>,
    /// What the batch asked for; what it left there, but for what is in the journal.
    pub(super) accounts: Loaded<AccountStateChange>,
    pub(super) slots: Loaded<SlotChange>,
    pub(super) credits: Vec<Credit>,
    /// Where the coinbase is among the accounts, if somebody asked for it.
    coinbase: Option<usize>,
    /// Tips before that; `None` before the first, which takes a coinbase away that is there and empty (EIP-161), even if it is a tip of nothing.
    tips: Option<U256>,
    interruption: Option<Interruption>,
    /// Why a transaction cannot be part of the rollup, if it got that far.
    pub(super) refused: Option<NotProvable>,
}

impl<'a> Below<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            codes: Codes::default(),
            written: Filter::new(WRITTEN_EACH * shared.transactions.len()),
            seen: 0,
            first: 0,
            reader: Reader::Final,
            index: HashTable::new(),
            accounts: Loaded::default(),
            slots: Loaded::default(),
            credits: Vec::new(),
            coinbase: None,
            tips: None,
            interruption: None,
            refused: None,
        }
    }

    /// Before anything else about a batch.
    pub(super) fn begin(&mut self, first: usize, reader: Reader) {
        (self.first, self.reader) = (first, reader);
        self.seen = self.written.follow(&self.shared.publications, self.seen);
        self.index.clear();
        self.accounts.clear();
        self.slots.clear();
        self.credits.clear();
        self.coinbase = None;
        self.tips = None;
        self.interruption = None;
        self.refused = None;
    }

    /// Why the last read was interrupted.
    pub(super) fn interruption(&mut self) -> Interruption {
        Interruption::noted(self.interruption.take())
    }

    /// Whether plain transfers may credit an account without a look at its balance.
    pub(super) fn is_commutative(&self) -> bool {
        self.reader != Reader::Final
    }

    fn settle<T>(&mut self, found: Result<T, Trouble>, at: Location) -> Result<T, Interrupted> {
        found.map_err(|trouble| {
            self.interruption = Some(Interruption::new(trouble, at));
            Interrupted
        })
    }

    /// Where an account is, if the batch asked for it.
    pub(super) fn find(&self, address: &Address) -> Option<At> {
        let hash = self.shared.memory.hash(address);
        self.find_hashed(hash, address)
    }

    fn find_hashed(&self, hash: u64, address: &Address) -> Option<At> {
        let is_it = |at: &At| address_at(&self.accounts, &self.credits, *at) == Some(address);
        self.index.find(hash, is_it).copied()
    }

    /// Loads a whole account, unless it is here. What credits gave it is in it.
    pub(super) fn load(&mut self, address: Address) -> Result<At, Interrupted> {
        let hash = self.shared.memory.hash(&address);
        let credit = match self.find_hashed(hash, &address) {
            Some(At::Credit(place)) => Some(place),
            Some(at) => return Ok(at),
            None => None,
        };
        let before = self.read(hash, address)?;
        let mut after = before;
        if address == self.shared.context.environment.coinbase {
            self.coinbase = Some(self.accounts.len());
            after = rewarded(before, self.tips);
        }
        if let Some(credit) = credit.and_then(|place| self.credits.get_mut(place)) {
            credit.is_known = true;
            let sum = credited(before, credit.wei).ok_or(Trouble::Overflow);
            after = self.settle(sum, Location::Account(address))?;
        }
        let change = AccountStateChange {
            address,
            before,
            after,
        };
        let place = self.accounts.push(hash, change);
        let at = At::Account(place);
        self.put(hash, &address, at);
        Ok(at)
    }

    fn read(&mut self, hash: u64, address: Address) -> Result<Option<AccountState>, Interrupted> {
        let (shared, first) = (self.shared, self.first);
        let memory = &shared.memory;
        let found = if address == shared.context.environment.coinbase {
            shared.coinbase_account(first)
        } else if self.written.has(hash) {
            let found = memory.account(hash, &address, first, Reader::Final);
            found.map(|found| found.value)
        } else {
            memory.base.account(&address).map_err(Trouble::from)
        };
        self.settle(found, Location::Account(address))
    }

    /// Says where an account is.
    fn put(&mut self, hash: u64, address: &Address, at: At) {
        let (accounts, credits) = (&self.accounts, &self.credits);
        let is_it = |known: &At| address_at(accounts, credits, *known) == Some(address);
        let rehash = |known: &At| match known {
            At::Journal(place) | At::Account(place) => accounts.hash(*place).unwrap_or_default(),
            At::Credit(place) => credits.get(*place).map_or(0, |credit| credit.hash),
        };
        match self.index.entry(hash, is_it, rehash) {
            Entry::Occupied(mut known) => *known.get_mut() = at,
            Entry::Vacant(free) => {
                free.insert(at);
            }
        }
    }

    /// An account's code hash, for a transfer: its balance is not looked at.
    pub(super) fn code_hash(&mut self, address: &Address) -> Result<CodeHash, Interrupted> {
        let memory = &self.shared.memory;
        let hash = memory.hash(address);
        let found = if self.written.has(hash ^ CODE_HASH) {
            memory.code_hash(hash, address, self.first, Reader::Final)
        } else {
            let base = memory.base.account(address).map_err(Trouble::from);
            base.map(|base| CodeHash {
                value: code_hash_of(&base),
                account: Some(base),
            })
        };
        self.settle(found, Location::Account(*address))
    }

    /// Which of the accounts are in the journal.
    pub(super) fn in_journal(&self) -> impl Iterator<Item = usize> {
        let places = self.index.iter().map(|at| match at {
            At::Journal(place) => Some(*place),
            At::Account(_) | At::Credit(_) => None,
        });
        places.flatten()
    }

    /// Tips before somebody asked for the coinbase, or where it is among the accounts.
    pub(super) fn coinbase(&mut self) -> Result<usize, &mut Option<U256>> {
        self.coinbase.ok_or(&mut self.tips)
    }

    /// What the batch did, when the accounts and slots say what it left.
    pub(super) fn leave(&mut self) -> Left {
        let coinbase = match self.coinbase.and_then(|place| self.accounts.get(place)) {
            None => Coinbase::Tips(self.tips),
            Some(AccountStateChange { before, after, .. }) => Coinbase::Known {
                before: *before,
                after: *after,
            },
        };
        let asked = self.accounts.len() + self.slots.len() + self.credits.len();
        let mut asked = Vec::with_capacity(asked);
        for (place, hash) in self.accounts.hashes().iter().enumerate() {
            if Some(place) != self.coinbase {
                asked.push(*hash);
            }
        }
        asked.extend(self.slots.hashes());
        asked.extend(self.credits.iter().map(|credit| credit.hash ^ CODE_HASH));
        let credits = self.credits.iter().filter(|credit| credit.is_change());
        let credits = credits.map(|credit| (credit.hash, credit));
        Left {
            outcomes: Vec::new(),
            refusal: None,
            asked: asked.into(),
            seen: self.seen,
            was_beside: false,
            coinbase,
            accounts: Grouped::new(self.accounts.changed(self.coinbase)),
            slots: Grouped::new(self.slots.changed(None)),
            credits: Credits::Open(Grouped::new(credits)),
        }
    }

    /// Says that a balance would be 2^256 or more.
    pub(super) fn overflow(&mut self, at: Location) -> Interrupted {
        self.interruption = Some(Interruption::Overflow { at });
        Interrupted
    }

    /// Gives wei to an account without code that the batch did not ask for.
    pub(super) fn credit(&mut self, address: Address, code_hash: &CodeHash, wei: U256) {
        let hash = self.shared.memory.hash(&address);
        let at = At::Credit(self.credits.len());
        self.credits.push(Credit {
            address,
            hash,
            wei,
            guess: code_hash.account,
            is_known: false,
        });
        self.put(hash, &address, at);
    }
}

/// Whose account this is.
fn address_at<'b>(
    accounts: &'b Loaded<AccountStateChange>,
    credits: &'b [Credit],
    at: At,
) -> Option<&'b Address> {
    match at {
        At::Journal(place) | At::Account(place) => {
            accounts.get(place).map(|change| &change.address)
        }
        At::Credit(place) => credits.get(place).map(|credit| &credit.address),
    }
}

impl StorageOwners for Below<'_> {
    /// None: batches are executed on ordinary states alone.
    fn first_slot(&mut self, _: Address) -> Result<Option<U256>, Interrupted> {
        Ok(None)
    }
}

impl revm::Database for Below<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let (At::Account(place) | At::Journal(place)) = self.load(address)? else {
            return Ok(None);
        };
        let (Some(hash), Some(change)) = (self.accounts.hash(place), self.accounts.get(place))
        else {
            return Ok(None);
        };
        let account = change.after;
        self.put(hash, &address, At::Journal(place));
        Ok(account.map(AccountInfo::from))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        let shared = self.shared;
        let found = self.codes.get(&hash, false, || shared.memory.code(&hash));
        found.map_err(|error| {
            self.interruption = Some(Interruption::Fatal(error));
            Interrupted
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let (memory, key) = (&self.shared.memory, (address, slot));
        let hash = memory.hash(&key);
        let found = if self.written.has(hash) {
            let found = memory.storage(hash, &key, self.first, Reader::Final);
            found.map(|found| found.value)
        } else {
            memory.base.storage(&address, &slot).map_err(Trouble::from)
        };
        let before = self.settle(found, Location::Storage(address, slot))?;
        let change = SlotChange {
            address,
            slot,
            before,
            after: before,
        };
        self.slots.push(hash, change);
        Ok(before)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Interrupted> {
        let found = self.shared.hashes.get(number);
        found.ok_or_else(|| {
            let block = self.shared.context.environment.number;
            self.refused = Some(NotProvable::UnknownBlockHash { number, block });
            Interrupted
        })
    }
}
