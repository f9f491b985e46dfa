//! What the block's transactions wrote so far, and what a transaction at some place of the block therefore reads.

use core::hash::{BuildHasher, Hash};

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::state::Bytecode;

use super::sync::{AtomicBool, Mutex, Ordering};
use super::table::{Entry, Reader, Table};
use crate::error::Result;
use crate::execution::outcome::AccountState;
use crate::execution::reader::StateReader;

/// What a transaction does to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountWrite {
    /// The account is this afterwards.
    Full(Option<AccountState>),
    /// The account gets this many wei, whatever it has. Commutes with others, so that nobody has to wait for anybody. Committing makes it [`Self::Full`].
    Credit(U256),
}

/// An account after a credit; an empty one that is touched disappears (EIP-161). `None` if the balance overflows.
pub(super) fn credited(account: Option<AccountState>, wei: U256) -> Option<Option<AccountState>> {
    let mut account = account.unwrap_or(AccountState::EMPTY);
    account.balance = account.balance.checked_add(wei)?;
    Some((!account.is_empty()).then_some(account))
}

/// Why a location cannot be read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// This transaction is about to write it again.
    Blocked(usize),
    /// Credits below make a balance of 2^256 or more.
    Overflow,
    /// The store.
    Store(crate::Error),
}

impl From<crate::Error> for Trouble {
    fn from(error: crate::Error) -> Self {
        Self::Store(error)
    }
}

/// A value and whether nothing in the block wrote it.
pub(super) struct Found<V> {
    pub(super) value: V,
    pub(super) from_base: bool,
}

/// A code hash, and the account before the block if it is from there.
pub(super) struct CodeHash {
    pub(super) value: B256,
    pub(super) base: Option<Option<AccountState>>,
}

/// A storage slot's key.
pub(super) type SlotKey = (Address, U256);

/// See the module.
pub(super) struct Memory<'a> {
    pub(super) base: &'a dyn StateReader,
    hasher: foldhash::fast::RandomState,
    pub(super) accounts: Table<Address, AccountWrite>,
    pub(super) storage: Table<SlotKey, U256>,
    codes: Mutex<B256Map<Bytecode>>,
    has_codes: AtomicBool,
}

impl<'a> Memory<'a> {
    pub(super) fn new(
        base: &'a dyn StateReader,
        transactions: usize,
        only_transfers: bool,
    ) -> Self {
        Self {
            base,
            hasher: foldhash::fast::RandomState::default(),
            accounts: Table::new(transactions * 2),
            storage: Table::new(if only_transfers { 0 } else { transactions * 2 }),
            codes: Mutex::default(),
            has_codes: AtomicBool::new(false),
        }
    }

    pub(super) fn hash(&self, key: &impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }

    /// An account as the transaction at this place finds it, the coinbase without tips.
    pub(super) fn account(
        &self,
        hash: u64,
        address: &Address,
        below: usize,
        reader: Reader,
    ) -> Result<Found<Option<AccountState>>, Trouble> {
        let found = self
            .accounts
            .read(hash, address, below, reader, |cell| fold(cell.below(below)));
        let Some((full, credits)) = found.transpose()? else {
            let value = self.base.account(address)?;
            return Ok(Found {
                value,
                from_base: true,
            });
        };
        let start = match full {
            Some(full) => full,
            None => self.base.account(address)?,
        };
        let value = match credits {
            None => start,
            Some(wei) => credited(start, wei).ok_or(Trouble::Overflow)?,
        };
        let from_base = full.is_none() && credits.is_none();
        Ok(Found { value, from_base })
    }

    /// Whether a transaction below wrote to an account.
    pub(super) fn is_written(&self, hash: u64, address: &Address, below: usize) -> bool {
        let accounts = &self.accounts;
        let found = accounts.read(hash, address, below, Reader::Final, |cell| {
            cell.below(below).next().is_some()
        });
        found.unwrap_or(false)
    }

