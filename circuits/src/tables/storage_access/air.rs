//! Constraints and messages of `storage_access`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{StorageAccessColumns, ZeroTest};
use crate::access::{
    SlotFields, SlotPlace, StorageAccess, access_storage, pop, push, undo_storage, writes_at,
};
use crate::bus::Message;
use crate::delegated::After;
use crate::event::opcode::{SLOAD, SSTORE, TLOAD, TSTORE};
use crate::execution::{
    CLEAR_REFUND, COLD_LOAD_GAS, COLD_STORE_GAS, RESET_GAS, SET_GAS, WARM_GAS, least_gas,
};
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::word::Word;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct StorageAccessTable;

impl Table for StorageAccessTable {
    fn name(&self) -> &'static str {
        "storage_access"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<StorageAccessColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &StorageAccessColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        gas(local, builder);
        frame(local, builder);
        operands(local, builder);
        warmth(local, builder);
        store(local, builder);
        refund(local, builder);
        access(local, builder);
    }
}

/// Whether the row is a step.
fn used<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    reads(local) + writes(local)
}

/// Whether it reads.
fn reads<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    local.loads + local.loads_transient
}

/// Whether it writes.
fn writes<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    local.stores + local.stores_transient
}

/// Whether it is of transient storage.
fn transient<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    local.loads_transient + local.stores_transient
}

/// Whether it looks at the slot.
fn accesses<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    used(local) - local.short - local.violates
}

/// Whether it is done.
fn done<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    accesses(local) - local.lacks
}

/// What this number of each opcode adds up to.
fn of_opcode<X: Expression>(local: &StorageAccessColumns<X>, number: impl Fn(u8) -> u64) -> X {
    local.loads.scale(number(SLOAD))
        + local.stores.scale(number(SSTORE))
        + local.loads_transient.scale(number(TLOAD))
        + local.stores_transient.scale(number(TSTORE))
}

fn flags<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let opcodes = [local.loads, local.stores];
    let transients = [local.loads_transient, local.stores_transient];
    for flag in opcodes.into_iter().chain(transients) {
        builder.assert_bool("storage_access/opcode", flag);
    }
    builder.assert_bool("storage_access/one opcode", used(local));
    for flag in [local.short, local.lacks, local.violates] {
        builder.assert_bool("storage_access/case", flag);
    }
    builder.assert_bool("storage_access/one case", done(local));
    let halts = local.short + local.lacks + local.violates;
    builder.assert_zero("storage_access/one case", halts * used(local).not());
    let lacks = local.lacks * transient(local);
    builder.assert_zero("storage_access/lacks", lacks);
    let changes = done(local) * local.loads_transient.not();
    builder.assert_eq("storage_access/changes", local.changes, changes);
    let priced = local.stores * accesses(local);
    builder.assert_eq("storage_access/priced", local.priced, priced);
}

/// The step is done and the frame goes on, or it halts.
fn step<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let paid = local.step.paid(local.cost);
    let after = After {
        sp: paid.sp - writes(local).scale(2),
        writes: paid.writes + local.changes + local.refunds,
        ..paid
    };
    let opcode = of_opcode(local, u64::from);
    local.step.goes_on(builder, done(local), opcode, after);
    let halts = local.short + local.lacks + local.violates;
    local.step.halts(builder, halts, opcode);
}

/// What the step costs; what is left above the least, or is missing.
fn gas<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let surcharge = local.loads.scale(COLD_LOAD_GAS) + local.stores.scale(COLD_STORE_GAS);
    let change = local.first * first_change(local);
    let cost = accesses(local).scale(WARM_GAS) + local.cold * surcharge + change;
    builder.assert_eq("storage_access/cost", local.cost, cost);
    let (gas, one) = (local.step.gas(), B::X::one());
    let excess = gas_of_limbs(local.excess, TOP);
    let least = of_opcode(local, least_gas);
    let missing = least - gas - one;
    builder.assert_eq_when("storage_access/short", local.short, missing, excess);
    let missing = local.cost - gas - one;
    builder.assert_eq_when("storage_access/gas", local.lacks, missing, excess);
    let [.., most] = local.excess;
    let lacks = local.short + local.lacks;
    builder.assert_zero("storage_access/lacks little", lacks * most);
    let stored = local.stores * done(local);
    builder.assert_eq_when("storage_access/sentry", stored, gas - least, excess);
    let looked_up = lacks + stored;
    range_check_when(builder, &local.excess, looked_up);
}

/// What the frame is, and whether it may write.
fn frame<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let context = Message::FrameContext {
        frame: local.step.frame,
        transaction: local.transaction,
        depth: local.depth,
        is_static: local.is_static,
        address: local.address,
        undone_at: local.undone_at,
    };
    builder.send(context, used(local));
    let written = done(local) * writes(local) * local.is_static;
    builder.assert_zero("storage_access/static", written);
    let allowed = local.violates * local.is_static.not();
    builder.assert_zero("storage_access/not static", allowed);
    let read = local.violates * reads(local);
    builder.assert_zero("storage_access/violates", read);
    let stamp = local.transaction + B::X::one();
    let space = transient(local) * stamp;
    builder.assert_eq("storage_access/space", local.space, space);
}

