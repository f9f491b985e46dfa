//! Constraints and messages of `frame`.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table};

use super::columns::{FrameColumns, LOOKUPS};
use crate::bus::{Message, opening, outcome, tag};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameTable;

/// The first of the columns that count lookups: they are the last ones.
const COUNTS: usize = FrameColumns::<u8>::WIDTH - LOOKUPS;

impl Table for FrameTable {
    fn name(&self) -> &'static str {
        "frame"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<FrameColumns<()>>()
    }

    fn lookups(&self) -> Vec<Lookup> {
        let kinds = [
            tag::FrameContext,
            tag::FrameCaller,
            tag::FrameInput,
            tag::FrameCode,
            tag::FrameUndone,
        ];
        let lookup = |(tag, multiplicity)| Lookup {
            tag,
            multiplicity,
            rows: OfferedBy::Search,
        };
        kinds.into_iter().zip(COUNTS..).map(lookup).collect()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &FrameColumns<B::X> = row.local();
        flags(&row, builder);
        start(local, builder);
        steps(local, builder);
        end(local, builder);
        undo(local, builder);
        lookups(local, builder);
    }
}

/// Whether the row is a frame.
fn used<X: Expression>(local: &FrameColumns<X>) -> X {
    local.runs + local.is_empty + local.is_refused + local.is_precompile
}

/// Whether what the frame did is undone on its own account.
fn fails<X: Expression>(local: &FrameColumns<X>) -> X {
    local.reverts + local.halts
}

/// Flags; frames come first and are counted.
fn flags<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &FrameColumns<B::X> = row.local();
    let next: &FrameColumns<B::X> = row.next();
    for flag in [local.runs, local.is_empty, local.is_refused] {
        builder.assert_bool("frame/opening", flag);
    }
    builder.assert_bool("frame/opening", local.is_precompile);
    builder.assert_bool("frame/used", used(local));
    let succeeds = [local.succeeds_first, local.succeeds_within];
    for flag in succeeds.into_iter().chain([local.reverts, local.halts]) {
        builder.assert_bool("frame/outcome", flag);
    }
    let outcomes = local.succeeds_first + local.succeeds_within + fails(local);
    builder.assert_eq("frame/one outcome", outcomes, used(local));
    let one = B::X::one();
    let appears = used(next) * used(local).not();
    builder.assert_zero("frame/gap", row.transition * appears);
    let first = row.first * used(local);
    builder.assert_eq_when("frame/first number", first, local.frame, one);
    let follows = row.transition * used(next);
    builder.assert_eq_when("frame/number", follows, next.frame, local.frame + one);
    let unused = used(local).not();
    for count in local.counts.into_iter().chain([local.successes]) {
        builder.assert_zero("frame/count", unused * count);
    }
}

/// The frame opens.
fn start<B: ConstraintBuilder>(local: &FrameColumns<B::X>, builder: &mut B) {
    let kinds = [
        (local.is_empty, opening::EMPTY),
        (local.runs, opening::CODE),
        (local.is_refused, opening::REFUSED),
        (local.is_precompile, opening::PRECOMPILE),
    ];
    let start = Message::FrameStart {
        frame: local.frame,
        transaction: local.transaction,
        parent: local.parent,
        depth: local.depth,
        is_static: local.is_static,
        address: local.address,
        caller: local.caller,
        value: local.value,
        opening: kinds.into_iter().map(|(flag, kind)| flag.scale(kind)).sum(),
        code: local.code,
        input_frame: local.input_frame,
        input_offset: local.input_offset,
        input_length: local.input_length,
        gas: local.gas,
        opened: local.opened,
        writes: local.writes,
        first_writes: local.first_writes,
    };
    builder.receive(start, used(local));
}

