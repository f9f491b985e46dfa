//! The state as one transaction sees it.

use alloy_primitives::{Address, B256, U256};
use revm::database_interface::DBErrorMarker;
use revm::state::{AccountInfo, Bytecode};

use super::codes::Codes;
use super::memory::{CodeHash, Trouble};
use super::reads::Reads;
use super::shared::Shared;
use super::writers::Reader;
use crate::error::{Error, NotProvable};
use crate::execution::outcome::{AccountState, Read};
use crate::execution::statistics::Location;

/// Why an execution did not come to its end.
#[derive(Debug)]
pub(super) enum Interruption {
    /// It needs a value that this transaction is about to write again.
    Blocked { on: usize, at: Location },
    /// Credits that are not settled yet make a balance of 2^256 or more.
    Overflow { at: Location },
    /// The store, or a fault of this program.
    Fatal(Error),
}

impl Interruption {
    pub(super) fn from_trouble(trouble: Trouble, at: Location) -> Self {
        match trouble {
            Trouble::Blocked(on) => Self::Blocked { on, at },
            Trouble::Overflow => Self::Overflow { at },
            Trouble::Store(error) => Self::Fatal(error),
        }
    }

    /// The reason of an interrupted read.
    pub(super) fn or_missing(reason: Option<Self>) -> Self {
        let missing = || {
            Self::Fatal(Error::Internal(
                "a read broke off without reason".to_owned(),
            ))
        };
        reason.unwrap_or_else(missing)
    }
}

/// What revm is told when a read is interrupted; the reason stays in the view.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a read was interrupted")]
pub(super) struct Interrupted;

impl DBErrorMarker for Interrupted {}

/// See the module.
pub(super) struct View<'a> {
    shared: &'a Shared<'a>,
    place: usize,
    reader: Reader,
    pub(super) reads: Reads,
    codes: Codes,
    sender: Option<(Address, Option<AccountState>)>,
    interruption: Option<Interruption>,
    /// Why the transaction cannot be part of the rollup, if it got that far.
    pub(super) refused: Option<NotProvable>,
}

impl<'a> View<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            place: 0,
            reader: Reader::Final,
            reads: Reads::default(),
            codes: Codes::default(),
            sender: None,
            interruption: None,
            refused: None,
        }
    }

    /// Before anything else about a transaction.
    pub(super) fn begin(&mut self, place: usize, reader: Reader) {
        self.place = place;
        self.reader = reader;
        self.reads.begin(self.shared.scheduler.waves());
        self.sender = None;
        self.interruption = None;
        self.refused = None;
    }

    /// Why the last read was interrupted.
    pub(super) fn interruption(&mut self) -> Interruption {
        Interruption::or_missing(self.interruption.take())
    }

    fn settle<T>(&mut self, found: Result<T, Trouble>, at: Location) -> Result<T, Interrupted> {
        found.map_err(|trouble| {
            self.interruption = Some(Interruption::from_trouble(trouble, at));
            Interrupted
        })
    }

    /// An account and whether it is as before the block.
    fn find(&mut self, address: Address) -> Result<(Option<AccountState>, bool), Interrupted> {
        let (shared, place) = (self.shared, self.place);
        if address == shared.context.environment.coinbase {
            self.reads.unwatched();
            let found = shared.coinbase_account(place).map(|value| (value, false));
            return self.settle(found, Location::Account(address));
        }
        let memory = &shared.memory;
        let found = memory.account(memory.hash(&address), &address, place, self.reader);
        let found = found.map(|found| (found.value, found.from_base));
        self.settle(found, Location::Account(address))
    }

    fn account(&mut self, address: Address) -> Result<Option<AccountState>, Interrupted> {
        let (value, from_base) = self.find(address)?;
        self.reads.push(Read::Account { address, value }, from_base);
        Ok(value)
    }

    pub(super) fn sender(&mut self, address: Address) -> Result<Option<AccountState>, Interrupted> {
        let value = self.account(address)?;
        self.sender = Some((address, value));
        Ok(value)
    }

    /// The sender as it was read: an empty account that is there is not an absent one.
    pub(super) fn sender_before(&self) -> Option<AccountState> {
        self.sender.and_then(|(_, account)| account)
    }

    pub(super) fn code_hash(&mut self, address: Address) -> Result<CodeHash, Interrupted> {
        let (memory, place) = (&self.shared.memory, self.place);
        let found = memory.code_hash(memory.hash(&address), &address, place, self.reader);
        let found = self.settle(found, Location::Account(address))?;
        let from_base = found.account.is_some();
        let value = found.value;
        self.reads
            .push(Read::CodeHash { address, value }, from_base);
        Ok(found)
    }

    pub(super) fn slot(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let key = (address, slot);
        let memory = &self.shared.memory;
        let found = memory.storage(memory.hash(&key), &key, self.place, self.reader);
        let found = self.settle(found, Location::Storage(address, slot))?;
        let read = Read::Storage {
            address,
            slot,
            value: found.value,
        };
        self.reads.push(read, found.from_base);
        Ok(found.value)
    }
}

impl revm::Database for View<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let value = match self.sender {
            Some((sender, value)) if sender == address => value,
            _ => self.account(address)?,
        };
        Ok(value.map(AccountInfo::from))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        let shared = self.shared;
        let found = self.codes.get(&hash, || shared.memory.code(&hash));
        found.map_err(|error| {
            self.interruption = Some(Interruption::Fatal(error));
            Interrupted
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        self.slot(address, slot)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Interrupted> {
        let Some(value) = self.shared.hashes.get(number) else {
            self.refused = Some(NotProvable::UnknownBlockHash(number));
            return Err(Interrupted);
        };
        self.reads.push(Read::BlockHash { number, value }, true);
        Ok(value)
    }
}
