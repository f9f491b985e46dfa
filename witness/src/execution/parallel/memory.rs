//! What the block's transactions wrote so far, and what a transaction at some place of the block therefore reads.

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::state::Bytecode;

use super::attempt::{Attempt, Slot, Written};
use super::keys::{Key, KeyHasher, SlotKey, hash};
use super::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use super::writers::{Reader, Writers};
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

/// The code hash of an account, that of no bytes if it does not exist.
pub(super) fn code_hash_of(account: &Option<AccountState>) -> B256 {
    account.map_or(KECCAK_EMPTY, |account| account.code_hash)
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

/// A code hash, and if nothing in the block changed it the account as it was before the block, or better known.
pub(super) struct CodeHash {
    pub(super) value: B256,
    pub(super) account: Option<Option<AccountState>>,
}

/// What a transaction wrote.
struct Write<V> {
    transaction: usize,
    /// Whether it is about to write again.
    is_estimate: bool,
    value: V,
}

/// See the module.
pub(super) struct Memory<'a> {
    pub(super) base: &'a dyn StateReader,
    hasher: KeyHasher,
    pub(super) accounts: Writers,
    pub(super) storage: Writers,
    /// Who changed an account's code hash, so that plain transfers to a busy account need not look through each other.
    pub(super) code_hashes: Writers,
    /// The latest execution of each transaction. Never locked under a lock of [`Writers`]; under another slot's only if that one is higher.
    slots: Vec<Mutex<Slot>>,
    codes: Mutex<B256Map<Bytecode>>,
    has_codes: AtomicBool,
}

impl<'a> Memory<'a> {
    /// For so many transactions that are executed side by side, and write about so many slots. `notes_readers` if those who read are to be told from others.
    pub(super) fn new(
        base: &'a dyn StateReader,
        transactions: usize,
        slots: usize,
        notes_readers: bool,
    ) -> Self {
        let slot = || Mutex::new(Slot::default());
        let writers = |keys| Writers::new(keys, transactions, notes_readers);
        Self {
            base,
            hasher: KeyHasher::default(),
            accounts: writers(transactions * 2),
            storage: writers(slots),
            // Creations are few.
            code_hashes: writers(transactions / 16),
            slots: (0..transactions).map(|_| slot()).collect(),
            codes: Mutex::default(),
            has_codes: AtomicBool::new(false),
        }
    }

    pub(super) fn hash(&self, key: &impl Key) -> u64 {
        hash(&self.hasher, key)
    }

    /// Who wrote what of this kind.
    pub(super) fn writers(&self, written: &Written) -> &Writers {
        match written {
            Written::Account(_) => &self.accounts,
            Written::CodeHash(_) => &self.code_hashes,
            Written::Slot(_) => &self.storage,
        }
    }

    /// The latest execution of a transaction.
    pub(super) fn slot(&self, transaction: usize) -> Option<MutexGuard<'_, Slot>> {
        let slot = self.slots.get(transaction)?;
        Some(slot.lock().unwrap_or_else(|poison| poison.into_inner()))
    }

    /// All executions, in order; none is left.
    pub(super) fn take_slots(&mut self) -> impl ExactSizeIterator<Item = Slot> {
        let slots = core::mem::take(&mut self.slots).into_iter();
        slots.map(|slot| slot.into_inner().unwrap_or_else(|p| p.into_inner()))
    }

    /// What transactions below wrote to an account, the latest first.
    fn account_writes(
        &self,
        hash: u64,
        address: &Address,
        below: usize,
    ) -> impl Iterator<Item = Write<AccountWrite>> {
        self.writes(&self.accounts, hash, below, move |attempt| {
            attempt.account_write(hash, address)
        })
    }

    fn writes<V>(
        &self,
        writers: &Writers,
        hash: u64,
        mut below: usize,
        of: impl Fn(&Attempt) -> Option<V>,
    ) -> impl Iterator<Item = Write<V>> {
        core::iter::from_fn(move || {
            loop {
                below = writers.below(hash, below)?;
                let slot = self.slot(below)?;
                if let Some(value) = slot.attempt.as_ref().and_then(&of) {
                    return Some(Write {
                        transaction: below,
                        is_estimate: slot.estimate,
                        value,
                    });
                }
            }
        })
    }

    /// An account as the transaction at this place finds it, the coinbase without tips.
    pub(super) fn account(
        &self,
        hash: u64,
        address: &Address,
        below: usize,
        reader: Reader,
    ) -> Result<Found<Option<AccountState>>, Trouble> {
        self.accounts.note(hash, below, reader);
        let mut credits: Option<U256> = None;
        let mut full = None;
        for write in self.account_writes(hash, address, below) {
            if write.is_estimate {
                return Err(Trouble::Blocked(write.transaction));
            }
            match write.value {
                AccountWrite::Full(account) => {
                    full = Some(account);
                    break;
                }
                AccountWrite::Credit(wei) => {
                    let sum = credits.unwrap_or_default().checked_add(wei);
                    credits = Some(sum.ok_or(Trouble::Overflow)?);
                }
            }
        }
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
        self.account_writes(hash, address, below).next().is_some()
    }

    /// The code hash of an account: credits do not matter. With it the account before the block, if nothing below changed more than its balance.
    pub(super) fn code_hash(
        &self,
        hash: u64,
        address: &Address,
        below: usize,
        reader: Reader,
    ) -> Result<CodeHash, Trouble> {
        self.code_hashes.note(hash, below, reader);
        let of = |attempt: &Attempt| attempt.code_hash_write(hash, address);
        match self.writes(&self.code_hashes, hash, below, of).next() {
            Some(write) if write.is_estimate => return Err(Trouble::Blocked(write.transaction)),
            Some(write) => {
                return Ok(CodeHash {
                    value: write.value,
                    account: None,
                });
            }
            None => {}
        }
        let base = self.base.account(address)?;
        Ok(CodeHash {
            value: code_hash_of(&base),
            account: Some(base),
        })
    }

    /// A slot as the transaction at this place finds it.
    pub(super) fn storage(
        &self,
        hash: u64,
        key: &SlotKey,
        below: usize,
        reader: Reader,
    ) -> Result<Found<U256>, Trouble> {
        self.storage.note(hash, below, reader);
        let mut writes = self.writes(&self.storage, hash, below, |attempt| {
            attempt.slot_write(hash, key)
        });
        match writes.next() {
            Some(write) if write.is_estimate => Err(Trouble::Blocked(write.transaction)),
            Some(write) => Ok(Found {
                value: write.value,
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
