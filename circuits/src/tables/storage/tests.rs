use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Trace};
use plonky2::field::types::Field;

use super::{Storage, generate};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::event::{SlotEvent, TreePath};
use crate::execution::{SlotKey, SlotVersion, TouchedSlot};
use crate::state_hash::{Digest, EMPTY, HashInput, storage_key, storage_value};
use crate::tables::test_support::{claims_of, findings_among, padded};
use crate::tables::tree::{self, reference};
use crate::word::{address, word};

/// Updates of accounts that come before.
const FIRST_STEP: u64 = 7;

pub(super) fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

pub(super) fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(felt)
}

/// Addresses and slots with bits at every cut, and what becomes of each: set, cleared, changed, read, read as zero; slots of transient storage of two transactions.
pub(super) fn touched() -> Vec<TouchedSlot> {
    let low = Address::with_last_byte(3);
    let high = Address::repeat_byte(0xe7);
    let wide = U256::MAX / U256::from(3);
    let (zero, one) = (U256::ZERO, U256::ONE);
    let slots = [
        (0, low, zero, zero, one),
        (0, low, one, U256::MAX, zero),
        (0, low, one << 56, one, wide),
        (0, low, wide, wide, wide),
        (0, high, zero, zero, zero),
        (0, high, one << 255, one, one << 224),
        (0, high, U256::MAX, wide, one),
        (1, low, zero, zero, wide),
        (1, high, U256::MAX, zero, zero),
        (4, low, zero, zero, one),
    ];
    let slot =
        |(index, (space, address, slot, first, last)): (u64, (u64, _, _, _, U256))| TouchedSlot {
            key: SlotKey {
                space,
                address,
                slot,
            },
            first,
            last: SlotVersion {
                value: last,
                original: last + one.wrapping_shl(100),
                transaction: 2 + index,
                timestamp: 100 + index,
            },
        };
    let slots = (0..).zip(slots);
    let mut slots: Vec<TouchedSlot> = slots.map(slot).collect();
    slots.sort_by_key(|slot| slot.key);
    slots
}

/// The events of slots, each with the path that `content` gives it, which is brought up to date.
fn events(content: &mut reference::Content) -> Vec<SlotEvent> {
    let touched = touched().into_iter();
    let slots = touched.filter(|slot| slot.key.space == 0);
    let event = |slot: TouchedSlot| {
        let SlotKey {
            address,
            slot: number,
            ..
        } = slot.key;
        let key = storage_key(address, number);
        let after = storage_value(slot.last.value);
        let path = reference::path(content, key, after);
        match after {
            EMPTY => content.remove(&key),
            _ => content.insert(key, after),
        };
        SlotEvent {
            address,
            slot: number,
            before: slot.first,
            after: slot.last.value,
            path,
        }
    };
    slots.map(event).collect()
}

/// A tree with these slots as they are before, and a leaf of another key.
fn content() -> reference::Content {
    let mut content = BTreeMap::from([([5, 6, 7, 8], [1, 2, 3, 4])]);
    for slot in touched().iter().filter(|slot| slot.key.space == 0) {
        let value = storage_value(slot.first);
        if value != EMPTY {
            content.insert(storage_key(slot.key.address, slot.key.slot), value);
        }
    }
    content
}

fn hash(input: HashInput) -> (Felt, Message<Felt>) {
    let claim = Message::Poseidon {
        input: input.state(),
        output: felts(input.digest()),
    };
    (Felt::NEG_ONE, claim)
}

/// What accesses, the tree and `poseidon` say.
pub(super) fn others() -> Vec<(Felt, Message<Felt>)> {
    let mut said = Vec::new();
    for (step, slot) in (FIRST_STEP..).zip(touched()) {
        let SlotKey {
            space,
            address: owner,
            slot: number,
        } = slot.key;
        let version = |version: &SlotVersion| Message::StorageVersion {
            space: felt(space),
            address: address(owner),
            slot: word(number),
            value: word(version.value),
            original: word(version.original),
            transaction: felt(version.transaction),
            timestamp: felt(version.timestamp),
        };
        let first = SlotVersion {
            value: slot.first,
            ..SlotVersion::default()
        };
        said.push((Felt::NEG_ONE, version(&first)));
        said.push((Felt::ONE, version(&slot.last)));
        if space != 0 {
            continue;
        }
        said.push(hash(HashInput::storage_key(owner, number)));
        let values = [slot.first, slot.last.value];
        let present = values.map(|value| !value.is_zero());
        for value in values.into_iter().filter(|value| !value.is_zero()) {
            said.push(hash(HashInput::storage_value(value)));
        }
        let update = Message::TreeUpdate {
            step: felt(step),
            key: felts(storage_key(owner, number)),
            present_before: Felt::from_bool(present[0]),
            before: felts(storage_value(values[0])),
            present_after: Felt::from_bool(present[1]),
            after: felts(storage_value(values[1])),
        };
        said.push((Felt::NEG_ONE, update));
    }
    said
}

pub(super) fn rows() -> Trace {
    let events = events(&mut content());
    padded(
        &Storage,
        &generate(&events, &touched(), FIRST_STEP).expect("rows"),
    )
}

#[test]
fn slots_balance() {
    let found = findings_among(&Storage, &rows(), others());
    assert!(found.is_empty(), "{found:?}");
    let none = padded(&Storage, &generate(&[], &[], 0).expect("no rows"));
    assert!(findings_among(&Storage, &none, []).is_empty());
    assert_eq!(SymbolicTable::of(&Storage).excessive_degrees(), []);
}

#[test]
fn every_column_is_bound() {
    let used: Vec<_> = (0..touched().len()).collect();
    let loose = unnoticed_columns(&Storage, &rows(), &used, &[tag::U16, tag::U8]);
    // Its limb's higher bits are hashed whatever it is; lookups alone say where it ends.
    assert_eq!(loose, ["slot_third[1]"]);
}

/// The updates lead from the tree before to the tree after.
#[test]
fn the_tree_follows() {
    let (before, mut after) = (content(), content());
    let events = events(&mut after);
    let rows = generate(&events, &touched(), 0).expect("rows");
    let paths: Vec<&TreePath> = events.iter().map(|event| &event.path).collect();
    let claims = claims_of(&Storage, &rows);
    let updates = tree::updates(&claims, paths.into_iter()).expect("updates");
    let (_, root) = tree::generate(&updates, reference::root(&before)).expect("a tree");
    assert_eq!(root, reference::root(&after));
    assert_ne!(root, reference::root(&before));
    assert!(tree::updates(&claims, [].into_iter()).is_err());
}

#[test]
fn contradictory_events_are_errors() {
    let good = events(&mut content());
    let touched = touched();
    assert!(generate(&good, &touched, 0).is_ok());
    let refused = |slots: &[SlotEvent], touched: &[TouchedSlot]| {
        let rows = generate(slots, touched, 0);
        assert!(matches!(rows, Err(Error::Events(_))));
    };
    // One is missing, comes twice, in another order, or changes without an access.
    refused(&good[1..], &touched);
    let twice = [&good[..1], &good[..]].concat();
    refused(&twice, &touched);
    let mut swapped = good.clone();
    swapped.swap(0, 1);
    refused(&swapped, &touched);
    refused(&good, &touched[1..]);
    let mut other = good.clone();
    other[0].after += U256::ONE;
    refused(&other, &touched);
    let mut other = good;
    other[3].before += U256::ONE;
    refused(&other, &touched);
}
