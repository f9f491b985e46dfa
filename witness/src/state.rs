//! The state in memory: accounts with code and storage, as revm reads and changes them, with Ethereum's own root.

use std::collections::BTreeMap;
use std::convert::Infallible;

use alloy_primitives::map::{AddressMap, B256Map, HashMap};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_trie::TrieAccount;
use braid_circuits::event::{Account, Code};
use braid_circuits::state_hash::{
    Digest, EMPTY, account_key, account_value, storage_key, storage_value,
};
use braid_text::Rules;
use rayon::prelude::*;
use revm::state::{AccountInfo, Bytecode, EvmState};

use crate::block_file::AllocAccount;
use crate::error::{Error, Result};
use crate::execution::machine::StorageOwners;
use crate::execution::reader::hash_in_tests;
use crate::execution::{AccountState, StateChanges, StateReader};
use crate::ordinary::{StaysOrdinary, begins_ordinary};
use crate::tree::StateTree;

/// An account with its storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Nonce, balance, code.
    pub account: Account,
    /// Slots that are not zero.
    pub storage: HashMap<U256, U256>,
}

/// Bytecode with all that is derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// What accounts commit to.
    pub code: Code,
    /// The bytes, ready to run.
    pub bytecode: Bytecode,
}

impl StoredCode {
    /// Of some bytes, by the rules of the chain.
    ///
    /// # Errors
    /// [`Error::Internal`] for 2^32 bytes or more.
    pub fn new(bytes: &Bytes, rules: Rules) -> Result<Self> {
        let code = Code::of(bytes)
            .ok_or_else(|| Error::Internal("bytecode of 2^32 bytes or more".to_owned()))?;
        Ok(Self {
            code,
            bytecode: bytecode(bytes.clone(), rules),
        })
    }
}

/// Bytes of code, ready to run. From Prague on an account has somebody else's code if its own is a delegation (EIP-7702); before, and where it has not quite the form of one, it is
/// what its bytes are.
pub(crate) fn bytecode(bytes: Bytes, rules: Rules) -> Bytecode {
    if rules >= Rules::Prague
        && let Ok(code) = Bytecode::new_raw_checked(bytes.clone())
    {
        return code;
    }
    Bytecode::new_legacy(bytes)
}

/// All accounts. An account may be there and empty (EIP-161) only until something touches it.
#[derive(Clone, Debug)]
pub struct State {
    accounts: AddressMap<StoredAccount>,
    codes: B256Map<StoredCode>,
    rules: Rules,
    is_ordinary: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            accounts: Default::default(),
            codes: Default::default(),
            rules: Rules::default(),
            is_ordinary: true,
        }
    }
}

/// States with the same content are equal.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.accounts == other.accounts && self.codes == other.codes
    }
}

impl Eq for State {}

impl State {
    /// The state of an `alloc`, of a chain with the rules of Cancun.
    pub fn new(alloc: &BTreeMap<Address, AllocAccount>) -> Result<Self> {
        Self::by_rules(alloc, Rules::Cancun)
    }

    /// The state of an `alloc`, of a chain with these rules.
    pub fn by_rules(alloc: &BTreeMap<Address, AllocAccount>, rules: Rules) -> Result<Self> {
        let mut state = Self {
            rules,
            is_ordinary: begins_ordinary(alloc),
            ..Self::default()
        };
        for (address, given) in alloc {
            let storage = given.storage.iter().filter(|(_, value)| !value.is_zero());
            let code = state.add_code(&given.code)?;
            let account = StoredAccount {
                account: Account {
                    nonce: given.nonce,
                    balance: given.balance,
                    code,
                },
                storage: storage.map(|(slot, value)| (*slot, *value)).collect(),
            };
            state.accounts.insert(*address, account);
        }
        Ok(state)
    }

    fn add_code(&mut self, bytes: &Bytes) -> Result<Code> {
        if bytes.is_empty() {
            return Ok(Code::NONE);
        }
        let stored = StoredCode::new(bytes, self.rules)?;
        let code = stored.code;
        self.codes.insert(code.keccak, stored);
        Ok(code)
    }

    /// What accounts with this code hash commit to.
    ///
    /// # Errors
    /// [`Error::Internal`] if the code is not known.
    pub fn code_commitment(&self, hash: &B256) -> Result<Code> {
        if *hash == Code::NONE.keccak {
            return Ok(Code::NONE);
        }
        let stored = self.codes.get(hash);
        let stored = stored.ok_or_else(|| Error::Internal(format!("no bytecode with hash {hash}")));
        Ok(stored?.code)
    }

