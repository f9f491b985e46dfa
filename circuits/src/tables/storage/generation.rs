//! Filling `storage`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::ORDERED;
use super::columns::{CutColumns, StorageColumns, StorageSide};
use crate::error::Error;
use crate::event::SlotEvent;
use crate::execution::{SlotKey, SlotVersion, TouchedSlot};
use crate::state_hash::{Digest, storage_key, storage_value};
use crate::word::{address, limbs32, word};

/// A row for each of `slots`, strictly ascending by address and slot, then for each slot of transient storage among `touched`, which are what the chunk accesses. The first row is the `first_step`-th update of the tree.
///
/// # Errors
/// [`Error::Events`] when slots are out of order, or are not what the chunk finds and leaves.
pub fn generate(
    slots: &[SlotEvent],
    touched: &[TouchedSlot],
    first_step: u64,
) -> Result<Trace, Error> {
    let touched = touched.iter().map(|slot| (slot.key, *slot));
    let mut touched: BTreeMap<SlotKey, TouchedSlot> = touched.collect();
    let mut rows = Vec::new();
    let mut above = None;
    for event in slots {
        let key = SlotKey {
            space: 0,
            address: event.address,
            slot: event.slot,
        };
        let refuse = |why: &str| {
            let SlotKey { address, slot, .. } = key;
            Err(Error::Events(format!("slot {slot:#x} of {address}: {why}")))
        };
        if above.is_some_and(|above| key <= above) {
            return refuse("not above the one before");
        }
        above = Some(key);
        let unchanged = TouchedSlot {
            key,
            first: event.before,
            last: SlotVersion {
                value: event.before,
                ..SlotVersion::default()
            },
        };
        let slot = touched.remove(&key).unwrap_or(unchanged);
        if (slot.first, slot.last.value) != (event.before, event.after) {
            return refuse("not what the chunk makes of it");
        }
        rows.push(slot);
    }
    rows.extend(touched.into_values());
    let mut trace = Trace::new(StorageColumns::<Felt>::WIDTH);
    for (index, slot) in rows.iter().enumerate() {
        let SlotKey { space, address, .. } = slot.key;
        if space == 0 && index >= slots.len() {
            let why = format!("slot {:#x} of {address} is missing", slot.key.slot);
            return Err(Error::Events(why));
        }
        let row = trace.push();
        fill(row, slot, first_step + index as u64);
        if let Some(next) = rows.get(index + 1) {
            fill_order(row, &slot.key, &next.key);
        }
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}

/// Fills a row but for the order.
fn fill(row: &mut StorageColumns<Felt>, slot: &TouchedSlot, step: u64) {
    let SlotKey {
        space,
        address: owner,
        slot: number,
    } = slot.key;
    row.used = Felt::ONE;
    row.step = felt(step);
    row.space = felt(space);
    row.address = address(owner);
    row.slot = word(number);
    row.before.value = word(slot.first);
    row.after.value = word(slot.last.value);
    row.original = word(slot.last.original);
    row.transaction = felt(slot.last.transaction);
    row.accessed = felt(slot.last.timestamp);
    if space != 0 {
        row.transient = Felt::ONE;
        row.space_inverse = row.space.inverse();
        return;
    }
    row.address_cuts = cuts(U256::from_be_bytes(owner.into_word().0));
    row.slot_cuts = cuts(number);
    let third = limbs32(number)[5];
    row.slot_third = [third & 0xff, (third >> 8) & 0xff].map(felt);
    row.key = felts(storage_key(owner, number));
    fill_side(&mut row.before, slot.first);
    fill_side(&mut row.after, slot.last.value);
}

fn cuts(number: U256) -> CutColumns<Felt> {
    let limbs = limbs32(number);
    CutColumns {
        first: [limbs[1] & 0xffff, (limbs[1] >> 16) & 0xff].map(felt),
        second: felt(limbs[3] & 0xffff),
    }
}

fn fill_side(side: &mut StorageSide<Felt>, value: U256) {
    let sum: Felt = side.value.into_iter().sum();
    if let Some(inverse) = sum.try_inverse() {
        side.present = Felt::ONE;
        side.inverse = inverse;
    }
    side.hash = felts(storage_value(value));
}

/// What rows are ordered by, most significant first.
fn ordered(key: &SlotKey) -> [u64; ORDERED] {
    let owner = limbs32(U256::from_be_bytes(key.address.into_word().0));
    let limbs = limbs32(key.slot);
    core::array::from_fn(|index| match index {
        0 => key.space,
        1..=5 => owner[5 - index],
        _ => limbs[13 - index],
    })
}

/// Fills how the next row's slot is above this one.
fn fill_order(row: &mut StorageColumns<Felt>, here: &SlotKey, next: &SlotKey) {
    let pairs = ordered(here).into_iter().zip(ordered(next));
    for (flag, (here, there)) in row.differs.iter_mut().zip(pairs) {
        if here != there {
            *flag = Felt::ONE;
            let gap = there.wrapping_sub(here).wrapping_sub(1);
            row.gap = [gap & 0xffff, gap >> 16].map(felt);
            return;
        }
    }
}
