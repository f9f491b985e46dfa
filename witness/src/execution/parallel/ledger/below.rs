//! The state under a ledger: what the block's transactions before the batch left, and what the batch asked for so far.

use alloy_primitives::{Address, B256, U256};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use revm::state::{AccountInfo, Bytecode};

use super::left::{Credit, Left};
use super::loaded::Loaded;
use crate::error::NotProvable;
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::codes::Codes;
use crate::execution::parallel::memory::{CodeHash, Found, Trouble, credited};
use crate::execution::parallel::publications::Filter;
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
    /// What the batch asked for and, but for the journal, left.
    pub(super) left: Left,
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
            left: Left::default(),
            interruption: None,
            refused: None,
        }
    }

    /// Before anything else about a batch, with room for about so many accounts and slots.
    pub(super) fn begin(&mut self, first: usize, reader: Reader, room: (usize, usize)) {
        (self.first, self.reader) = (first, reader);
        self.seen = self.written.follow(&self.shared.publications, self.seen);
        self.index.clear();
        self.left = Left {
            accounts: Loaded::with_capacity(room.0),
            slots: Loaded::with_capacity(room.1),
            seen: self.seen,
            ..Left::default()
        };
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

    /// Notes who wrote a value; gives it, and whether nothing in the block did.
    fn found<V>(&mut self, found: Found<V>) -> (V, bool) {
        self.left.newest = self.left.newest.max(found.writer);
        (found.value, found.writer.is_none())
    }

    /// Where an account is, if the batch asked for it.
    pub(super) fn find(&self, address: &Address) -> Option<At> {
        let hash = self.shared.memory.hash(address);
        let found = self
            .index
            .find(hash, |at| address_at(&self.left, *at) == Some(address));
        found.copied()
    }

    /// Loads a whole account, unless it is here. What credits gave it is in it.
    pub(super) fn load(&mut self, address: Address) -> Result<At, Interrupted> {
        let hash = self.shared.memory.hash(&address);
        let known = self
            .index
            .find(hash, |at| address_at(&self.left, *at) == Some(&address));
        let credit = match known {
            Some(At::Credit(place)) => Some(*place),
            Some(at) => return Ok(*at),
            None => None,
        };
        let (before, from_base) = self.read(hash, address)?;
        let mut after = before;
        if address == self.shared.context.environment.coinbase {
            self.left.coinbase = Some(self.left.accounts.len());
            // As revm: a tip that would overflow the balance is lost.
            let tips = core::mem::take(&mut self.left.tips);
            after = credited(before, tips).unwrap_or(before);
        }
        if let Some(credit) = credit.and_then(|place| self.left.credits.get_mut(place)) {
            credit.is_known = true;
            let sum = credited(before, credit.wei).ok_or(Trouble::Overflow);
            after = self.settle(sum, Location::Account(address))?;
        }
        let change = AccountStateChange {
            address,
            before,
            after,
        };
        let place = self.left.accounts.push(hash, from_base, change);
        let at = At::Account(place);
        self.put(hash, &address, at);
        Ok(at)
    }

    fn read(
        &mut self,
        hash: u64,
        address: Address,
    ) -> Result<(Option<AccountState>, bool), Interrupted> {
        let (shared, first) = (self.shared, self.first);
        let memory = &shared.memory;
        let at = Location::Account(address);
        if address == shared.context.environment.coinbase {
            let found = self.settle(shared.coinbase_account(first), at)?;
            // Everybody before pays it.
            self.left.newest = first.checked_sub(1);
            return Ok((found, false));
        }
        if !self.written.has(hash) {
            let found = memory.base.account(&address).map_err(Trouble::from);
            return Ok((self.settle(found, at)?, true));
        }
        let found = memory.account(hash, &address, first, Reader::Final);
        let found = self.settle(found, at)?;
        Ok(self.found(found))
    }

    /// Says where an account is.
    fn put(&mut self, hash: u64, address: &Address, at: At) {
        let (left, memory) = (&self.left, &self.shared.memory);
        let is_it = |known: &At| address_at(left, *known) == Some(address);
        let rehash = |known: &At| address_at(left, *known).map_or(0, |known| memory.hash(known));
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
        let found = memory.code_hash(hash, address, self.first, Reader::Final);
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

    /// Says that a balance would be 2^256 or more.
    pub(super) fn overflow(&mut self, at: Location) -> Interrupted {
        self.interruption = Some(Interruption::Overflow { at });
        Interrupted
    }

    /// Gives wei to an account without code that the batch did not ask for.
    pub(super) fn credit(&mut self, address: Address, code_hash: &CodeHash, wei: U256) {
        let hash = self.shared.memory.hash(&address);
        let at = At::Credit(self.left.credits.len());
        self.left.credits.push(Credit {
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
fn address_at(left: &Left, at: At) -> Option<&Address> {
    match at {
        At::Journal(place) | At::Account(place) => {
            left.accounts.get(place).map(|change| &change.address)
        }
        At::Credit(place) => left.credits.get(place).map(|credit| &credit.address),
    }
}

impl revm::Database for Below<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let (At::Account(place) | At::Journal(place)) = self.load(address)? else {
            return Ok(None);
        };
        let (Some(hash), Some(change)) = (
            self.left.accounts.hash(place),
            self.left.accounts.get(place),
        ) else {
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
        let (hash, at) = (memory.hash(&key), Location::Storage(address, slot));
        let (before, from_base) = if self.written.has(hash) {
            let found = memory.storage(hash, &key, self.first, Reader::Final);
            let found = self.settle(found, at)?;
            self.found(found)
        } else {
            let found = memory.base.storage(&address, &slot).map_err(Trouble::from);
            (self.settle(found, at)?, true)
        };
        let change = SlotChange {
            address,
            slot,
            before,
            after: before,
        };
        self.left.slots.push(hash, from_base, change);
        Ok(before)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Interrupted> {
        let found = self.shared.hashes.get(number);
        found.ok_or_else(|| {
            self.refused = Some(NotProvable::UnknownBlockHash(number));
            Interrupted
        })
    }
}
