//! The constraints of `halt`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::HaltColumns;
use crate::access::pop;
use crate::bus::Message;
use crate::event::opcode::{CLZ, JUMP, JUMPDEST, JUMPI};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct HaltTable;

/// Words that a stack holds at most.
const STACK_LIMIT: u64 = 1024;

impl Table for HaltTable {
    fn name(&self) -> &'static str {
        "halt"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<HaltColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &HaltColumns<B::X> = row.local();
        flags(local, builder);
        local.step.halts(builder, used(local), local.opcode);
        needs(local, builder);
        jump(local, builder);
        target(local, builder);
        early(local, builder);
    }
}

/// The reasons.
fn reasons<X: Copy>(local: &HaltColumns<X>) -> [X; 7] {
    [
        local.out_of_gas,
        local.underflow,
        local.overflow,
        local.undefined,
        local.too_early,
        local.jumps,
        local.jumps_if,
    ]
}

/// Whether the row is a step.
fn used<X: Expression>(local: &HaltColumns<X>) -> X {
    reasons(local).into_iter().sum()
}

fn flags<B: ConstraintBuilder>(local: &HaltColumns<B::X>, builder: &mut B) {
    for flag in reasons(local) {
        builder.assert_bool("halt/reason", flag);
    }
    builder.assert_bool("halt/one reason", used(local));
    let refutations = [local.far, local.beyond, local.other];
    for flag in refutations {
        builder.assert_bool("halt/target", flag);
    }
    let jumps = local.jumps + local.jumps_if;
    let refutations = refutations.into_iter().sum();
    builder.assert_eq("halt/one target", refutations, jumps);
}

/// What is too much: of gas, of words that it needs, of words that it leaves.
fn needs<B: ConstraintBuilder>(local: &HaltColumns<B::X>, builder: &mut B) {
    let used = used(local);
    let needs = &local.needs;
    builder.send(Message::opcode_needs(local.opcode, needs), used);
    for value in local.excess {
        builder.send(Message::U16 { value }, used);
    }
    let one = B::X::one();
    let excess = B::X::from_limbs(&local.excess, 16);
    let gas = local.step.gas();
    builder.assert_zero("halt/own gas", local.out_of_gas * needs.own.not());
    let lacking = needs.cost - gas - one;
    builder.assert_eq_when("halt/gas", local.out_of_gas, lacking, excess);
    let lacking = needs.inputs - local.step.sp - one;
    builder.assert_eq_when("halt/underflow", local.underflow, lacking, excess);
    let limit = B::X::from_u64(STACK_LIMIT);
    let surplus = local.step.sp + needs.outputs - needs.inputs - limit - one;
    builder.assert_eq_when("halt/overflow", local.overflow, surplus, excess);
    builder.assert_zero("halt/undefined", local.undefined * needs.defined);
}

/// The rules do not have the opcode.
fn early<B: ConstraintBuilder>(local: &HaltColumns<B::X>, builder: &mut B) {
    let (early, rules) = (local.too_early, local.rules);
    let clz = B::X::from_u64(CLZ.into());
    builder.assert_eq_when("halt/too early", early, local.opcode, clz);
    builder.send(Message::Rules { rules }, early);
    // Cancun's or Prague's.
    builder.assert_bool("halt/rules", rules);
}

/// The step jumps, to the word on top of the stack.
fn jump<B: ConstraintBuilder>(local: &HaltColumns<B::X>, builder: &mut B) {
    for (flag, opcode) in [(local.jumps, JUMP), (local.jumps_if, JUMPI)] {
        let opcode = B::X::from_u64(u64::from(opcode));
        builder.assert_eq_when("halt/jump", flag, local.opcode, opcode);
    }
    let (frame, clock) = (local.step.frame, local.step.clock);
    let top = local.step.sp - B::X::one();
    let jumps = local.jumps + local.jumps_if;
    let (target, pushed) = (local.target, local.target_pushed);
    pop(builder, jumps, frame, top, target, pushed, clock);
    let below = top - B::X::one();
    let (condition, pushed) = (local.condition, local.condition_pushed);
    pop(
        builder,
        local.jumps_if,
        frame,
        below,
        condition,
        pushed,
        clock,
    );
    let sum: B::X = condition.into_iter().sum();
    let shown = sum * local.condition_inverse;
    builder.assert_eq_when("halt/condition", local.jumps_if, shown, B::X::one());
}

/// There is no JUMPDEST.
fn target<B: ConstraintBuilder>(local: &HaltColumns<B::X>, builder: &mut B) {
    let [low, high @ ..] = local.target;
    let one = B::X::one();
    let high: B::X = high.into_iter().sum();
    builder.assert_eq_when("halt/far", local.far, high * local.inverse, one);
    let (code, size) = (local.step.code, local.size);
    builder.send(Message::CodeLength { code, size }, local.beyond);
    let excess = B::X::from_limbs(&local.excess, 16);
    builder.assert_eq_when("halt/beyond", local.beyond, low - size, excess);
    let instruction = Message::Instruction {
        code,
        pc: low,
        opcode: local.found,
    };
    builder.send(instruction, local.other);
    let difference = local.found - B::X::from_u64(u64::from(JUMPDEST));
    builder.assert_eq_when("halt/other", local.other, difference * local.inverse, one);
}
