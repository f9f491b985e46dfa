//! The frame that is opened, or refused, or not allowed.

use braid_stark::{ConstraintBuilder, Expression};

use super::account::target;
use super::{CallColumns, opens, reaches, refused, takes_value};
use crate::bus::{Message, opening};
use crate::execution::{DEEPEST, STIPEND, TRANSFER_WRITES};

pub(super) fn eval<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    caller(local, builder);
    limits(local, builder);
    start(local, builder);
    value(local, builder);
}

/// The clock at which the frame opens.
fn opened<X: Expression>(local: &CallColumns<X>) -> X {
    local.at.clock + X::one()
}

/// Writes that can be undone after the access to the account.
fn writes<X: Expression>(local: &CallColumns<X>) -> X {
    local.at.writes + X::one()
}

/// What is known of the frame that calls.
fn caller<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (frame, caller) = (local.at.frame, &local.caller);
    let asked = Message::FrameContext {
        frame,
        transaction: caller.transaction,
        depth: caller.depth,
        is_static: caller.is_static,
        address: caller.address,
        undone_at: caller.undone_at,
    };
    builder.send(asked, opens(local) + local.violates);
    let asked = Message::FrameCaller {
        frame,
        caller: caller.caller,
        value: caller.value,
    };
    builder.send(asked, opens(local) * local.delegates);
}

/// What a static frame may not do, and how deep frames may be.
fn limits<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (is_static, sends) = (local.caller.is_static, local.sends);
    let allowed = (is_static * sends).not();
    builder.assert_zero("call/violates", local.violates * allowed);
    builder.assert_zero("call/static", opens(local) * is_static * sends);
    let deepest = B::X::from_u64(DEEPEST);
    let value = deepest - B::X::one() - local.caller.depth;
    builder.send(Message::U16 { value }, reaches(local));
    let depth = local.caller.depth;
    builder.assert_eq_when("call/too deep", local.too_deep, depth, deepest);
}

/// The frame is opened.
fn start<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let caller = &local.caller;
    let pick = |first: B::X, a: B::X, second: B::X, b: B::X| first * a + second * b;
    let others = local.calls + local.calls_static;
    let own = local.calls_code + local.delegates;
    let target = target(local);
    let address =
        core::array::from_fn(|limb| pick(others, target[limb], own, caller.address[limb]));
    let (delegates, keeps) = (local.delegates, others + local.calls_code);
    let (first, second) = (caller.caller, caller.address);
    let calls = core::array::from_fn(|limb| pick(delegates, first[limb], keeps, second[limb]));
    let (first, takes_value) = (caller.value, takes_value(local));
    let value =
        core::array::from_fn(|limb| pick(delegates, first[limb], takes_value, local.value[limb]));
    let kinds = [
        (local.is_empty, opening::EMPTY),
        (local.runs, opening::CODE),
        (refused(local), opening::REFUSED),
        (local.is_precompile, opening::PRECOMPILE),
    ];
    let sent = local.sends * reaches(local);
    let start = Message::FrameStart {
        frame: local.child,
        transaction: caller.transaction,
        parent: local.at.frame,
        depth: caller.depth + B::X::one(),
        is_static: caller.is_static + local.calls_static * caller.is_static.not(),
        address,
        caller: calls,
        value,
        opening: kinds.into_iter().map(|(flag, kind)| flag.scale(kind)).sum(),
        code: local.account.code,
        input_frame: local.at.frame,
        input_offset: local.input.start,
        input_length: local.input.bytes(),
        gas: local.gas.given + local.pays.scale(STIPEND),
        opened: opened(local),
        writes: writes(local),
        first_writes: writes(local) + sent.scale(TRANSFER_WRITES),
    };
    builder.send(start, opens(local));
}

/// The value moves, or is there, or is not.
fn value<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let transfer = Message::Transfer {
        opened: opened(local),
        frame: local.child,
        writes: writes(local),
        from: local.caller.address,
        to: target(local),
        value: local.value,
    };
    let sent = local.sends * reaches(local);
    builder.send(transfer, sent);
    builder.assert_zero("call/funds", local.lacks_funds * local.pays.not());
    // CALLCODE moves its value from the caller to itself.
    let kept = (local.pays - local.sends) * reaches(local);
    let funds = Message::Funds {
        clock: opened(local),
        address: local.caller.address,
        value: local.value,
        enough: local.lacks_funds.not(),
    };
    builder.send(funds, local.lacks_funds + kept);
}
