//! Checking a store: everything in it, against itself.

use alloy_primitives::{Address, U256};
use braid_circuits::event::{Account, Code};
use braid_circuits::state_hash::{
    Digest, EMPTY, account_key, account_value, storage_key, storage_value,
};
use braid_text::counted;
use rayon::prelude::*;
use redb::{ReadableTable, ReadableTableMetadata};

use super::files::caught;
use super::tables::{Kind, parse_account, parse_slot, parse_slot_key};
use super::view::parse_code;
use super::{Counts, StoreError, StoreView, pages};
use crate::error::Result;
use crate::execution::{AccountState, BLOCK_HASHES, StateReader};
use crate::tree::StateTree;

/// What [`Store::check`](super::Store::check) has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How much the store holds.
    pub counts: Counts,
    /// Pages of the state tree.
    pub pages: u64,
    /// The state root, computed anew from all accounts and slots.
    pub state_root: Digest,
}

/// Rows that are hashed at once.
const BATCH: usize = 1 << 14;

fn damaged(what: String) -> StoreError {
    StoreError::Damaged(what)
}

impl StoreView {
    /// Reads everything and computes it anew: bytecode under its hashes, the state tree from all accounts and slots, every page of
    /// the tree, the root. It takes about 6 us an account or slot and core.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first contradiction, or when the store cannot be read. `self` must be the state after the last block.
    pub(super) fn check(&self) -> Result<Checked> {
        caught(|| {
            self.check_codes()?;
            let mut leaves = self.account_leaves()?;
            leaves.extend(self.slot_leaves()?);
            leaves.extend(self.block_hashes()?.leaves(self.block().number));
            let tree = StateTree::build(leaves);
            let state_root = tree.root();
            if state_root != self.block().state_root {
                let what = "the accounts, slots and block hashes have another state root than the last block";
                return Err(damaged(what.to_owned()).into());
            }
            self.check_older_hashes()?;
            Ok(Checked {
                counts: self.counts()?,
                pages: self.check_pages(&tree)?,
                state_root,
            })
        })
    }

    /// Each is of a block before the store's first that the first state could have.
    fn check_older_hashes(&self) -> Result<()> {
        for (number, first) in self.older_hashes()? {
            let is_before = number < first && first - number <= BLOCK_HASHES;
            if !is_before || first > self.block().number || self.is_kept(number)? {
                let what =
                    format!("block {first} cannot have begun with the hash of block {number}");
                return Err(damaged(what).into());
            }
        }
        Ok(())
    }

    fn check_codes(&self) -> Result<()> {
        for row in self.codes().iter().map_err(StoreError::from)? {
            let (hash, row) = row.map_err(StoreError::from)?;
            let hash = hash.value().try_into();
            let hash = hash.map_err(|_| damaged("a bytecode has no proper hash".to_owned()))?;
            let (poseidon, bytes) = parse_code(&hash, row.value())?;
            let code = Code::of(bytes);
            if code.is_none_or(|code| code.keccak != hash || code.poseidon != poseidon) {
                return Err(damaged(format!("the bytecode {hash} has another hash")).into());
            }
        }
        Ok(())
    }

    fn account_leaves(&self) -> Result<Vec<(Digest, Digest)>> {
        let mut leaves = Vec::new();
        let mut supply = Some(U256::ZERO);
        let hash = |batch: &mut Vec<(Address, AccountState)>, leaves: &mut Vec<_>| {
            let hashed = batch.par_drain(..).map(|(address, account)| {
                let account = Account {
                    nonce: account.nonce,
                    balance: account.balance,
                    code: self.code_commitment(&account.code_hash)?,
                };
                Ok((account_key(address), account_value(&account)))
            });
            leaves.extend(hashed.collect::<Result<Vec<_>>>()?);
            Ok::<_, crate::Error>(())
        };
        let mut batch = Vec::with_capacity(BATCH);
        let table = self.table(Kind::Account);
        for row in table.iter().map_err(StoreError::from)? {
            let (address, row) = row.map_err(StoreError::from)?;
            let address = Address::try_from(address.value());
            let address = address.map_err(|_| damaged("an account has no address".to_owned()))?;
            let account = parse_account(row.value())?;
            let account = account.ok_or_else(|| damaged(format!("account {address} is none")))?;
            supply = supply.and_then(|supply| supply.checked_add(account.balance));
            batch.push((address, account));
            if batch.len() == BATCH {
                hash(&mut batch, &mut leaves)?;
            }
        }
        hash(&mut batch, &mut leaves)?;
        if self.is_ordinary() && supply.is_none() {
            let what = "balances add up to 2^256 or more in a state that is said to be ordinary";
            return Err(damaged(what.to_owned()).into());
        }
        leaves.retain(|(_, value)| *value != EMPTY);
        Ok(leaves)
    }

    fn slot_leaves(&self) -> Result<Vec<(Digest, Digest)>> {
        let mut leaves = Vec::new();
        let hash =
            |batch: &mut Vec<_>, leaves: &mut Vec<_>| {
                leaves.par_extend(batch.par_drain(..).map(|(address, slot, value)| {
                    (storage_key(address, slot), storage_value(value))
                }));
            };
        let mut batch = Vec::with_capacity(BATCH);
        let mut owner = None;
        let table = self.table(Kind::Slot);
        for row in table.iter().map_err(StoreError::from)? {
            let (key, row) = row.map_err(StoreError::from)?;
            let (address, slot) = parse_slot_key(key.value())?;
            let value = parse_slot(row.value())?;
            if value.is_zero() {
                return Err(damaged(format!("slot {slot} of {address} is zero")).into());
            }
            if owner != Some(address) {
                let accounts = self.table(Kind::Account);
                let account = accounts.get(address.as_slice()).map_err(StoreError::from)?;
                let account = account.ok_or(StoreError::OrphanSlot { address, slot })?;
                let account = parse_account(account.value())?;
                let is_contract = account.is_some_and(|account| account.is_contract());
                if self.is_ordinary() && !is_contract {
                    let what =
                        "has slots and is no contract, in a state that is said to be ordinary";
                    return Err(damaged(format!("{address} {what}")).into());
                }
                owner = Some(address);
            }
            batch.push((address, slot, value));
            if batch.len() == BATCH {
                hash(&mut batch, &mut leaves);
            }
        }
        hash(&mut batch, &mut leaves);
        Ok(leaves)
    }

    /// Every page is that of the tree, and there are no others.
    fn check_pages(&self, tree: &StateTree) -> Result<u64> {
        let table = self.table(Kind::Page);
        let mut count = 0;
        pages::changed(&StateTree::default(), tree, &mut |key, bytes| {
            let found = table.get(key.as_slice()).map_err(StoreError::from)?;
            if found.as_ref().map(|row| row.value()) != bytes.as_deref() {
                let key = alloy_primitives::hex::encode(key);
                return Err(
                    damaged(format!("page {key} of the state tree is not as it must be")).into(),
                );
            }
            count += 1;
            Ok(())
        })?;
        let found = table.len().map_err(StoreError::from)?;
        if found != count {
            return Err(damaged(format!(
                "the state tree has {} and the store {found}",
                counted(count, "page")
            ))
            .into());
        }
        Ok(count)
    }
}