/// What happens in it is done by others, or nothing happens.
fn steps<B: ConstraintBuilder>(local: &FrameColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let enter = Message::Enter {
        clock: local.opened + B::X::one(),
        frame: local.frame,
        code: local.code,
        pc: zero,
        sp: zero,
        gas: local.gas,
        words: zero,
        writes: local.first_writes,
    };
    builder.send(enter, local.runs);
    let precompile = Message::Precompile {
        frame: local.frame,
        clock: local.opened,
        number: local.code,
        gas: local.gas,
        writes: local.first_writes,
    };
    builder.send(precompile, local.is_precompile);
    let at_once = local.is_empty + local.is_refused;
    let no_steps = at_once + local.is_precompile;
    builder.assert_eq_when("frame/no steps", no_steps, local.ended, local.opened);
    builder.assert_zero("frame/empty", local.is_empty * fails(local));
    let reverts = local.reverts;
    builder.assert_zero("frame/refused", local.is_refused * reverts.not());
    builder.assert_eq_when("frame/gas given back", at_once, local.gas_left, local.gas);
    let (end, first) = (local.end_writes, local.first_writes);
    builder.assert_eq_when("frame/no writes", at_once, end, first);
    for returned in [local.offset, local.length] {
        let nothing = at_once + local.halts;
        builder.assert_zero("frame/no data", nothing * returned);
    }
    builder.assert_zero("frame/gas lost", local.halts * local.gas_left);
}

/// The frame ends, and whoever opened it is told.
fn end<B: ConstraintBuilder>(local: &FrameColumns<B::X>, builder: &mut B) {
    let succeeds = local.succeeds_first + local.succeeds_within;
    let kinds = [
        (succeeds, outcome::SUCCESS),
        (local.reverts, outcome::REVERT),
        (local.halts, outcome::HALT),
    ];
    let outcome: B::X = kinds.into_iter().map(|(flag, kind)| flag.scale(kind)).sum();
    let end = Message::FrameEnd {
        clock: local.ended,
        frame: local.frame,
        outcome,
        gas: local.gas_left,
        writes: local.end_writes,
        offset: local.offset,
        length: local.length,
    };
    builder.receive(end, local.runs + local.is_precompile);
    let result = Message::FrameResult {
        frame: local.frame,
        outcome,
        gas: local.gas_left,
        writes: local.end_writes,
        offset: local.offset,
        length: local.length,
        closed: local.closed,
    };
    builder.send(result, used(local));
}

/// When what it did is undone, and that this is over when the result is taken.
fn undo<B: ConstraintBuilder>(local: &FrameColumns<B::X>, builder: &mut B) {
    let fails = fails(local);
    let after = local.ended.scale(2) + B::X::from_u64(2);
    let (first, within) = (local.succeeds_first, local.succeeds_within);
    builder.assert_zero("frame/first", first * local.parent);
    builder.assert_zero("frame/not undone", first * local.undone_at);
    let parents = Message::ParentUndone {
        frame: local.parent,
        undone_at: local.undone_at,
    };
    builder.send(parents, within);
    let own = Message::ParentUndone {
        frame: local.frame,
        undone_at: local.undone_at,
    };
    builder.receive(own, local.successes);
    let last = after + local.end_writes;
    builder.assert_eq_when("frame/undone at", fails, local.undone_at, last);
    let made = local.end_writes - local.writes;
    builder.assert_eq("frame/undone", local.undone, fails * made);
    let value = local.closed.scale(2) - after - local.undone;
    builder.send(Message::Clock { value }, used(local));
}

/// What the frame's steps ask for.
fn lookups<B: ConstraintBuilder>(local: &FrameColumns<B::X>, builder: &mut B) {
    let frame = local.frame;
    let [context, caller, input, code, undone] = local.counts;
    let offered = Message::FrameContext {
        frame,
        transaction: local.transaction,
        depth: local.depth,
        is_static: local.is_static,
        address: local.address,
        undone_at: local.undone_at,
    };
    builder.receive(offered, context);
    let offered = Message::FrameCaller {
        frame,
        caller: local.caller,
        value: local.value,
    };
    builder.receive(offered, caller);
    let offered = Message::FrameInput {
        frame,
        input_frame: local.input_frame,
        offset: local.input_offset,
        length: local.input_length,
        transaction: local.transaction,
    };
    builder.receive(offered, input);
    let offered = Message::FrameCode {
        frame,
        code: local.code,
    };
    builder.receive(offered, code);
    let offered = Message::FrameUndone {
        frame,
        transaction: local.transaction,
        undone_at: local.undone_at,
    };
    builder.receive(offered, undone);
}
