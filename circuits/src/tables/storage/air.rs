//! Constraints and messages of `storage`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::ORDERED;
use super::columns::{CutColumns, StorageColumns, StorageSide};
use crate::access::{SlotFields, SlotPlace};
use crate::bus::Message;
use crate::limbs::range_check_when;
use crate::state_hash::{Domain, RATE, WIDTH};
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Storage;

impl Table for Storage {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<StorageColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &StorageColumns<B::X> = row.local();
        flags(&row, builder);
        order(&row, builder);
        side(&local.before, persists(local), builder);
        side(&local.after, persists(local), builder);
        // A first version without leaf is zero, a last one only if there could be one.
        let absent = [B::X::one(), persists(local)];
        for (side, may) in [&local.before, &local.after].into_iter().zip(absent) {
            for limb in side.value {
                builder.assert_zero("storage/absent", (may - side.present) * limb);
            }
        }
        versions(local, builder);
        key(local, builder);
        let update = Message::TreeUpdate {
            step: local.step,
            key: local.key,
            present_before: local.before.present,
            before: local.before.hash,
            present_after: local.after.present,
            after: local.after.hash,
        };
        builder.send(update, persists(local));
    }
}

/// Whether the slot is in the state tree.
fn persists<X: Expression>(local: &StorageColumns<X>) -> X {
    local.used - local.transient
}

/// Used rows come first and are counted; those of transient storage are the ones of another space than 0.
fn flags<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &StorageColumns<B::X> = row.local();
    let next: &StorageColumns<B::X> = row.next();
    let continues = row.transition * next.used;
    builder.assert_bool("storage/used", local.used);
    builder.assert_zero("storage/used first", continues * local.used.not());
    let counted = local.step + B::X::one();
    builder.assert_eq_when("storage/step", continues, next.step, counted);
    builder.assert_bool("storage/transient", local.transient);
    builder.assert_zero("storage/transient", local.transient * local.used.not());
    let shown = local.space * local.space_inverse;
    builder.assert_eq("storage/space", shown, local.transient);
    builder.assert_zero("storage/space", persists(local) * local.space);
}

/// What rows are ordered by, most significant first.
fn ordered<X: Expression>(local: &StorageColumns<X>) -> [X; ORDERED] {
    let limbs = [local.space].into_iter();
    let limbs = limbs.chain(local.address.into_iter().rev());
    let mut limbs = limbs.chain(local.slot.into_iter().rev());
    core::array::from_fn(|_| limbs.next().unwrap_or_else(X::zero))
}

/// Used rows ascend strictly.
fn order<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &StorageColumns<B::X> = row.local();
    let next: &StorageColumns<B::X> = row.next();
    let one = B::X::one();
    // How many of the elements from the first on are not yet known to be equal.
    let mut higher = B::X::zero();
    let mut growth = B::X::zero();
    let pairs = ordered(local).into_iter().zip(ordered(next));
    for (flag, (here, there)) in local.differs.into_iter().zip(pairs) {
        builder.assert_bool("storage/differs", flag);
        // The last row has no next.
        builder.assert_zero("storage/differs", row.last * flag);
        higher = higher + flag;
        // Up to the one that differs all are equal.
        let equal = next.used - higher;
        let difference = row.transition * equal * (there - here);
        builder.assert_zero("storage/order", difference);
        growth = growth + flag * (there - here - one);
    }
    builder.assert_eq_when("storage/differs", row.transition, higher, next.used);
    let gap = B::X::from_limbs(&local.gap, 16);
    builder.assert_eq("storage/order", growth, gap);
    range_check_when(builder, &local.gap, local.used);
}

/// Whether there is a leaf, and its value hash.
fn side<B: ConstraintBuilder>(side: &StorageSide<B::X>, persists: B::X, builder: &mut B) {
    builder.assert_bool("storage/present", side.present);
    builder.assert_zero("storage/present", side.present * persists.not());
    let sum: B::X = side.value.into_iter().sum();
    let shown = sum * side.inverse;
    builder.assert_eq("storage/not zero", shown, side.present);
    for element in side.hash {
        builder.assert_zero("storage/no hash", side.present.not() * element);
    }
    let (value, hash) = (side.value, side.hash);
    claim(Domain::StorageValue, value, hash, side.present, builder);
}

fn versions<B: ConstraintBuilder>(local: &StorageColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let place = SlotPlace {
        space: local.space,
        address: local.address,
        slot: local.slot,
    };
    let first = SlotFields {
        value: local.before.value,
        original: widen(&[]),
        transaction: zero,
    };
    builder.send(place.version(&first, zero), local.used);
    let last = SlotFields {
        value: local.after.value,
        original: local.original,
        transaction: local.transaction,
    };
    builder.receive(place.version(&last, local.accessed), local.used);
}

/// The parts of a limb: the lower ones, and what is left for the highest, above `2^bits`.
fn highest<X: Expression>(limb: X, lower: X, bits: usize) -> X {
    let unit = Felt::from_canonical_u64(1 << bits).inverse();
    (limb - lower) * X::constant(unit)
}

/// The three pieces of 56 bits of limbs up to bit 160, the last of which goes on with the limb above; and lookups of the parts where pieces are cut.
fn pieces<B: ConstraintBuilder>(
    limbs: [B::X; 5],
    cuts: &CutColumns<B::X>,
    flag: B::X,
    builder: &mut B,
) -> [B::X; 3] {
    let [low, middle] = cuts.first;
    let lower = low + middle.scale(1 << 16);
    let high = highest(limbs[1], lower, 24);
    let second = highest(limbs[3], cuts.second, 16);
    for value in [low, cuts.second, second] {
        builder.send(Message::U16 { value }, flag);
    }
    for value in [middle, high] {
        builder.send(Message::U8 { value }, flag);
    }
    [
        limbs[0] + lower.scale(1 << 32),
        high + limbs[2].scale(1 << 8) + cuts.second.scale(1 << 40),
        second + limbs[4].scale(1 << 16),
    ]
}

/// The key in the state tree ([`crate::state_hash::HashInput::storage_key`]).
fn key<B: ConstraintBuilder>(local: &StorageColumns<B::X>, builder: &mut B) {
    let flag = persists(local);
    let address = pieces(local.address, &local.address_cuts, flag, builder);
    let [limbs @ .., fifth, sixth, seventh] = local.slot;
    let [first, second, third] = pieces(limbs, &local.slot_cuts, flag, builder);
    let [low, middle] = local.slot_third;
    let lower = low + middle.scale(1 << 8);
    let high = highest(fifth, lower, 16);
    for value in [low, middle] {
        builder.send(Message::U8 { value }, flag);
    }
    builder.send(Message::U16 { value: high }, flag);
    let third = third + low.scale(1 << 48);
    let fourth = middle + high.scale(1 << 8) + sixth.scale(1 << 24);
    let [a, b, c] = address;
    let input = [first, second, third, fourth, seventh, a, b, c];
    claim(Domain::StorageKey, input, local.key, flag, builder);
}

fn claim<B: ConstraintBuilder>(
    domain: Domain,
    input: [B::X; RATE],
    output: [B::X; 4],
    multiplicity: B::X,
    builder: &mut B,
) {
    let mut state = [B::X::zero(); WIDTH];
    state[..RATE].copy_from_slice(&input);
    state[RATE] = B::X::from_u64(domain as u64);
    let message = Message::Poseidon {
        input: state,
        output,
    };
    builder.send(message, multiplicity);
}
