//! What a cheating prover tries, and what catches it.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::tests::{felt, felts, others, rows, touched};
use super::{ORDERED, Storage, StorageColumns};
use crate::state_hash::HashInput;
use crate::tables::test_support::findings_among;

type Row = StorageColumns<Felt>;

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
    // A low limb that is larger hides a higher one that is less or more.
    for index in 1..4 {
        caught("storage/higher", |trace| {
            let [here, next] = [index, index + 1].map(|index| row(trace, index).slot[0]);
            let row = row(trace, index);
            row.differs = core::array::from_fn(|place| Felt::from_bool(place == ORDERED - 1));
            row.gap = [next - here - Felt::ONE, Felt::ZERO];
        });
    }
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
