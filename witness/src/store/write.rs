//! Writing a store: what one transaction of the database does.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, U256};
use redb::{ReadableTable, Table, WriteTransaction};

use super::error::Disagreement;
use super::tables::{
    BLOCKS, CODES, Entry, HISTORY, Kind, META, OLDER_HASHES, account_bytes, block_bytes,
    history_key, parse_account, parse_history_key, parse_slot, parse_slot_key, slot_bytes,
    slot_key,
};
use super::view::code_row;
use super::{StoreError, StoredBlock, pages};
use crate::error::Result;
use crate::execution::StateChanges;
use crate::ordinary::StaysOrdinary;
use crate::state::StoredCode;
use crate::tree::StateTree;

type Writable<'a> = Table<'a, &'static [u8], &'static [u8]>;

fn open<'a>(transaction: &'a WriteTransaction, kind: Kind) -> Result<Writable<'a>> {
    Ok(transaction
        .open_table(kind.table())
        .map_err(StoreError::from)?)
}

/// Replaces a row, no bytes for none.
fn put(table: &mut Writable, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
    if row.is_empty() {
        table.remove(key)?;
    } else {
        table.insert(key, row)?;
    }
    Ok(())
}

/// The history, as far as it is to be written.
struct History<'a> {
    table: Writable<'a>,
    /// The block that is written; `None` for the genesis, before which there is nothing.
    block: Option<u64>,
}

impl History<'_> {
    /// Replaces a row, no bytes for none, shows `check` what was there, and keeps it.
    fn replace(
        &mut self,
        kind: Kind,
        table: &mut Writable,
        key: &[u8],
        row: &[u8],
        check: impl FnOnce(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let before = if row.is_empty() {
            table.remove(key)
        } else {
            table.insert(key, row)
        };
        let before = before.map_err(StoreError::from)?;
        let before = before.as_ref().map_or(&[][..], |row| row.value());
        check(before)?;
        if let Some(block) = self.block
            && before != row
        {
            let key = history_key(block, kind, key);
            let kept = self.table.insert(key.as_slice(), before);
            kept.map_err(StoreError::from)?;
        }
        Ok(())
    }
}

/// Writes what a block (`None`: the genesis) does to the state and to its tree, and what was there before it. Gives whether a state stays ordinary that
/// was so before.
///
/// # Errors
/// [`StoreError::AccountDisagrees`], [`StoreError::SlotDisagrees`], [`StoreError::OrphanSlot`], or when the store cannot be
/// written. The transaction must then be given up.
pub fn state(
    transaction: &WriteTransaction,
    block: Option<u64>,
    changes: &StateChanges,
    codes: &[StoredCode],
    [before, after]: [&StateTree; 2],
) -> Result<bool> {
    let table = transaction.open_table(HISTORY).map_err(StoreError::from)?;
    let mut history = History { table, block };
    let mut accounts = open(transaction, Kind::Account)?;
    let mut slots = open(transaction, Kind::Slot)?;
    let mut tree = open(transaction, Kind::Page)?;
    let mut ordinary = StaysOrdinary::default();
    write_accounts(&mut history, &mut accounts, changes, &mut ordinary)?;
    write_slots(&mut history, &mut slots, changes)?;
    no_orphans(&accounts, &slots, changes, &mut ordinary)?;
    let mut table = transaction.open_table(CODES).map_err(StoreError::from)?;
    for StoredCode { code, bytecode } in codes {
        let row = code_row(code, bytecode.original_byte_slice());
        let stored = table.insert(code.keccak.as_slice(), row.as_slice());
        stored.map_err(StoreError::from)?;
    }
    // In the order of their keys pages are written fastest.
    let mut rows = Vec::new();
    pages::changed(before, after, &mut |key, row| {
        rows.push((key, row.unwrap_or_default()));
        Ok(())
    })?;
    rows.sort_unstable();
    for (key, row) in rows {
        history.replace(Kind::Page, &mut tree, &key, &row, |_| Ok(()))?;
    }
    Ok(ordinary.holds())
}

fn write_accounts(
    history: &mut History,
    table: &mut Writable,
    changes: &StateChanges,
    ordinary: &mut StaysOrdinary,
) -> Result<()> {
    for change in &changes.accounts {
        let address = change.address;
        // What was there before is compared below.
        ordinary.account(change.before.as_ref(), change.after.as_ref());
        let row = account_bytes(&change.after);
        history.replace(Kind::Account, table, address.as_slice(), &row, |row| {
            let (found, given) = (parse_account(row)?, change.before);
            if found == given {
                return Ok(());
            }
            let values = Box::new(Disagreement { found, given });
            Err(StoreError::AccountDisagrees { address, values }.into())
        })?;
    }
    Ok(())
}

