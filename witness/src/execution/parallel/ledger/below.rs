//! The state under a ledger: what was there before its first transaction, and what became of what was loaded from there.

use alloy_primitives::map::{AddressSet, HashSet};
use alloy_primitives::{Address, B256, U256};
use revm::context::JournalEntry;
use revm::state::{AccountInfo, Bytecode, EvmState};

use super::earlier::Earlier;
use super::present;
use crate::error::NotProvable;
use crate::execution::machine::Watch;
use crate::execution::outcome::{AccountState, AccountStateChange, SlotChange};
use crate::execution::parallel::keys::{KeyHasher, Keyed, SlotKey};
use crate::execution::parallel::memory::Trouble;
use crate::execution::parallel::shared::Shared;
use crate::execution::parallel::tuning::LONGEST_CATCH_UP;
use crate::execution::parallel::view::{Interrupted, Interruption};
use crate::execution::parallel::writers::Reader;
use crate::execution::statistics::Location;

/// Keys that one transaction loads for the first time, up to which they are looked through one by one.
const FEW: usize = 32;

/// What was loaded, each key once, since the journal keeps it.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// As it was before, and as the transaction left it that loaded it.
    pub(super) accounts: Vec<AccountStateChange>,
    pub(super) slots: Vec<SlotChange>,
    /// Which of them something in the block had written, in ascending order.
    pub(super) written_accounts: Vec<usize>,
    pub(super) written_slots: Vec<usize>,
    /// What later transactions changed, and maybe more.
    pub(super) later_accounts: AddressSet,
    pub(super) later_slots: HashSet<Keyed<SlotKey>, KeyHasher>,
    /// Contracts that came into being.
    pub(super) created: AddressSet,
}

/// See the module.
pub(super) struct Below<'a> {
    shared: &'a Shared<'a>,
    /// The first transaction of the ledger. All before it are committed.
    first: usize,
    /// What those before it left, unless they are too many to look at.
    earlier: Option<Earlier>,
    pub(super) loaded: Loaded,
    /// Where in these lists the present transaction began.
    began: (usize, usize),
    /// Whether the present transaction changed something that one before it had loaded, the coinbase left out.
    pub(super) conflicts: bool,
    interruption: Option<Interruption>,
    /// Why a transaction cannot be part of the rollup, if it got that far.
    pub(super) refused: Option<NotProvable>,
}

impl<'a> Below<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, first: usize) -> Self {
        Self {
            shared,
            first,
            earlier: (first <= LONGEST_CATCH_UP).then(|| Earlier::new(shared, first)),
            loaded: Loaded::default(),
            began: (0, 0),
            conflicts: false,
            interruption: None,
            refused: None,
        }
    }

    /// Before anything else about a transaction.
    pub(super) fn begin(&mut self) {
        self.began = (self.loaded.accounts.len(), self.loaded.slots.len());
        self.conflicts = false;
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

    pub(super) fn account(
        &mut self,
        address: Address,
    ) -> Result<Option<AccountState>, Interrupted> {
        let memory = &self.shared.memory;
        let found = if address == self.shared.context.environment.coinbase {
            let found = self.shared.coinbase_account(self.first);
            found.map(|value| (value, true))
        } else if let Some(earlier) = &self.earlier {
            match earlier.accounts.get(&Keyed(address)) {
                Some(value) => Ok((*value, false)),
                None => {
                    let found = memory.base.account(&address).map_err(Trouble::from);
                    found.map(|value| (value, true))
                }
            }
        } else {
            let hash = memory.hash(&address);
            let found = memory.account(hash, &address, self.first, Reader::Final);
            found.map(|found| (found.value, found.from_base))
        };
        let (before, from_base) = self.settle(found, Location::Account(address))?;
        if !from_base {
            self.loaded
                .written_accounts
                .push(self.loaded.accounts.len());
        }
        self.loaded.accounts.push(AccountStateChange {
            address,
            before,
            after: before,
        });
        Ok(before)
    }

    /// The present transaction changed an account: if it did not load it, the list does not say what it left.
    pub(super) fn changed_account(&mut self, address: Address) {
        let new = self.loaded.accounts.get(self.began.0..).unwrap_or_default();
        if new.len() > FEW || !new.iter().any(|loaded| loaded.address == address) {
            self.loaded.later_accounts.insert(address);
            self.conflicts |= address != self.shared.context.environment.coinbase;
        }
    }

    fn changed_slot(&mut self, address: Address, slot: U256) {
        let new = self.loaded.slots.get(self.began.1..).unwrap_or_default();
        let is_it = |loaded: &SlotChange| (loaded.slot, loaded.address) == (slot, address);
        if new.len() > FEW || !new.iter().any(is_it) {
            self.loaded.later_slots.insert(Keyed((address, slot)));
            self.conflicts = true;
        }
    }

    /// Takes over what the present transaction left of what it loaded first.
    pub(super) fn note(&mut self, state: &EvmState) {
        let Loaded {
            accounts, slots, ..
        } = &mut self.loaded;
        for loaded in accounts.iter_mut().skip(self.began.0) {
            loaded.after = state.get(&loaded.address).and_then(present);
        }
        for loaded in slots.iter_mut().skip(self.began.1) {
            loaded.after = value(state, &loaded.address, &loaded.slot);
        }
    }
}

