//! Constraints and messages of `arithmetic`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::EXPONENT_BYTE_GAS;
use super::columns::ArithmeticColumns;
use crate::access::{pop, push};
use crate::bus::Message;
use crate::delegated::After;
use crate::event::opcode::{ADDMOD, EXP, MULMOD, gas_of};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arithmetic;

impl Table for Arithmetic {
    fn name(&self) -> &'static str {
        "arithmetic"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ArithmeticColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ArithmeticColumns<B::X> = row.local();
        flags(local, builder);
        step(local, builder);
        operands(local, builder);
        result(local, builder);
    }
}

/// Whether the row is a step of three operands.
fn modular<X: Expression>(local: &ArithmeticColumns<X>) -> X {
    local.adds + local.multiplies
}

/// Whether the row is a step.
fn used<X: Expression>(local: &ArithmeticColumns<X>) -> X {
    modular(local) + local.raises
}

/// What this number of each opcode adds up to.
fn of_opcode<X: Expression>(local: &ArithmeticColumns<X>, number: impl Fn(u8) -> u64) -> X {
    local.adds.scale(number(ADDMOD))
        + local.multiplies.scale(number(MULMOD))
        + local.raises.scale(number(EXP))
}

fn flags<B: ConstraintBuilder>(local: &ArithmeticColumns<B::X>, builder: &mut B) {
    for flag in [local.adds, local.multiplies, local.raises] {
        builder.assert_bool("arithmetic/opcode", flag);
    }
    builder.assert_bool("arithmetic/one opcode", used(local));
    builder.assert_bool("arithmetic/done", local.done);
    builder.assert_zero("arithmetic/done used", local.done * used(local).not());
}

/// The step is paid for, or the gas is missing.
fn step<B: ConstraintBuilder>(local: &ArithmeticColumns<B::X>, builder: &mut B) {
    let lacks = used(local) - local.done;
    let bytes = local.bytes.scale(EXPONENT_BYTE_GAS);
    builder.assert_zero("arithmetic/no exponent", modular(local) * local.bytes);
    let cost = of_opcode(local, gas_of) + bytes;
    let after = After {
        sp: local.step.sp - modular(local).scale(2) - local.raises,
        ..local.step.paid(cost)
    };
    let opcode = of_opcode(local, u64::from);
    local.step.goes_on(builder, local.done, opcode, after);
    local.step.halts(builder, lacks, opcode);
    let missing = cost - local.step.gas() - B::X::one();
    builder.assert_eq_when("arithmetic/lacks", lacks, missing, local.missing);
    let value = local.missing;
    builder.send(Message::U16 { value }, lacks);
}

fn operands<B: ConstraintBuilder>(local: &ArithmeticColumns<B::X>, builder: &mut B) {
    let (frame, clock) = (local.step.frame, local.step.clock);
    let words = [
        (used(local), local.a, local.a_pushed),
        (used(local), local.b, local.b_pushed),
        (modular(local), local.m, local.m_pushed),
    ];
    for (position, (flag, value, pushed)) in (1..).zip(words) {
        let index = local.step.sp - B::X::from_u64(position);
        pop(builder, flag, frame, index, value, pushed, clock);
    }
}

/// What is pushed, and why it is right.
fn result<B: ConstraintBuilder>(local: &ArithmeticColumns<B::X>, builder: &mut B) {
    let (frame, clock) = (local.step.frame, local.step.clock);
    let popped = B::X::from_u64(2) + modular(local);
    let index = local.step.sp - popped;
    push(builder, local.done, frame, index, local.c, clock);
    let ArithmeticColumns { a, b, m, c, .. } = *local;
    let opcode = of_opcode(local, u64::from);
    let modular = Message::Compute3 { opcode, a, b, m, c };
    builder.send(modular, local.done * self::modular(local));
    let raised = Message::Compute { opcode, a, b, c };
    builder.send(raised, local.done * local.raises);
    let length = Message::ExponentBytes {
        exponent: b,
        bytes: local.bytes,
    };
    builder.send(length, local.raises);
}