fn write_slots(history: &mut History, table: &mut Writable, changes: &StateChanges) -> Result<()> {
    for change in &changes.storage {
        let (address, slot) = (change.address, change.slot);
        let key = slot_key(&address, &slot);
        let row = slot_bytes(&change.after);
        history.replace(Kind::Slot, table, &key, &row, |row| {
            let (found, given) = (parse_slot(row)?, change.before);
            if found == given {
                return Ok(());
            }
            let values = Box::new(Disagreement { found, given });
            let disagrees = StoreError::SlotDisagrees {
                address,
                slot,
                values,
            };
            Err(disagrees.into())
        })?;
    }
    Ok(())
}

/// No account that is gone has slots left, and no account that is not there gets any.
fn no_orphans(
    accounts: &Writable,
    slots: &Writable,
    changes: &StateChanges,
    ordinary: &mut StaysOrdinary,
) -> Result<()> {
    let gone = changes
        .accounts
        .iter()
        .filter(|change| change.after.is_none());
    for address in gone.map(|change| change.address) {
        let [first, last] = [U256::ZERO, U256::MAX].map(|slot| slot_key(&address, &slot));
        let mut range = slots
            .range(&first[..]..=&last[..])
            .map_err(StoreError::from)?;
        if let Some(row) = range.next() {
            let (key, _) = row.map_err(StoreError::from)?;
            let (address, slot) = parse_slot_key(key.value())?;
            return Err(StoreError::OrphanSlot { address, slot }.into());
        }
    }
    let mut known = BTreeSet::new();
    for change in changes
        .storage
        .iter()
        .filter(|change| !change.after.is_zero())
    {
        let (address, slot) = (change.address, change.slot);
        if !known.insert(address) {
            continue;
        }
        let account = accounts.get(address.as_slice()).map_err(StoreError::from)?;
        let account = account.ok_or(StoreError::OrphanSlot { address, slot })?;
        ordinary.owner(parse_account(account.value())?.as_ref());
    }
    Ok(())
}

/// Writes a number about the store.
pub fn number(transaction: &WriteTransaction, entry: Entry, value: u64) -> Result<(), StoreError> {
    transaction.open_table(META)?.insert(entry.key(), value)?;
    Ok(())
}

/// Writes the last block.
pub fn head(transaction: &WriteTransaction, block: &StoredBlock) -> Result<(), StoreError> {
    let mut blocks = transaction.open_table(BLOCKS)?;
    blocks.insert(block.number, block_bytes(block))?;
    number(transaction, Entry::Head, block.number)
}

/// Writes the hashes of blocks before the first, `block`, that the state begins with.
pub fn older_hashes(
    transaction: &WriteTransaction,
    block: u64,
    hashes: &BTreeMap<u64, B256>,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(OLDER_HASHES)?;
    for (number, hash) in hashes {
        table.insert(number, (block, hash.0))?;
    }
    Ok(())
}

/// Takes back the last block, `number`.
pub fn undo(transaction: &WriteTransaction, number: u64) -> Result<(), StoreError> {
    let mut history = transaction.open_table(HISTORY)?;
    for kind in Kind::ALL {
        let mut table = transaction.open_table(kind.table())?;
        let [first, next] = [kind as u8, kind as u8 + 1];
        let [first, next] = [first, next].map(|kind| {
            let mut bound = number.to_be_bytes().to_vec();
            bound.push(kind);
            bound
        });
        for row in history.range(first.as_slice()..next.as_slice())? {
            let (key, row) = row?;
            put(&mut table, parse_history_key(key.value())?.1, row.value())?;
        }
    }
    while history
        .last()?
        .is_some_and(|(key, _)| key.value() >= &number.to_be_bytes()[..])
    {
        history.pop_last()?;
    }
    transaction.open_table(BLOCKS)?.remove(number)?;
    self::number(transaction, Entry::Head, number.saturating_sub(1))
}

/// Forgets the states before that of block `oldest`, and blocks whose hashes no state has any more that is kept; gives the number of
/// rows of history that are gone.
pub fn prune(
    transaction: &WriteTransaction,
    oldest: u64,
    block_hashes: u64,
) -> Result<u64, StoreError> {
    let mut history = transaction.open_table(HISTORY)?;
    let mut rows = 0;
    // What was before a block is needed for the states before it only.
    let bound = oldest.saturating_add(1).to_be_bytes();
    loop {
        let first = history.first()?;
        if first.is_none_or(|(key, _)| key.value() >= &bound[..]) {
            break;
        }
        history.pop_first()?;
        rows += 1;
    }
    let first = oldest.saturating_sub(block_hashes);
    transaction
        .open_table(BLOCKS)?
        .retain_in(..first, |_, _| false)?;
    transaction
        .open_table(OLDER_HASHES)?
        .retain_in(..first, |_, _| false)?;
    number(transaction, Entry::Oldest, oldest)?;
    Ok(rows)
}
