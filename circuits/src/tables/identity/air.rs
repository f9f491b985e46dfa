//! Constraints and messages of `identity`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::IdentityColumns;
use super::{CALL_GAS, WORD_GAS};
use crate::bus::{Message, outcome, space};
use crate::execution::{IDENTITY, WORD_BYTES};
use crate::gas::{TOP, gas_of_limbs};
use crate::limbs::range_check_when;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Table for Identity {
    fn name(&self) -> &'static str {
        "identity"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<IdentityColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &IdentityColumns<B::X> = row.local();
        call(local, builder);
        input(local, builder);
        gas(local, builder);
        output(local, builder);
    }
}

/// Whether the row is a call.
fn used<X: Expression>(local: &IdentityColumns<X>) -> X {
    local.done + local.lacks
}

fn call<B: ConstraintBuilder>(local: &IdentityColumns<B::X>, builder: &mut B) {
    let used = used(local);
    for flag in [local.done, local.lacks, used] {
        builder.assert_bool("identity/case", flag);
    }
    builder.assert_bool("identity/has bytes", local.has_bytes);
    builder.assert_zero("identity/has bytes used", local.has_bytes * used.not());
    let call = Message::Precompile {
        frame: local.frame,
        clock: local.clock,
        number: B::X::from_u64(IDENTITY),
        gas: local.gas,
        writes: local.writes,
    };
    builder.receive(call, used);
}

/// What it is called with.
fn input<B: ConstraintBuilder>(local: &IdentityColumns<B::X>, builder: &mut B) {
    let (used, has_bytes) = (used(local), local.has_bytes);
    let input = Message::FrameInput {
        frame: local.frame,
        input_frame: local.input_frame,
        offset: local.offset,
        length: local.length,
        transaction: local.transaction,
    };
    builder.send(input, used);
    let one = B::X::one();
    let shown = local.input_frame * local.frame_inverse;
    builder.assert_eq_when("identity/caller", used, shown, one);
    let shown = local.length * local.length_inverse;
    builder.assert_eq_when("identity/length", has_bytes, shown, one);
    let none = used - has_bytes;
    builder.assert_zero("identity/no length", none * local.length);
    let last = B::X::from_limbs(&local.last, 16);
    let divided = last.scale(WORD_BYTES) + local.rest;
    builder.assert_eq_when("identity/words", has_bytes, local.length - one, divided);
    range_check_when(builder, &local.last, has_bytes);
    let value = local.rest.scale(8);
    builder.send(Message::U8 { value }, has_bytes);
}

/// What it costs, and whether that is there.
fn gas<B: ConstraintBuilder>(local: &IdentityColumns<B::X>, builder: &mut B) {
    let (used, one) = (used(local), B::X::one());
    let words = B::X::from_limbs(&local.last, 16) + one;
    let cost = used.scale(CALL_GAS) + (local.has_bytes * words).scale(WORD_GAS);
    let difference = gas_of_limbs(local.difference, TOP);
    let left = local.gas - cost;
    builder.assert_eq_when("identity/gas", local.done, left, difference);
    let missing = cost - local.gas - one;
    builder.assert_eq_when("identity/lacks", local.lacks, missing, difference);
    let [.., most] = local.difference;
    builder.assert_zero("identity/lacks little", local.lacks * most);
    range_check_when(builder, &local.difference, used);
}

/// What it hands back.
fn output<B: ConstraintBuilder>(local: &IdentityColumns<B::X>, builder: &mut B) {
    let (done, zero) = (local.done, B::X::zero());
    let copy = Message::Copy {
        clock: local.clock,
        source: B::X::from_u64(space::MEMORY),
        source_id: local.input_frame,
        source_offset: local.offset,
        // All of the input is there.
        source_end: B::X::from_u64(space::NO_END),
        target: B::X::from_u64(space::MEMORY),
        target_id: local.frame,
        target_offset: zero,
        length: local.length,
    };
    builder.send(copy, done * local.has_bytes);
    let end = Message::FrameEnd {
        clock: local.clock,
        frame: local.frame,
        outcome: done.scale(outcome::SUCCESS) + local.lacks.scale(outcome::HALT),
        gas: done * gas_of_limbs(local.difference, TOP),
        writes: local.writes,
        offset: zero,
        length: done * local.length,
    };
    builder.send(end, used(local));
}