/// What is popped, and what loads push.
fn operands<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let (frame, clock) = (local.step.frame, local.step.clock);
    let top = local.step.sp - B::X::one();
    let (slot, pushed) = (local.slot, local.slot_pushed);
    pop(builder, accesses(local), frame, top, slot, pushed, clock);
    let (value, pushed) = (local.value, local.value_pushed);
    let below = top - B::X::one();
    let takes = accesses(local) * writes(local);
    pop(builder, takes, frame, below, value, pushed, clock);
    let gives = done(local) * reads(local);
    push(builder, gives, frame, top, value, clock);
    for (value, found) in value.into_iter().zip(local.before.value) {
        builder.assert_eq_when("storage_access/read", reads(local), value, found);
    }
}

/// Whether the slot is cold, and its value before the transaction.
fn warmth<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let (cold, accesses) = (local.cold, accesses(local));
    builder.assert_bool("storage_access/cold flag", cold);
    builder.assert_zero("storage_access/cold flag", cold * accesses.not());
    let distance = local.before.transaction - local.transaction - B::X::one();
    let warm = accesses - cold;
    builder.assert_zero("storage_access/warm", warm * distance);
    let shown = distance * local.cold_inverse;
    builder.assert_eq_when("storage_access/cold", accesses, shown, cold);
    let known = local.before.value.into_iter().zip(local.before.original);
    for (original, (found, kept)) in local.original.into_iter().zip(known) {
        builder.assert_eq_when("storage_access/original", cold, original, found);
        builder.assert_eq_when("storage_access/original", warm, original, kept);
    }
}

/// What the first change of a slot costs more, and coming back to the original value gives back.
fn first_change<X: Expression>(local: &StorageAccessColumns<X>) -> X {
    X::from_u64(RESET_GAS) + local.original_zero.is_zero.scale(SET_GAS - RESET_GAS)
}

/// How the new value, the one found and the original are to each other.
fn store<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let StorageAccessColumns {
        priced,
        same,
        first,
        resets,
        ..
    } = *local;
    let third = priced - same - first - resets;
    for flag in [same, first, resets, third] {
        builder.assert_bool("storage_access/kind of store", flag);
    }
    let mut difference = B::X::zero();
    let mut position = B::X::zero();
    for (limb, factor) in local.factors.into_iter().enumerate() {
        let (found, new, original) = (
            local.before.value[limb],
            local.value[limb],
            local.original[limb],
        );
        builder.assert_eq_when("storage_access/same", same, new, found);
        builder.assert_eq_when("storage_access/first", first, original, found);
        builder.assert_eq_when("storage_access/resets", resets, original, new);
        difference = difference + factor * (new - found);
        position = position + factor * (original - found);
    }
    builder.assert_eq("storage_access/changed", difference, priced - same);
    builder.assert_eq("storage_access/position", local.position, position);
    let both = local.position * (local.position - B::X::one());
    let shown = both * local.position_inverse;
    builder.assert_eq("storage_access/third value", shown, third);
    is_zero(&local.original_zero, local.original, priced, builder);
    is_zero(&local.found_zero, local.before.value, priced, builder);
    is_zero(&local.written_zero, local.value, priced, builder);
}

/// The flag is exact for a step that is `priced`, and not set for others.
fn is_zero<B: ConstraintBuilder>(
    test: &ZeroTest<B::X>,
    word: Word<B::X>,
    priced: B::X,
    builder: &mut B,
) {
    let (flag, sum): (_, B::X) = (test.is_zero, word.into_iter().sum());
    builder.assert_bool("storage_access/zero flag", flag);
    builder.assert_zero("storage_access/zero flag", flag * priced.not());
    builder.assert_zero("storage_access/zero", flag * sum);
    let shown = sum * test.inverse + flag;
    builder.assert_eq_when("storage_access/not zero", priced, shown, B::X::one());
}

/// The change of the refund counter.
fn refund<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let clears = local.written_zero.is_zero - local.found_zero.is_zero;
    let clears = local.original_zero.is_zero.not() * clears.scale(CLEAR_REFUND);
    let change = clears + local.resets * first_change(local);
    builder.assert_eq("storage_access/change", local.change, change);
    let refunds = local.refunds;
    builder.assert_bool("storage_access/refunds", refunds);
    builder.assert_zero("storage_access/refunds", refunds * done(local).not());
    builder.assert_zero("storage_access/refunds", refunds * local.priced.not());
    let left_out = done(local) * refunds.not() * local.change;
    builder.assert_zero("storage_access/refund left out", left_out);
    let claim = Message::Refund {
        clock: local.step.clock,
        transaction: local.transaction,
        undone_at: local.undone_at,
        number: local.step.writes + B::X::from_u64(2),
        change: local.change,
    };
    builder.send(claim, refunds);
}

/// The slot is accessed, and that is undone if the frame is.
fn access<B: ConstraintBuilder>(local: &StorageAccessColumns<B::X>, builder: &mut B) {
    let one = B::X::one();
    let access = StorageAccess {
        place: SlotPlace {
            space: local.space,
            address: local.address,
            slot: local.slot,
        },
        before: local.before,
        accessed: local.accessed,
        after: SlotFields {
            value: local.value,
            original: local.original,
            transaction: local.transaction + one,
        },
        timestamp: writes_at(local.step.clock),
    };
    access_storage(builder, accesses(local), local.changes, &access);
    let undoing = &local.undoing;
    let label = "storage_access/undone";
    undoing.constrain(builder, label, local.changes, local.undone_at);
    let undone = local.undone_at - local.step.writes - one;
    undo_storage(builder, undoing, &access, undone);
}
