//! Constraints and messages of `memory`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::columns::MemoryColumns;
use crate::access::{MemoryAccess, access_memory, pop, push, reads_at};
use crate::bus::Message;
use crate::delegated::After;
use crate::event::opcode::{MLOAD, MSTORE, MSTORE8, gas_of};
use crate::execution::{WORD_BYTES, accessed_bytes};
use crate::region::Distance;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory;

impl Table for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<MemoryColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &MemoryColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        operands(local, builder);
        growth(local, builder);
        access(local, builder);
    }
}

/// What all three opcodes cost beside growth.
const COST: u64 = gas_of(MLOAD);

/// Whether the row is a step.
fn used<X: Expression>(local: &MemoryColumns<X>) -> X {
    local.loads + local.stores + local.stores_byte
}

/// Whether it is a step that is done.
fn done<X: Expression>(local: &MemoryColumns<X>) -> X {
    local.fits + local.grows
}

/// Whether it is a step that halts.
fn halts<X: Expression>(local: &MemoryColumns<X>) -> X {
    local.lacks + local.far
}

/// Whether it is a byte that is written.
fn single<X: Expression>(local: &MemoryColumns<X>) -> X {
    done(local) - local.aligned - local.shifted
}

/// What this number of each opcode adds up to.
fn of_opcode<X: Expression>(local: &MemoryColumns<X>, number: impl Fn(u8) -> u64) -> X {
    local.loads.scale(number(MLOAD))
        + local.stores.scale(number(MSTORE))
        + local.stores_byte.scale(number(MSTORE8))
}

/// When the access is made.
fn accesses_at<X: Expression>(local: &MemoryColumns<X>) -> X {
    reads_at(local.step.clock) + local.stores + local.stores_byte
}

fn flags<B: ConstraintBuilder>(local: &MemoryColumns<B::X>, builder: &mut B) {
    for flag in [local.loads, local.stores, local.stores_byte] {
        builder.assert_bool("memory/opcode", flag);
    }
    builder.assert_bool("memory/one opcode", used(local));
    for flag in [local.fits, local.grows, local.lacks, local.far] {
        builder.assert_bool("memory/case", flag);
    }
    builder.assert_eq("memory/one case", done(local) + halts(local), used(local));
    for flag in [local.aligned, local.shifted, single(local)] {
        builder.assert_bool("memory/access", flag);
    }
    let words = local.loads + local.stores;
    builder.assert_zero("memory/access of a word", single(local) * words);
    let whole = local.aligned + local.shifted;
    builder.assert_zero("memory/access of a byte", whole * local.stores_byte);
}

/// The step is done and the frame goes on, or the step halts.
fn step<B: ConstraintBuilder>(local: &MemoryColumns<B::X>, builder: &mut B) {
    let popped = (local.stores + local.stores_byte).scale(2);
    let after = After {
        sp: local.step.sp - popped,
        words: local.next_words,
        ..local.step.paid(B::X::from_u64(COST) + local.growth)
    };
    let opcode = of_opcode(local, u64::from);
    local.step.goes_on(builder, done(local), opcode, after);
    let (halts, small) = (halts(local), local.far - local.beyond);
    let label = "memory/small gas";
    local.step.halts_far(builder, halts, opcode, small, label);
}

/// What is popped, and what MLOAD pushes.
fn operands<B: ConstraintBuilder>(local: &MemoryColumns<B::X>, builder: &mut B) {
    let (frame, clock, used) = (local.step.frame, local.step.clock, used(local));
    let top = local.step.sp - B::X::one();
    let (offset, pushed) = (local.offset, local.offset_pushed);
    pop(builder, used, frame, top, offset, pushed, clock);
    let below = top - B::X::one();
    let stores = local.stores + local.stores_byte;
    let (value, pushed) = (local.value, local.value_pushed);
    pop(builder, stores, frame, below, value, pushed, clock);
    let loads = local.loads * done(local);
    push(builder, loads, frame, top, value, clock);
    let distance = Distance::of(&offset);
    let (far, beyond) = (local.far, local.beyond);
    builder.assert_zero("memory/near", (used - far) * distance.high);
    distance.constrain(builder, far, beyond, local.inverse, "memory/far");
}

/// What memory grows by, and costs.
fn growth<B: ConstraintBuilder>(local: &MemoryColumns<B::X>, builder: &mut B) {
    let [offset, ..] = local.offset;
    let length = of_opcode(local, accessed_bytes);
    let excess = B::X::from_limbs(&local.excess, 16);
    let fits = local.fits;
    let beyond = local.step.words.scale(WORD_BYTES) - offset - length;
    builder.assert_eq_when("memory/fits", fits, beyond, excess);
    builder.assert_eq_when("memory/words", fits, local.next_words, local.step.words);
    builder.assert_zero("memory/growth", fits * local.growth);
    let missing = B::X::from_u64(COST) + local.growth - local.step.gas() - B::X::one();
    builder.assert_eq_when("memory/lacks", local.lacks, missing, excess);
    for value in local.excess {
        builder.send(Message::U16 { value }, fits + local.lacks);
    }
    let claim = Message::MemoryGrowth {
        words: local.step.words,
        offset,
        length,
        next_words: local.next_words,
        unpaid: local.lacks,
        gas: local.growth,
    };
    builder.send(claim, local.grows + local.lacks);
}

/// What is read or written.
fn access<B: ConstraintBuilder>(local: &MemoryColumns<B::X>, builder: &mut B) {
    let (frame, value, timestamp) = (local.step.frame, local.value, accesses_at(local));
    let [offset, ..] = local.offset;
    let loads = local.aligned * local.loads;
    for (before, value) in local.before.into_iter().zip(value) {
        builder.assert_eq_when("memory/read", loads, before, value);
    }
    let part = B::X::constant(Felt::from_canonical_u64(WORD_BYTES).inverse());
    let access = MemoryAccess {
        frame,
        index: offset * part,
        before: local.before,
        accessed: local.accessed,
        after: value,
        timestamp,
    };
    access_memory(builder, local.aligned, access);
    let window = Message::MemoryWindow {
        frame,
        offset,
        value,
        timestamp,
        writes: local.stores,
    };
    builder.send(window, local.shifted);
    let [lowest, ..] = value;
    let byte = Message::MemoryByte {
        frame,
        offset,
        value: lowest,
        timestamp,
    };
    builder.send(byte, single(local));
}