    /// The code hash of an account: credits do not matter. With it the account before the block, if nothing below changed more than its balance.
    pub(super) fn code_hash(
        &self,
        hash: u64,
        address: &Address,
        below: usize,
        reader: Reader,
    ) -> Result<CodeHash, Trouble> {
        let of = |account: Option<AccountState>| account.map_or(KECCAK_EMPTY, |a| a.code_hash);
        let found = self.accounts.read(hash, address, below, reader, |cell| {
            let mut entries = cell.below(below);
            entries.find_map(|entry| match entry.value {
                AccountWrite::Full(_) if entry.estimate => Some(Err(entry.transaction)),
                AccountWrite::Full(account) => Some(Ok(of(account))),
                AccountWrite::Credit(_) => None,
            })
        });
        match found.flatten() {
            Some(Ok(value)) => Ok(CodeHash { value, base: None }),
            Some(Err(on)) => Err(Trouble::Blocked(on)),
            None => {
                let base = self.base.account(address)?;
                Ok(CodeHash {
                    value: of(base),
                    base: Some(base),
                })
            }
        }
    }

    /// A slot as the transaction at this place finds it.
    pub(super) fn slot(
        &self,
        hash: u64,
        key: &SlotKey,
        below: usize,
        reader: Reader,
    ) -> Result<Found<U256>, Trouble> {
        let found = self.storage.read(hash, key, below, reader, |cell| {
            cell.below(below).next().copied()
        });
        match found.flatten() {
            Some(Entry {
                estimate: true,
                transaction,
                ..
            }) => Err(Trouble::Blocked(transaction)),
            Some(Entry { value, .. }) => Ok(Found {
                value,
                from_base: false,
            }),
            None => Ok(Found {
                value: self.base.storage(&key.0, &key.1)?,
                from_base: true,
            }),
        }
    }

    /// Bytecode by its hash, from before the block or created in it.
    pub(super) fn code(&self, hash: &B256) -> Result<Bytecode> {
        if self.has_codes.load(Ordering::SeqCst) {
            let created = self.codes().get(hash).cloned();
            if let Some(code) = created {
                return Ok(code);
            }
        }
        self.base.code(hash)
    }

    /// Makes bytecode known. It is found by its hash alone, so that it does not matter if its transaction is taken back.
    pub(super) fn add_code(&self, hash: B256, code: Bytecode) {
        self.codes().insert(hash, code);
        self.has_codes.store(true, Ordering::SeqCst);
    }

    /// Bytecode that transactions created, those that were taken back included.
    pub(super) fn codes(&self) -> super::sync::MutexGuard<'_, B256Map<Bytecode>> {
        self.codes
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

/// An account after some entries, all final, in order.
pub(super) fn settled(
    base: &dyn StateReader,
    address: &Address,
    entries: &[Entry<AccountWrite>],
) -> Result<Option<AccountState>, Trouble> {
    let (full, credits) = fold(entries.iter().rev())?;
    let account = match full {
        Some(account) => account,
        None => base.account(address)?,
    };
    match credits {
        Some(wei) => credited(account, wei).ok_or(Trouble::Overflow),
        None => Ok(account),
    }
}

/// The latest whole account among entries from the latest down, and the credits that come after it.
#[allow(clippy::type_complexity)]
fn fold<'e>(
    entries: impl Iterator<Item = &'e Entry<AccountWrite>>,
) -> Result<(Option<Option<AccountState>>, Option<U256>), Trouble> {
    let mut credits: Option<U256> = None;
    for entry in entries {
        if entry.estimate {
            return Err(Trouble::Blocked(entry.transaction));
        }
        match entry.value {
            AccountWrite::Full(account) => return Ok((Some(account), credits)),
            AccountWrite::Credit(wei) => {
                let sum = credits.unwrap_or_default().checked_add(wei);
                credits = Some(sum.ok_or(Trouble::Overflow)?);
            }
        }
    }
    Ok((None, credits))
}
