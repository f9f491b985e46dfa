//! The state as one transaction sees it.

use alloy_primitives::{Address, B256, U256};
use revm::database_interface::DBErrorMarker;
use revm::state::{AccountInfo, Bytecode};

use super::codes::Codes;
use super::memory::{CodeHash, Trouble, code_hash_of};
use super::overlay::Overlay;
use super::reads::Reads;
use super::shared::Shared;
use super::writers::Reader;
use crate::error::{Error, NotProvable};
use crate::execution::machine::StorageOwners;
use crate::execution::outcome::{AccountState, Read};
use crate::execution::statistics::Location;

/// Why an execution did not come to its end.
#[derive(Debug)]
pub(super) enum Interruption {
    /// It needs a value that this transaction is about to write again.
    Blocked { on: usize, at: Location },
    /// Credits that are not settled yet make a balance of 2^256 or more.
    Overflow { at: Location },
    /// It would hold more memory than it may: see [`Shared::memory_limit`].
    Memory,
    /// The store, or a fault of this program.
    Fatal(Error),
}

impl Interruption {
    pub(super) fn new(trouble: Trouble, at: Location) -> Self {
        match trouble {
            Trouble::Blocked(on) => Self::Blocked { on, at },
            Trouble::Overflow => Self::Overflow { at },
            Trouble::Store(error) => Self::Fatal(error),
        }
    }

    /// Why a read broke off, which whoever reads has noted.
    pub(super) fn noted(noted: Option<Self>) -> Self {
        let missing = || Error::Internal("a read broke off without reason".to_owned());
        noted.unwrap_or_else(|| Self::Fatal(missing()))
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
    /// What the transactions of a sequential stretch left so far.
    pub(super) overlay: Option<Overlay>,
    pub(super) reads: Reads,
    codes: Codes,
    sender: Option<(Address, Option<AccountState>)>,
    /// The recipient, if it is known as a whole and was not read as such.
    recipient: Option<(Address, Option<AccountState>)>,
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
            overlay: None,
            reads: Reads::default(),
            codes: Codes::default(),
            sender: None,
            recipient: None,
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
        self.recipient = None;
        self.interruption = None;
        self.refused = None;
    }

    /// Who reads.
    pub(super) fn reader(&self) -> Reader {
        self.reader
    }

    /// Why the last read was interrupted.
    pub(super) fn interruption(&mut self) -> Interruption {
        Interruption::noted(self.interruption.take())
    }

    fn settle<T>(&mut self, found: Result<T, Trouble>, at: Location) -> Result<T, Interrupted> {
        found.map_err(|trouble| {
            self.interruption = Some(Interruption::new(trouble, at));
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
        let mut below = place;
        if let Some(overlay) = &self.overlay {
            if let Some(value) = overlay.account(&address) {
                return Ok((value, false));
            }
            below = overlay.first();
        }
        let memory = &shared.memory;
        if below == 0 {
            let found = memory.base.account(&address).map_err(Trouble::from);
            let found = found.map(|value| (value, true));
            return self.settle(found, Location::Account(address));
        }
        let found = memory.account(memory.hash(&address), &address, below, self.reader);
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

    /// Whether an account's code is a delegation (EIP-7702). The code follows from its hash, which was read.
    pub(super) fn is_delegation(
        &mut self,
        account: Option<AccountState>,
    ) -> Result<bool, Interrupted> {
        let Some(account) = account.filter(AccountState::has_code) else {
            return Ok(false);
        };
        let code = revm::Database::code_by_hash(self, account.code_hash)?;
        Ok(code.is_eip7702())
    }

    /// The sender as it was read: an empty account that is there is not an absent one.
    pub(super) fn sender_before(&self) -> Option<AccountState> {
        self.sender.and_then(|(_, account)| account)
    }

    pub(super) fn code_hash(&mut self, address: Address) -> Result<CodeHash, Interrupted> {
        let (found, from_base) = if self.overlay.is_some() {
            let (account, _) = self.find(address)?;
            self.recipient = Some((address, account));
            let found = CodeHash {
                value: code_hash_of(&account),
                account: Some(account),
            };
            (found, false)
        } else {
            let (memory, place) = (&self.shared.memory, self.place);
            let reader = self.reader;
            let found = memory.code_hash(memory.hash(&address), &address, place, reader);
            let found = self.settle(found, Location::Account(address))?;
            let from_base = found.account.is_some();
            (found, from_base)
        };
        let value = found.value;
        self.reads
            .push(Read::CodeHash { address, value }, from_base);
        Ok(found)
    }

    pub(super) fn slot(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let key = (address, slot);
        let mut below = self.place;
        let mut known = None;
        if let Some(overlay) = &self.overlay {
            below = overlay.first();
            known = overlay.slot(&key);
        }
        let (value, from_base) = match known {
            Some(value) => (value, false),
            None if below == 0 => {
                let found = self.shared.memory.base.storage(&address, &slot);
                let found = found.map_err(Trouble::from);
                (self.settle(found, Location::Storage(address, slot))?, true)
            }
            None => {
                let memory = &self.shared.memory;
                let found = memory.storage(memory.hash(&key), &key, below, self.reader);
                let found = self.settle(found, Location::Storage(address, slot))?;
                (found.value, found.from_base)
            }
        };
        let read = Read::Storage {
            address,
            slot,
            value,
        };
        self.reads.push(read, from_base);
        Ok(value)
    }
}

impl StorageOwners for View<'_> {
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, Interrupted> {
        let found = self.shared.memory.base.first_slot(&address);
        found.map_err(|error| {
            self.interruption = Some(Interruption::Fatal(error));
            Interrupted
        })
    }
}

impl revm::Database for View<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let value = match self.sender {
            Some((sender, value)) if sender == address => value,
            _ => match self.recipient {
                Some((recipient, value)) if recipient == address => {
                    self.reads.push(Read::Account { address, value }, false);
                    value
                }
                _ => self.account(address)?,
            },
        };
        Ok(value.map(AccountInfo::from))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        let (shared, is_alone) = (self.shared, self.overlay.is_some());
        let found = self
            .codes
            .get(&hash, is_alone, || shared.memory.code(&hash));
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
            let block = self.shared.context.environment.number;
            self.refused = Some(NotProvable::UnknownBlockHash { number, block });
            return Err(Interrupted);
        };
        self.reads.push(Read::BlockHash { number, value }, true);
        Ok(value)
    }
}
