//! A database that knows nothing but what a transaction read.

use std::collections::HashMap;

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::log::{AccountValue, Action};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::Database;
use revm::database_interface::DBErrorMarker;
use revm::state::{AccountInfo, Bytecode};

use super::CodeSource;
use crate::error::ReplayFault;
use crate::execution::machine::StorageOwners;
use crate::execution::{AccountState, Read};

/// Above this many reads, those out of order are found by hash.
const SCANNED: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(Address),
    Storage(Address, U256),
    BlockHash(u64),
}

impl Key {
    fn of(read: &Read) -> Option<Self> {
        match *read {
            Read::Account { address, .. } => Some(Self::Account(address)),
            Read::Storage { address, slot, .. } => Some(Self::Storage(address, slot)),
            Read::BlockHash { number, .. } => Some(Self::BlockHash(number)),
            Read::CodeHash { .. } => None,
        }
    }
}

/// Answers from a transaction's reads alone; whatever else is asked for is an error, which shows that the reads are not complete.
pub struct ReplayDatabase<'a> {
    reads: &'a [Read],
    codes: &'a dyn CodeSource,
    /// The read after the one that was asked for last: a replay asks in the same order.
    next: usize,
    index: HashMap<Key, usize>,
    /// Accounts with a slot that was read and is not zero, once somebody asks for them.
    owners: Option<HashMap<Address, U256>>,
    loads: Vec<Action>,
}

impl DBErrorMarker for ReplayFault {}

impl<'a> ReplayDatabase<'a> {
    /// Without any reads.
    pub fn new(codes: &'a dyn CodeSource) -> Self {
        Self {
            reads: &[],
            codes,
            next: 0,
            index: HashMap::new(),
            owners: None,
            loads: Vec::new(),
        }
    }

    /// Answers from these reads from now on.
    pub fn set_reads(&mut self, reads: &'a [Read]) {
        self.reads = reads;
        self.next = 0;
        self.index.clear();
        self.owners = None;
        self.loads.clear();
    }

    /// Whether code with this hash is a delegation (EIP-7702).
    pub(super) fn is_delegation(&mut self, hash: B256) -> Result<bool, ReplayFault> {
        match hash == KECCAK_EMPTY {
            true => Ok(false),
            false => Ok(self.code_by_hash(hash)?.is_eip7702()),
        }
    }

    /// What was asked for since the last call.
    pub(super) fn take_loads(&mut self) -> impl Iterator<Item = Action> + '_ {
        self.loads.drain(..)
    }

    fn find(&mut self, key: Key) -> Option<&'a Read> {
        let reads = self.reads;
        let is_it = |read: &&Read| Key::of(read) == Some(key);
        if let Some(read) = reads.get(self.next).filter(is_it) {
            self.next += 1;
            return Some(read);
        }
        let found = if reads.len() <= SCANNED {
            reads.iter().position(|read| is_it(&read))?
        } else {
            if self.index.is_empty() {
                let keys = reads.iter().enumerate();
                let keys = keys.filter_map(|(index, read)| Some((Key::of(read)?, index)));
                self.index.extend(keys);
            }
            *self.index.get(&key)?
        };
        self.next = found + 1;
        reads.get(found)
    }
}

/// An account as the events have it.
pub(super) fn account_value(state: AccountState) -> AccountValue {
    AccountValue {
        nonce: state.nonce,
        balance: state.balance,
        code_hash: state.code_hash,
    }
}

impl StorageOwners for ReplayDatabase<'_> {
    /// Of an account without code nothing but this asks for slots.
    fn first_slot(&mut self, address: Address) -> Result<Option<U256>, ReplayFault> {
        let reads = self.reads;
        let owners = self.owners.get_or_insert_with(|| {
            let slots = reads.iter().filter_map(|read| match *read {
                Read::Storage {
                    address,
                    slot,
                    value,
                } if !value.is_zero() => Some((address, slot)),
                _ => None,
            });
            slots.collect()
        });
        Ok(owners.get(&address).copied())
    }
}

impl Database for ReplayDatabase<'_> {
    type Error = ReplayFault;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, ReplayFault> {
        let Some(Read::Account { value, .. }) = self.find(Key::Account(address)) else {
            return Err(ReplayFault::Account(address));
        };
        self.loads.push(Action::AccountLoad {
            address,
            value: value.map(account_value),
        });
        Ok(value.map(|state| AccountInfo {
            balance: state.balance,
            nonce: state.nonce,
            code_hash: state.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, ReplayFault> {
        self.codes.code(&hash).map_err(|error| ReplayFault::Code {
            hash,
            reason: error.to_string(),
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, ReplayFault> {
        match self.find(Key::Storage(address, slot)) {
            Some(&Read::Storage { value, .. }) => {
                self.loads.push(Action::StorageLoad {
                    address,
                    slot,
                    value,
                });
                Ok(value)
            }
            _ => Err(ReplayFault::Storage(address, slot)),
        }
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, ReplayFault> {
        match self.find(Key::BlockHash(number)) {
            Some(&Read::BlockHash { value, .. }) => Ok(value),
            _ => Err(ReplayFault::BlockHash(number)),
        }
    }
}
