use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{ORDERED, Storage, StorageColumns, generate};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::event::{SlotEvent, TreePath};
use crate::execution::{SlotKey, SlotVersion, TouchedSlot};
use crate::state_hash::{Digest, EMPTY, HashInput, storage_key, storage_value};
use crate::tables::test_support::{claims_of, findings_among, padded};
use crate::tables::tree::{self, reference};
use crate::word::{address, word};

type Row = StorageColumns<Felt>;

/// Updates of accounts that come before.
const FIRST_STEP: u64 = 7;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(felt)
}

/// Addresses and slots with bits at every cut, and what becomes of each: set, cleared, changed, read, read as zero; slots of transient storage of two transactions.
fn touched() -> Vec<TouchedSlot> {
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
fn others() -> Vec<(Felt, Message<Felt>)> {
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

fn rows() -> Trace {
    let events = events(&mut content());
    padded(
        &Storage,
        &generate(&events, &touched(), FIRST_STEP).expect("rows"),
    )
}

fn row(trace: &mut Trace, index: usize) -> &mut Row {
    StorageColumns::from_slice_mut(trace.row_mut(index))
}

fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    let mut trace = rows();
    forge(&mut trace);
    let found = findings_among(&Storage, &trace, others());
    assert!(found.contains(label), "expected {label}, found {found:?}");
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
fn two_first_versions_of_a_slot() {
    for differs in 0..ORDERED {
        for (gap, label) in [(Felt::NEG_ONE, "U16"), (Felt::ZERO, "storage/order")] {
            caught(label, |trace| {
                let step = row(trace, 1).step;
                let again = *row(trace, 0);
                *row(trace, 1) = Row { step, ..again };
                row(trace, 0).differs = core::array::from_fn(|i| Felt::from_bool(i == differs));
                row(trace, 0).gap = [gap, Felt::ZERO];
            });
        }
    }
    caught("storage/differs", |trace| {
        row(trace, 0).differs = [Felt::ZERO; ORDERED];
    });
    caught("storage/differs", |trace| {
        row(trace, 0).differs[13] = felt(2)
    });
    // Of rows that are out of order.
    caught("storage/order", |trace| {
        let (first, second) = (*row(trace, 1), *row(trace, 2));
        *row(trace, 1) = Row {
            step: first.step,
            ..second
        };
        *row(trace, 2) = Row {
            step: second.step,
            ..first
        };
    });
    // A low limb that is larger hides a higher one that is less.
    caught("storage/order", |trace| {
        let differs = row(trace, 1).differs;
        row(trace, 1).differs = differs;
        row(trace, 1).differs.rotate_right(1);
    });
    // From the last row there is no next.
    caught("storage/differs", |trace| {
        let last = trace.height() - 1;
        row(trace, last).differs[0] = Felt::ONE;
    });
    caught("U16", |trace| row(trace, 1).gap[1] = felt(1 << 16));
}

#[test]
fn steps_and_padding() {
    caught("storage/step", |trace| row(trace, 2).step += Felt::ONE);
    caught("storage/used first", |trace| {
        row(trace, 2).used = Felt::ZERO
    });
    caught("storage/used", |trace| row(trace, 2).used = felt(2));
    caught("TreeUpdate", |trace| {
        (0..touched().len()).for_each(|index| row(trace, index).step += Felt::ONE);
    });
    // A row of padding that says something.
    let end = touched().len();
    caught("storage/differs", |trace| row(trace, end).used = Felt::ONE);
    caught("storage/transient", |trace| {
        row(trace, end).transient = Felt::ONE;
    });
    caught("storage/present", |trace| {
        row(trace, end).after.present = Felt::ONE;
    });
}

/// The first slot is zero at first, the second at last; the last but two are of transient storage.
#[test]
fn leaves_and_zeros() {
    let side = |trace: &mut Trace, index: usize, after: bool| {
        let row = row(trace, index);
        if after { row.after } else { row.before }
    };
    for (index, after) in [(0, false), (1, true)] {
        let zero = side(&mut rows(), index, after);
        assert_eq!((zero.value, zero.present), ([Felt::ZERO; 8], Felt::ZERO));
        // A leaf for zero, of the hash that zero would have.
        for inverse in [Felt::ZERO, Felt::ONE] {
            caught("storage/not zero", |trace| {
                let row = row(trace, index);
                let side = if after {
                    &mut row.after
                } else {
                    &mut row.before
                };
                (side.present, side.inverse) = (Felt::ONE, inverse);
                side.hash = felts(HashInput::storage_value(U256::ZERO).digest());
            });
        }
        caught("storage/no hash", |trace| {
            let row = row(trace, index);
            let side = if after {
                &mut row.after
            } else {
                &mut row.before
            };
            side.hash[2] = Felt::ONE;
        });
    }
    // No leaf where there is a value.
    for (index, after) in [(0, true), (1, false), (3, true)] {
        caught("storage/absent", |trace| {
            let row = row(trace, index);
            let side = if after {
                &mut row.after
            } else {
                &mut row.before
            };
            (side.present, side.inverse) = (Felt::ZERO, Felt::ZERO);
            side.hash = [Felt::ZERO; 4];
        });
    }
    caught("storage/present", |trace| {
        row(trace, 0).after.present = felt(2)
    });
    caught("Poseidon", |trace| row(trace, 0).after.hash[0] += Felt::ONE);
    // Transient storage that begins with a value, or has a leaf.
    let transient = touched().len() - 3;
    caught("storage/absent", |trace| {
        row(trace, transient).before.value[0] = Felt::ONE;
    });
    caught("storage/present", |trace| {
        row(trace, transient).after.present = Felt::ONE;
    });
}

#[test]
fn values_are_those_written_last() {
    caught("StorageVersion", |trace| {
        row(trace, 2).after.value[0] += Felt::ONE;
    });
    caught("Poseidon", |trace| {
        row(trace, 2).after.value[0] += Felt::ONE
    });
    caught("StorageVersion", |trace| {
        row(trace, 2).before.value[7] += Felt::ONE;
    });
    caught("StorageVersion", |trace| {
        row(trace, 2).accessed -= Felt::ONE
    });
    caught("StorageVersion", |trace| {
        row(trace, 2).original[0] += Felt::ONE
    });
    caught("StorageVersion", |trace| {
        row(trace, 2).transaction += Felt::ONE
    });
}

#[test]
fn another_account_slot_or_space() {
    caught("StorageVersion", |trace| {
        row(trace, 0).address[0] += Felt::ONE
    });
    caught("Poseidon", |trace| row(trace, 0).address[0] += Felt::ONE);
    caught("Poseidon", |trace| row(trace, 0).slot[7] += Felt::ONE);
    caught("Poseidon", |trace| {
        let other = row(trace, 1).key;
        row(trace, 0).key = other;
    });
    // Storage called transient, so that it has no leaf, in its space or in another; and the reverse.
    let last = touched().iter().filter(|slot| slot.key.space == 0).count() - 1;
    caught("storage/space", |trace| {
        row(trace, last).transient = Felt::ONE;
    });
    caught("StorageVersion", |trace| {
        let row = row(trace, last);
        row.transient = Felt::ONE;
        (row.space, row.space_inverse) = (Felt::ONE, Felt::ONE);
    });
    for inverse in [Felt::ZERO, Felt::ONE] {
        caught("storage/space", |trace| {
            let row = row(trace, last + 1);
            (row.transient, row.space_inverse) = (Felt::ZERO, inverse);
        });
    }
    caught("storage/transient", |trace| {
        row(trace, last + 1).transient = felt(2)
    });
}

/// The pieces of a key are made of other parts of a limb.
#[test]
fn cuts_are_where_they_should_be() {
    type Part = fn(&mut Row) -> &mut Felt;
    let parts: [(Part, u64); 8] = [
        (|row| &mut row.slot_cuts.first[0], 1 << 16),
        (|row| &mut row.slot_cuts.first[1], 1 << 8),
        (|row| &mut row.slot_cuts.second, 1 << 16),
        (|row| &mut row.slot_third[0], 1 << 8),
        (|row| &mut row.slot_third[1], 1 << 8),
        (|row| &mut row.address_cuts.first[0], 1 << 16),
        (|row| &mut row.address_cuts.first[1], 1 << 8),
        (|row| &mut row.address_cuts.second, 1 << 16),
    ];
    for (part, unit) in parts {
        for change in [Felt::ONE, Felt::NEG_ONE, felt(unit), -felt(unit)] {
            let mut trace = rows();
            *part(row(&mut trace, 3)) += change;
            let found = findings_among(&Storage, &trace, others());
            let hashed =
                *part(&mut row(&mut rows(), 3).clone()) != row(&mut rows(), 3).slot_third[1];
            assert!(found.contains("Poseidon") || !hashed, "{found:?}");
            assert!(found.contains("U16") || found.contains("U8"), "{found:?}");
        }
    }
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
