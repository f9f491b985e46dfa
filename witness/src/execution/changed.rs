//! A state after some changes that nobody has written to it.

use std::collections::BTreeSet;

use alloy_primitives::map::{AddressMap, B256Map, HashMap};
use alloy_primitives::{Address, B256, U256};
use revm::state::Bytecode;

use super::outcome::{AccountState, StateChanges};
use super::reader::StateReader;
use crate::error::Result;
use crate::ordinary::StaysOrdinary;

/// See the module.
pub struct Changed<'a> {
    base: &'a dyn StateReader,
    accounts: AddressMap<Option<AccountState>>,
    slots: HashMap<(Address, U256), U256>,
    codes: B256Map<Bytecode>,
    is_ordinary: bool,
}

impl<'a> Changed<'a> {
    /// The state after changes to `base`.
    ///
    /// # Errors
    /// When the base cannot be read.
    pub fn new(base: &'a dyn StateReader, changes: &StateChanges) -> Result<Self> {
        let accounts = changes.accounts.iter();
        let slots = changes.storage.iter();
        let mut state = Self {
            base,
            accounts: accounts
                .map(|change| (change.address, change.after))
                .collect(),
            slots: slots
                .map(|change| ((change.address, change.slot), change.after))
                .collect(),
            codes: changes.codes.iter().cloned().collect(),
            is_ordinary: false,
        };
        let mut ordinary = StaysOrdinary::default();
        for change in &changes.accounts {
            ordinary.account(change.before.as_ref(), change.after.as_ref());
        }
        for change in changes.storage.iter().filter(|slot| !slot.after.is_zero()) {
            ordinary.owner(state.account(&change.address)?.as_ref());
        }
        state.is_ordinary = base.is_ordinary() && ordinary.holds();
        Ok(state)
    }
}

impl StateReader for Changed<'_> {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        match self.accounts.get(address) {
            Some(account) => Ok(*account),
            None => self.base.account(address),
        }
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        match self.slots.get(&(*address, *slot)) {
            Some(value) => Ok(*value),
            None => self.base.storage(address, slot),
        }
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        match self.codes.get(hash) {
            Some(code) => Ok(code.clone()),
            None => self.base.code(hash),
        }
    }

    fn expect(&self, accounts: &mut dyn Iterator<Item = Address>) {
        self.base.expect(accounts);
    }

    fn is_ordinary(&self) -> bool {
        self.is_ordinary
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        let mut slots = BTreeSet::from_iter(self.base.slots(address)?);
        let changed = self.slots.iter().filter(|((owner, _), _)| owner == address);
        for ((_, slot), value) in changed {
            match value.is_zero() {
                true => slots.remove(slot),
                false => slots.insert(*slot),
            };
        }
        Ok(Vec::from_iter(slots))
    }
}
