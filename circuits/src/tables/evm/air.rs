//! The constraints of `evm`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::EvmColumns;
use crate::access::{pop, push};
use crate::bus::Message;
use crate::event::opcode::JUMPDEST;
use crate::tables::opcode::HALTING;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evm;

/// The highest index of a stack.
pub(crate) const LAST_INDEX: u64 = 1023;

impl Table for Evm {
    fn name(&self) -> &'static str {
        "evm"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<EvmColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &EvmColumns<B::X> = row.local();
        let next: &EvmColumns<B::X> = row.next();
        used(local, builder);
        successor(local, next, builder);
        jump(local, next, builder);
        stack(local, next, builder);
        operands(local, builder);
        claims(local, builder);
        delegation(local, next, builder);
    }
}

/// Whether the frame goes on with the next row.
fn stays<X: Expression>(local: &EvmColumns<X>) -> X {
    local.used - local.operation.leaves - local.operation.halts
}

/// Flags, and silence where the row is no step.
fn used<B: ConstraintBuilder>(local: &EvmColumns<B::X>, builder: &mut B) {
    let operation = &local.operation;
    builder.assert_bool("evm/used", local.used);
    builder.assert_bool("evm/enters", local.enters);
    // What the operation says is 0 or 1 on a step, by the lookup of its opcode.
    let silent = [
        local.enters,
        operation.pops_a,
        operation.pops_b,
        operation.pushes,
        operation.keeps,
        operation.computes,
        operation.immediate,
        operation.environment,
        operation.steps,
        operation.leaves,
        operation.halts,
    ];
    for flag in silent {
        builder.assert_zero("evm/unused", local.used.not() * flag);
    }
}

/// A step that stays in its frame is followed by the frame's next, and no other step is there without being entered.
fn successor<B: ConstraintBuilder>(
    local: &EvmColumns<B::X>,
    next: &EvmColumns<B::X>,
    builder: &mut B,
) {
    let operation = &local.operation;
    let stays = stays(local);
    builder.assert_eq("evm/successor", next.used - next.enters, stays);
    let kept = [
        ("evm/clock", local.clock + B::X::one(), next.clock),
        ("evm/frame", local.frame, next.frame),
        ("evm/code", local.code, next.code),
    ];
    for (label, value, next) in kept {
        builder.assert_eq_when(label, stays, next, value);
    }
    // What another table does to the registers is in the message to it.
    let own = stays - operation.steps;
    let (before, after) = (&local.before, &next.before);
    let growth = operation.pushes + operation.keeps - operation.pops_a - operation.pops_b;
    builder.assert_eq_when("evm/sp", own, after.sp, before.sp + growth);
    builder.assert_eq_when("evm/gas", own, after.gas, before.gas - operation.cost);
    builder.assert_eq_when("evm/words", own, after.words, before.words);
    builder.assert_eq_when("evm/writes", own, after.writes, before.writes);
    let jumps = operation.jumps + operation.jumps_if;
    let follows = local.pc + operation.length;
    builder.assert_eq_when("evm/pc", stays - jumps, next.pc, follows);
}

/// JUMP and JUMPI.
fn jump<B: ConstraintBuilder>(local: &EvmColumns<B::X>, next: &EvmColumns<B::X>, builder: &mut B) {
    let operation = &local.operation;
    let [taken, inverse, ..] = local.c;
    let [target, high @ ..] = local.a;
    let condition: B::X = local.b.into_iter().sum();
    // Limbs are below 2^32, so that a sum of eight is zero only if all are.
    let jumps_if = operation.jumps_if;
    builder.assert_zero("evm/taken", jumps_if * (taken - condition * inverse));
    builder.assert_zero("evm/taken", jumps_if * (taken.not() * condition));
    let high: B::X = high.into_iter().sum();
    let jumpdest = B::X::from_u64(u64::from(JUMPDEST));
    for (jumps, when) in [(operation.jumps, B::X::one()), (operation.jumps_if, taken)] {
        builder.assert_zero("evm/target", jumps * when * high);
        // The row of the target looks its instruction up: data of a PUSH is none.
        builder.assert_zero("evm/target", jumps * when * (next.opcode - jumpdest));
    }
    builder.assert_eq_when("evm/target", operation.jumps, next.pc, target);
    let follows = local.pc + B::X::one();
    let goes_on = follows + taken * (target - follows);
    builder.assert_eq_when("evm/target", jumps_if, next.pc, goes_on);
}

