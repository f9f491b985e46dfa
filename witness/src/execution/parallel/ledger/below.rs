//! The state under a ledger: what the transactions left that it does not know.

use alloy_primitives::{Address, B256, U256};
use revm::state::{AccountInfo, Bytecode};

use super::journal::Note;
use crate::error::NotProvable;
use crate::execution::outcome::AccountState;
use crate::execution::parallel::memory::Trouble;
use crate::execution::parallel::shared::Shared;
use crate::execution::parallel::view::{Interrupted, Interruption};
use crate::execution::parallel::writers::Reader;
use crate::execution::statistics::Location;

/// See the module.
pub(super) struct Below<'a> {
    shared: &'a Shared<'a>,
    /// The transaction that is executed. All before it are committed.
    pub(super) place: usize,
    /// The ledger knows what the transactions from this one on left.
    pub(super) first: usize,
    /// What the present transaction loaded, in the order of asking.
    pub(super) notes: Vec<Note>,
    interruption: Option<Interruption>,
    /// Why the transaction cannot be part of the rollup, if it got that far.
    pub(super) refused: Option<NotProvable>,
}

impl<'a> Below<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            place: 0,
            first: 0,
            notes: Vec::new(),
            interruption: None,
            refused: None,
        }
    }

    /// Before anything else about a transaction.
    pub(super) fn begin(&mut self, place: usize) {
        self.place = place;
        self.notes.clear();
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

    /// An account. That of the coinbase changes with every transaction.
    pub(super) fn account(
        &mut self,
        address: Address,
    ) -> Result<Option<AccountState>, Interrupted> {
        let memory = &self.shared.memory;
        let found = if address == self.shared.context.environment.coinbase {
            self.shared.coinbase_account(self.place)
        } else if self.first == 0 {
            memory.base.account(&address).map_err(Trouble::from)
        } else {
            let hash = memory.hash(&address);
            let found = memory.account(hash, &address, self.first, Reader::Final);
            found.map(|found| found.value)
        };
        self.settle(found, Location::Account(address))
    }

    /// A slot.
    pub(super) fn slot(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let memory = &self.shared.memory;
        let found = if self.first == 0 {
            memory.base.storage(&address, &slot).map_err(Trouble::from)
        } else {
            let key = (address, slot);
            let found = memory.storage(memory.hash(&key), &key, self.first, Reader::Final);
            found.map(|found| found.value)
        };
        self.settle(found, Location::Storage(address, slot))
    }
}

impl revm::Database for Below<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        let account = self.account(address)?;
        Ok(account.map(AccountInfo::from))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        let code = self.shared.memory.code(&hash);
        code.map_err(|error| {
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
        self.notes.push(Note::BlockHash { number, value });
        Ok(value)
    }
}
