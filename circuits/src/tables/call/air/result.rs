//! What comes of the call when its frame is closed.

use braid_stark::{ConstraintBuilder, Expression};

use super::gas::left;
use super::{CallColumns, inputs, opens};
use crate::access::{MemoryAccess, access_memory, push, writes_at};
use crate::bus::{Message, outcome, register, space};
use crate::limbs::range_check_when;
use crate::word::widen;

pub(super) fn eval<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (opens, result) = (opens(local), &local.result);
    let taken = Message::FrameResult {
        frame: local.child,
        outcome: result.outcome,
        gas: result.gas,
        writes: result.writes,
        offset: result.offset,
        length: result.length,
        closed: result.closed,
    };
    builder.receive(taken, opens);
    let noted = MemoryAccess {
        frame: local.at.frame,
        index: B::X::from_u64(register::RETURN_DATA),
        before: result.noted,
        accessed: result.accessed,
        after: widen(&[local.child, result.offset, result.length]),
        timestamp: writes_at(result.closed),
    };
    access_memory(builder, opens, noted);
    copy(local, builder);
    resume(local, builder);
}

/// The bytes go to the caller's memory, as far as there is room.
fn copy<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (opens, result) = (opens(local), &local.result);
    let (full, room) = (result.full, local.output.bytes());
    builder.assert_bool("call/full", full);
    let least = result.length + full * (room - result.length);
    builder.assert_eq_when("call/copied", opens, result.copied, least);
    // Of two numbers below 2^32, the other one is not less.
    let difference = B::X::from_limbs(&result.difference, 16);
    let most = room + result.length - result.copied;
    let more = most - result.copied;
    builder.assert_eq_when("call/least", opens, more, difference);
    range_check_when(builder, &result.difference, opens);
    let copies = result.copies;
    builder.assert_bool("call/copies", copies);
    builder.assert_zero("call/copies", copies * opens.not());
    let shown = result.copied * result.copied_inverse;
    builder.assert_eq_when("call/any copied", copies, shown, B::X::one());
    builder.assert_zero("call/none copied", (opens - copies) * result.copied);
    let claim = Message::Copy {
        clock: result.closed,
        source: B::X::from_u64(space::MEMORY),
        source_id: local.child,
        source_offset: result.offset,
        // No more is copied than is handed back.
        source_end: B::X::from_u64(space::NO_END),
        target: B::X::from_u64(space::MEMORY),
        target_id: local.at.frame,
        target_offset: local.output.start,
        length: result.copied,
    };
    builder.send(claim, copies);
}

/// The caller goes on, with 1 on its stack if the frame succeeded, or 0.
fn resume<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (opens, at, result) = (opens(local), &local.at, &local.result);
    // Outcomes are 0, 1 and 2.
    const { assert!(outcome::HALT == 0 && outcome::SUCCESS == 1 && outcome::REVERT == 2) };
    let succeeded = result.outcome * (B::X::from_u64(2) - result.outcome);
    let (one, index) = (B::X::one(), at.sp - inputs(local));
    let success = widen(&[succeeded]);
    push(builder, opens, at.frame, index, success, result.closed);
    let enter = Message::Enter {
        clock: result.closed + one,
        frame: at.frame,
        code: at.code,
        pc: at.pc + one,
        sp: index + one,
        gas: left(local) - local.gas.given + result.gas,
        words: local.next_words,
        writes: result.writes,
    };
    builder.send(enter, opens);
}