/// Words that are popped and pushed.
fn stack<B: ConstraintBuilder>(local: &EvmColumns<B::X>, next: &EvmColumns<B::X>, builder: &mut B) {
    let operation = &local.operation;
    let (frame, clock) = (local.frame, local.clock);
    let top = local.before.sp - B::X::one();
    let below = top - operation.depth;
    pop(
        builder,
        operation.pops_a,
        frame,
        top,
        local.a,
        local.a_pushed,
        clock,
    );
    pop(
        builder,
        operation.pops_b,
        frame,
        below,
        local.b,
        local.b_pushed,
        clock,
    );
    let pushed = next.before.sp - B::X::one();
    push(builder, operation.pushes, frame, pushed, local.c, clock);
    push(builder, operation.keeps, frame, below, local.a, clock);
    // Pushing is where the stack grows.
    let room = B::X::from_u64(LAST_INDEX) - pushed;
    builder.send(Message::U16 { value: room }, operation.pushes);
}

/// Operands that do not come from the stack.
fn operands<B: ConstraintBuilder>(local: &EvmColumns<B::X>, builder: &mut B) {
    let operation = &local.operation;
    for limb in 0..local.a.len() {
        // DUP and SWAP push `b`; `a` is put in its place, which for DUP is `b` again.
        let (a, b, c) = (local.a[limb], local.b[limb], local.c[limb]);
        builder.assert_eq_when("evm/moved", operation.keeps, c, b);
        let again = operation.keeps * operation.pops_a.not();
        builder.assert_eq_when("evm/again", again, a, b);
        let zero = B::X::zero();
        let place = [local.pc, local.code].get(limb).copied().unwrap_or(zero);
        builder.assert_eq_when("evm/place", operation.immediate, a, place);
        let frame = if limb == 0 { local.frame } else { zero };
        builder.assert_eq_when("evm/environment", operation.environment, a, frame);
    }
}

/// Instruction, operation and result.
fn claims<B: ConstraintBuilder>(local: &EvmColumns<B::X>, builder: &mut B) {
    let operation = &local.operation;
    let instruction = Message::Instruction {
        code: local.code,
        pc: local.pc,
        opcode: local.opcode,
    };
    builder.send(instruction, local.used);
    builder.send(Message::opcode(index(local), operation), local.used);
    let result = Message::Compute {
        opcode: local.opcode,
        a: local.a,
        b: local.b,
        c: local.c,
    };
    let computes = operation.computes + operation.immediate + operation.environment;
    builder.send(result, computes);
}

/// Index of the operation.
fn index<X: Expression>(local: &EvmColumns<X>) -> X {
    local.opcode + local.operation.halts.scale(HALTING as u64)
}

/// Frames entered and left, and steps that other tables do.
fn delegation<B: ConstraintBuilder>(
    local: &EvmColumns<B::X>,
    next: &EvmColumns<B::X>,
    builder: &mut B,
) {
    let operation = &local.operation;
    let (before, after) = (&local.before, &next.before);
    let enter = Message::Enter {
        clock: local.clock,
        frame: local.frame,
        code: local.code,
        pc: local.pc,
        sp: before.sp,
        gas: before.gas,
        words: before.words,
        writes: before.writes,
    };
    builder.receive(enter, local.enters);
    let step = Message::Step {
        clock: local.clock,
        frame: local.frame,
        opcode: local.opcode,
        sp: before.sp,
        next_sp: after.sp,
        gas: before.gas,
        next_gas: after.gas,
        words: before.words,
        next_words: after.words,
        writes: before.writes,
        next_writes: after.writes,
    };
    builder.send(step, operation.steps);
    let leave = Message::Leave {
        clock: local.clock,
        frame: local.frame,
        code: local.code,
        pc: local.pc,
        index: index(local),
        sp: before.sp,
        gas: before.gas,
        words: before.words,
        writes: before.writes,
    };
    builder.send(leave, operation.leaves + operation.halts);
}