    /// Takes over what blocks changed.
    ///
    /// # Errors
    /// [`Error::Internal`] if an account's code is neither known nor among the changes.
    pub fn apply(&mut self, changes: &StateChanges) -> Result<()> {
        // Changes that fail halfway may leave anything.
        let was_ordinary = core::mem::replace(&mut self.is_ordinary, false);
        for (_, bytecode) in &changes.codes {
            self.add_code(&bytecode.original_bytes())?;
        }
        let mut ordinary = StaysOrdinary::default();
        for change in &changes.accounts {
            let before = StateReader::account(self, &change.address)?;
            ordinary.account(before.as_ref(), change.after.as_ref());
            let Some(after) = change.after else {
                self.accounts.remove(&change.address);
                continue;
            };
            let code = self.code_commitment(&after.code_hash)?;
            let account = Account {
                nonce: after.nonce,
                balance: after.balance,
                code,
            };
            self.entry(change.address).account = account;
        }
        for change in &changes.storage {
            // Slots of an account that disappears become zero with it.
            if change.after.is_zero() {
                if let Some(stored) = self.accounts.get_mut(&change.address) {
                    stored.storage.remove(&change.slot);
                }
            } else {
                let stored = self.entry(change.address);
                stored.storage.insert(change.slot, change.after);
                ordinary.owner(Some(&stored.account.into()));
            }
        }
        self.is_ordinary = was_ordinary && ordinary.holds();
        Ok(())
    }

    fn entry(&mut self, address: Address) -> &mut StoredAccount {
        let entry = self.accounts.entry(address);
        entry.or_insert_with(|| StoredAccount {
            account: Account::EMPTY,
            storage: HashMap::default(),
        })
    }

    /// An account, unless it is empty by EIP-161.
    pub fn account(&self, address: Address) -> Option<Account> {
        let account = self.accounts.get(&address)?.account;
        (!account.is_empty()).then_some(account)
    }

    /// All accounts in order.
    pub fn accounts(&self) -> impl Iterator<Item = (&Address, &StoredAccount)> {
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        accounts.sort_unstable_by_key(|(address, _)| **address);
        accounts.into_iter()
    }

    /// The bytecode with this Keccak-256 hash.
    pub fn code(&self, keccak: B256) -> Option<&StoredCode> {
        self.codes.get(&keccak)
    }

    /// What a transaction of revm changed: accounts that it touched and left empty disappear (EIP-161).
    pub fn commit(&mut self, changes: EvmState) -> Result<()> {
        for (address, change) in changes {
            if !change.is_touched() {
                continue;
            }
            if change.is_selfdestructed() || change.info.is_empty() {
                self.accounts.remove(&address);
                continue;
            }
            let known = self.accounts.get(&address).map(|known| known.account.code);
            let code = match (known, &change.info.code) {
                (Some(known), _) if known.keccak == change.info.code_hash => known,
                (_, _) if change.info.is_empty_code_hash() => Code::NONE,
                (_, Some(code)) => self.add_code(&code.original_bytes())?,
                (_, None) => {
                    return Err(Error::Internal(format!("revm gives no code for {address}")));
                }
            };
            let created = change.is_created();
            let stored = self.entry(address);
            stored.account = Account {
                nonce: change.info.nonce,
                balance: change.info.balance,
                code,
            };
            if created {
                stored.storage.clear();
            }
            for (slot, value) in &change.storage {
                if value.present_value.is_zero() {
                    stored.storage.remove(slot);
                } else {
                    stored.storage.insert(*slot, value.present_value);
                }
            }
        }
        Ok(())
    }

    /// The root of Ethereum's own state trie, with accounts that are there although they are empty.
    pub fn ethereum_root(&self) -> B256 {
        let accounts = self.accounts.iter().map(|(address, stored)| {
            let slots = stored.storage.iter();
            let slots = slots.map(|(slot, value)| (B256::from(*slot), *value));
            let account = TrieAccount {
                nonce: stored.account.nonce,
                balance: stored.account.balance,
                storage_root: alloy_trie::root::storage_root_unhashed(slots),
                code_hash: stored.account.code.keccak,
            };
            (*address, account)
        });
        alloy_trie::root::state_root_unhashed(accounts)
    }

