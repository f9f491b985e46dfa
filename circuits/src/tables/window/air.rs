//! Constraints and messages of `window`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::WindowColumns;
use super::{LIMBS, MOVED};
use crate::access::{MemoryAccess, access_memory};
use crate::bus::Message;
use crate::word::{WORD_LIMBS, Word};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window;

impl Table for Window {
    fn name(&self) -> &'static str {
        "window"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<WindowColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &WindowColumns<B::X> = row.local();
        let after = after(local);
        flags(local, builder);
        claim(local, builder);
        moved(local, builder);
        for (before, after) in local.before.into_iter().zip(after) {
            builder.assert_eq_when("window/read", local.reads, before, after);
        }
        words(local, after, builder);
    }
}

/// Whether the row is an access.
fn used<X: Expression>(local: &WindowColumns<X>) -> X {
    local.reads + local.writes
}

/// The two words as they are afterwards.
fn after<X: Expression>(local: &WindowColumns<X>) -> [X; LIMBS] {
    core::array::from_fn(|limb| {
        let changes = local.shift.into_iter().enumerate();
        let changes = changes.filter_map(|(shift, starts)| {
            let moved = local.moved.get(limb.checked_sub(shift)?)?;
            Some(starts * (*moved - local.before[limb]))
        });
        local.before[limb] + changes.sum()
    })
}

/// The limb so many after that in which the window starts, as it was.
fn limb_before<X: Expression>(local: &WindowColumns<X>, distance: usize) -> X {
    let limbs = local.before.iter().skip(distance);
    let starts = local.shift.into_iter();
    starts.zip(limbs).map(|(starts, limb)| starts * *limb).sum()
}

fn flags<B: ConstraintBuilder>(local: &WindowColumns<B::X>, builder: &mut B) {
    builder.assert_bool("window/reads", local.reads);
    builder.assert_bool("window/writes", local.writes);
    builder.assert_bool("window/used", used(local));
    for starts in local.shift {
        builder.assert_bool("window/shift", starts);
    }
    let starts = local.shift.into_iter().sum();
    builder.assert_eq("window/one shift", starts, used(local));
    builder.assert_bool("window/splits", local.splits);
    builder.assert_zero("window/splits used", local.splits * used(local).not());
    builder.assert_zero("window/bytes", local.splits.not() * local.bytes);
}

fn claim<B: ConstraintBuilder>(local: &WindowColumns<B::X>, builder: &mut B) {
    let limbs = (0..).zip(local.shift);
    let shift: B::X = limbs.map(|(limb, starts)| starts.scale(4 * limb)).sum();
    let claim = Message::MemoryWindow {
        frame: local.frame,
        offset: local.index.scale(32) + shift + local.bytes,
        value: local.value,
        timestamp: local.timestamp,
        writes: local.writes,
    };
    builder.receive(claim, used(local));
}

/// What is put in.
fn moved<B: ConstraintBuilder>(local: &WindowColumns<B::X>, builder: &mut B) {
    builder.assert_eq("window/first", local.first, limb_before(local, 0));
    builder.assert_eq("window/last", local.last, limb_before(local, MOVED - 1));
    let whole = used(local) - local.splits;
    let limbs = local.value.into_iter().rev();
    let limbs = limbs.chain([local.last]);
    for (moved, limb) in local.moved.into_iter().zip(limbs) {
        builder.assert_eq_when("window/whole limbs", whole, moved, limb);
    }
    let split = Message::ByteShift {
        bytes: local.bytes,
        value: local.value,
        first: local.first,
        last: local.last,
        moved: local.moved,
    };
    builder.send(split, local.splits);
}

/// A word, of limbs that start with the most significant.
fn word_of<X: Copy>(limbs: &[X; LIMBS], start: usize) -> Word<X> {
    core::array::from_fn(|limb| limbs[start + WORD_LIMBS - 1 - limb])
}

/// Both words are accessed.
fn words<B: ConstraintBuilder>(local: &WindowColumns<B::X>, after: [B::X; LIMBS], builder: &mut B) {
    let indices = [local.index, local.index + B::X::one()];
    let starts = (0..).step_by(WORD_LIMBS);
    let words = starts.zip(indices.into_iter().zip(local.accessed));
    for (start, (index, accessed)) in words {
        let access = MemoryAccess {
            frame: local.frame,
            index,
            before: word_of(&local.before, start),
            accessed,
            after: word_of(&after, start),
            timestamp: local.timestamp,
        };
        access_memory(builder, used(local), access);
    }
}