/// A slot as the last transaction left it.
pub(super) fn value(state: &EvmState, address: &Address, slot: &U256) -> U256 {
    let account = state.get(address);
    let account = account.filter(|account| !account.is_selfdestructed_locally());
    let value = account.and_then(|account| account.storage.get(slot));
    value.map_or(U256::ZERO, |value| value.present_value)
}

impl Watch for Below<'_> {
    fn done(&mut self, state: &EvmState, entries: &[JournalEntry]) {
        for entry in entries {
            match entry {
                JournalEntry::AccountTouched { address }
                | JournalEntry::BalanceChange { address, .. }
                | JournalEntry::NonceChange { address, .. }
                | JournalEntry::NonceBump { address }
                | JournalEntry::CodeChange { address, .. } => self.changed_account(*address),
                JournalEntry::AccountCreated { address, .. } => {
                    self.changed_account(*address);
                    self.loaded.created.insert(*address);
                }
                JournalEntry::BalanceTransfer { from, to, .. }
                | JournalEntry::AccountDestroyed {
                    address: from,
                    target: to,
                    ..
                } => {
                    self.changed_account(*from);
                    self.changed_account(*to);
                }
                JournalEntry::StorageChanged { address, key, .. } => {
                    self.changed_slot(*address, *key);
                }
                JournalEntry::AccountWarmed { .. }
                | JournalEntry::StorageWarmed { .. }
                | JournalEntry::TransientStorageChange { .. } => {}
            }
        }
        self.note(state);
    }
}

impl revm::Database for Below<'_> {
    type Error = Interrupted;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Interrupted> {
        Ok(self.account(address)?.map(AccountInfo::from))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Interrupted> {
        let code = self.shared.memory.code(&hash);
        code.map_err(|error| {
            self.interruption = Some(Interruption::Fatal(error));
            Interrupted
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Interrupted> {
        let memory = &self.shared.memory;
        let key = (address, slot);
        let found = if let Some(earlier) = &self.earlier {
            match earlier.slots.get(&Keyed(key)) {
                Some(value) => Ok((*value, false)),
                None => {
                    let found = memory.base.storage(&address, &slot).map_err(Trouble::from);
                    found.map(|value| (value, true))
                }
            }
        } else {
            let found = memory.storage(memory.hash(&key), &key, self.first, Reader::Final);
            found.map(|found| (found.value, found.from_base))
        };
        let (before, from_base) = self.settle(found, Location::Storage(address, slot))?;
        if !from_base {
            self.loaded.written_slots.push(self.loaded.slots.len());
        }
        self.loaded.slots.push(SlotChange {
            address,
            slot,
            before,
            after: before,
        });
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