    /// What changes do to the state tree: key and new value hash of every leaf that they concern. The code of changed accounts must be
    /// here: these changes, or those before them, have been applied.
    ///
    /// # Errors
    /// [`Error::Internal`] if an account's code is not known.
    pub fn leaf_changes(&self, changes: &StateChanges) -> Result<Vec<(Digest, Digest)>> {
        leaf_changes(changes, |hash| self.code_commitment(hash))
    }

    /// The leaves of the state tree: key and value hash of every account that is not empty and of every slot.
    pub fn leaves(&self) -> Vec<(Digest, Digest)> {
        let mut leaves = Vec::with_capacity(self.accounts.len());
        for (address, stored) in &self.accounts {
            let value = account_value(&stored.account);
            if value != EMPTY {
                leaves.push((account_key(*address), value));
            }
            for (slot, value) in &stored.storage {
                leaves.push((storage_key(*address, *slot), storage_value(*value)));
            }
        }
        leaves
    }

    /// The state tree.
    pub fn tree(&self) -> StateTree {
        StateTree::build(self.leaves())
    }
}

/// What changes do to the state tree: key and new value hash of every leaf that they concern. `code` finds the code part of an
/// account by its Keccak-256, also that of no bytes.
///
/// # Errors
/// Those of `code`.
pub(crate) fn leaf_changes(
    changes: &StateChanges,
    code: impl Fn(&B256) -> Result<Code> + Sync,
) -> Result<Vec<(Digest, Digest)>> {
    let accounts = changes.accounts.par_iter().map(|change| {
        let value = match &change.after {
            None => EMPTY,
            Some(after) => account_value(&Account {
                nonce: after.nonce,
                balance: after.balance,
                code: code(&after.code_hash)?,
            }),
        };
        Ok((account_key(change.address), value))
    });
    let slots = changes.storage.par_iter().map(|change| {
        let key = storage_key(change.address, change.slot);
        Ok((key, storage_value(change.after)))
    });
    accounts.chain(slots).collect()
}

impl StateReader for State {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        let stored = self.accounts.get(address);
        Ok(stored.map(|stored| stored.account.into()))
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        let stored = self.accounts.get(address);
        let value = stored.and_then(|stored| stored.storage.get(slot));
        Ok(value.copied().unwrap_or_default())
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        let stored = self.codes.get(hash);
        let stored = stored.ok_or_else(|| Error::Internal(format!("no bytecode with hash {hash}")));
        Ok(stored?.bytecode.clone())
    }

    fn expect(&self, accounts: &mut dyn Iterator<Item = Address>) {
        for address in accounts {
            let stored = self.accounts.get(&address);
            core::hint::black_box(stored.map(|stored| stored.account.nonce));
        }
    }

    fn is_ordinary(&self) -> bool {
        self.is_ordinary
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        let stored = self.accounts.get(address);
        let slots = stored.map(|stored| stored.storage.keys().copied().collect());
        Ok(slots.unwrap_or_default())
    }
}

/// The state as revm reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a>(pub(crate) &'a State);

impl StorageOwners for View<'_> {
    fn first_slot(&mut self, address: Address) -> core::result::Result<Option<U256>, Infallible> {
        let stored = self.0.accounts.get(&address);
        Ok(stored.and_then(|stored| stored.storage.keys().min().copied()))
    }
}

impl revm::Database for View<'_> {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> core::result::Result<Option<AccountInfo>, Infallible> {
        Ok(self.0.accounts.get(&address).map(|stored| {
            AccountInfo {
                balance: stored.account.balance,
                nonce: stored.account.nonce,
                code_hash: stored.account.code.keccak,
                ..AccountInfo::default()
            }
            .without_code()
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> core::result::Result<Bytecode, Infallible> {
        let code = self.0.codes.get(&hash);
        Ok(code.map(|code| code.bytecode.clone()).unwrap_or_default())
    }

    fn storage(&mut self, address: Address, slot: U256) -> core::result::Result<U256, Infallible> {
        let stored = self.0.accounts.get(&address);
        let value = stored.and_then(|stored| stored.storage.get(&slot));
        Ok(value.copied().unwrap_or_default())
    }

    /// What state tests expect; provable transactions cannot ask.
    fn block_hash(&mut self, number: u64) -> core::result::Result<B256, Infallible> {
        Ok(hash_in_tests(number))
    }
}
