//! Constraints and messages of `copy`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::CopyColumns;
use crate::access::{MemoryAccess, access_memory, reads_at};
use crate::bus::{Message, space};
use crate::execution::WORD_BYTES;
use crate::limbs::range_check_when;
use crate::word::{WORD_LIMBS, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Copy;

impl Table for Copy {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CopyColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &CopyColumns<B::X> = row.local();
        let next: &CopyColumns<B::X> = row.next();
        flags(local, builder);
        follows(local, next, builder);
        claim(local, builder);
        read(local, builder);
        end(local, next, builder);
        window(local, next, builder);
        write(local, builder);
    }
}

/// Whether the row has a word of the target.
fn writes<X: Expression>(local: &CopyColumns<X>) -> X {
    local.to_memory + local.to_string
}

/// Whether it is part of a copy.
fn used<X: Expression>(local: &CopyColumns<X>) -> X {
    local.leads + writes(local)
}

/// Whether its word of the source is beyond the source's end.
fn beyond<X: Expression>(local: &CopyColumns<X>) -> X {
    used(local) - local.reads - local.looks_up
}

/// Whether the next row goes on with the target of this one.
fn goes_on<X: Expression>(local: &CopyColumns<X>) -> X {
    writes(local) - local.last
}

/// Bytes from one word to the next.
fn step<X: Expression>() -> X {
    X::from_u64(WORD_BYTES)
}

fn flags<B: ConstraintBuilder>(local: &CopyColumns<B::X>, builder: &mut B) {
    let CopyColumns {
        leads,
        to_memory,
        to_string,
        opens,
        last,
        ..
    } = *local;
    for flag in [leads, to_memory, to_string, used(local)] {
        builder.assert_bool("copy/kind", flag);
    }
    builder.assert_bool("copy/opens", opens);
    builder.assert_bool("copy/last", last);
    let none = writes(local).not();
    builder.assert_zero("copy/opens used", opens * none);
    builder.assert_zero("copy/last used", last * none);
    for flag in [local.reads, local.looks_up, beyond(local)] {
        builder.assert_bool("copy/read", flag);
    }
    builder.assert_bool("copy/cuts", local.cuts);
    let here = local.reads + local.looks_up;
    builder.assert_zero("copy/cuts used", local.cuts * here.not());
    for (flag, place) in [(local.keeps_head, opens), (local.keeps_tail, last)] {
        builder.assert_bool("copy/keeps", flag);
        builder.assert_zero("copy/keeps at the edge", flag * place.not());
        builder.assert_zero("copy/keeps memory", flag * to_memory.not());
    }
    for flag in local.limbs {
        builder.assert_bool("copy/limbs", flag);
    }
    let limbs = local.limbs.into_iter().sum();
    builder.assert_eq("copy/one number of limbs", limbs, writes(local));
    builder.assert_bool("copy/splits", local.splits);
    builder.assert_zero("copy/splits used", local.splits * none);
    builder.assert_zero("copy/bytes", local.splits.not() * local.bytes);
}

/// What the next row has to be.
fn follows<B: ConstraintBuilder>(
    local: &CopyColumns<B::X>,
    next: &CopyColumns<B::X>,
    builder: &mut B,
) {
    let goes_on = goes_on(local);
    let continues = writes(next) - next.opens;
    builder.assert_eq("copy/goes on", continues, goes_on);
    builder.assert_zero("copy/leads", local.leads * next.opens.not());
    let follows = goes_on + local.leads;
    for (next, local) in [
        (next.clock, local.clock),
        (next.source, local.source),
        (next.source_id, local.source_id),
        (next.source_end, local.source_end),
    ] {
        builder.assert_eq_when("copy/same source", follows, next, local);
    }
    let index = local.index + B::X::one();
    builder.assert_eq_when("copy/next source word", follows, next.index, index);
    for (next, local) in [
        (next.to_memory, local.to_memory),
        (next.target_id, local.target_id),
    ] {
        builder.assert_eq_when("copy/same target", goes_on, next, local);
    }
    let shifts = next.limbs.into_iter().zip(local.limbs);
    for (next, local) in shifts.chain([(next.bytes, local.bytes), (next.splits, local.splits)]) {
        builder.assert_eq_when("copy/same shift", goes_on, next, local);
    }
    let index = local.target_index + B::X::one();
    builder.assert_eq_when("copy/next target word", goes_on, next.target_index, index);
    let left = local.left - step();
    builder.assert_eq_when("copy/left", goes_on, next.left, left);
}

/// Bytes that the window has of the word before.
fn carried<X: Expression>(local: &CopyColumns<X>) -> X {
    let limbs = (0..).step_by(4).zip(local.limbs);
    let limbs: X = limbs.map(|(bytes, flag)| flag.scale(bytes)).sum();
    limbs + local.bytes
}

/// What is copied, and where it begins and ends.
fn claim<B: ConstraintBuilder>(local: &CopyColumns<B::X>, builder: &mut B) {
    let memory = B::X::from_u64(space::MEMORY);
    let claim = Message::Copy {
        clock: local.clock,
        source: local.source,
        source_id: local.source_id,
        source_offset: local.index.scale(WORD_BYTES) + local.head - carried(local),
        source_end: local.source_end,
        target: memory + local.to_string.scale(space::STRING - space::MEMORY),
        target_id: local.target_id,
        target_offset: local.target_index.scale(WORD_BYTES) + local.head,
        length: local.left - local.head,
    };
    builder.receive(claim, local.opens);
    let value = local.head.scale(8);
    builder.send(Message::U8 { value }, local.opens);
    let value = (local.left - B::X::one()).scale(8);
    builder.send(Message::U8 { value }, local.last);
}

/// The word of the source.
fn read<B: ConstraintBuilder>(local: &CopyColumns<B::X>, builder: &mut B) {
    let memory = B::X::from_u64(space::MEMORY);
    builder.assert_eq_when("copy/source", local.reads, local.source, memory);
    let access = MemoryAccess {
        frame: local.source_id,
        index: local.index,
        before: local.read,
        accessed: local.read_accessed,
        after: local.read,
        timestamp: reads_at(local.clock),
    };
    access_memory(builder, local.reads, access);
    let word = Message::SourceWord {
        source: local.source,
        source_id: local.source_id,
        index: local.index,
        value: local.read,
    };
    builder.send(word, local.looks_up);
}

/// From the source's end on there are zeros.
fn end<B: ConstraintBuilder>(local: &CopyColumns<B::X>, next: &CopyColumns<B::X>, builder: &mut B) {
    let start = local.index.scale(WORD_BYTES);
    let merge = Message::Merge {
        bytes: local.source_end - start,
        first: local.read,
        second: widen(&[]),
        merged: local.current,
    };
    builder.send(merge, local.cuts);
    let beyond_here = beyond(local);
    let whole = local.reads + local.looks_up - local.cuts;
    for (current, read) in local.current.into_iter().zip(local.read) {
        builder.assert_eq_when("copy/whole word", whole, current, read);
        builder.assert_zero("copy/beyond the end", beyond_here * current);
    }
    let distance = B::X::from_limbs(&local.distance, 16);
    let after = local.source_end - start - step();
    builder.assert_eq_when("copy/before the end", whole, after, distance);
    // Words after one that is beyond the end are, too.
    let known = (goes_on(local) + local.leads) * beyond_here;
    builder.assert_zero("copy/stays beyond", known * beyond(next).not());
    let shown = beyond(next) - known;
    let distance = B::X::from_limbs(&next.distance, 16);
    let past = next.index.scale(WORD_BYTES) - next.source_end;
    builder.assert_eq_when("copy/past the end", shown, past, distance);
    range_check_when(builder, &next.distance, used(next) - next.cuts - known);
}

/// The limbs of a row's word of the source, after those of the row before, most significant first.
fn limbs_of<X: Expression>(local: &CopyColumns<X>, next: &CopyColumns<X>) -> Vec<X> {
    let words = [local.current, next.current].into_iter();
    words.flat_map(|word| word.into_iter().rev()).collect()
}

/// What lies where the next row's word of the target does.
fn window<B: ConstraintBuilder>(
    local: &CopyColumns<B::X>,
    next: &CopyColumns<B::X>,
    builder: &mut B,
) {
    let limbs = limbs_of(local, next);
    // The limb that is so many after the one before the window, if that begins with a limb; or after the one in which it begins.
    let chosen = |distance: usize| -> B::X {
        let choices = next.limbs.into_iter().enumerate();
        let choices = choices.map(|(carried, flag)| {
            let place = WORD_LIMBS - 1 - carried + distance;
            flag * limbs[place]
        });
        choices.sum()
    };
    let whole = writes(next) - next.splits;
    let window = next.window.into_iter().rev();
    for (distance, limb) in (1..).zip(window) {
        builder.assert_eq_when("copy/window", whole, limb, chosen(distance));
    }
    let shift = Message::ByteShift {
        bytes: B::X::from_u64(4) - next.bytes,
        value: next.window,
        first: chosen(0),
        last: chosen(WORD_LIMBS),
        moved: core::array::from_fn(chosen),
    };
    builder.send(shift, next.splits);
    let value = next.head - carried(next);
    builder.send(Message::U8 { value }, next.opens - local.leads);
}

/// The word of the target.
fn write<B: ConstraintBuilder>(local: &CopyColumns<B::X>, builder: &mut B) {
    let first = local.opens - local.keeps_head;
    builder.assert_zero("copy/head", first * local.head);
    let last = local.last - local.keeps_tail;
    let missing = local.left - step();
    builder.assert_zero("copy/tail", last * local.to_memory * missing);
    let merge = Message::Merge {
        bytes: local.head,
        first: local.before,
        second: local.window,
        merged: local.headed,
    };
    builder.send(merge, local.keeps_head);
    let merge = Message::Merge {
        bytes: local.left,
        first: local.headed,
        second: local.before,
        merged: local.after,
    };
    builder.send(merge, local.keeps_tail);
    let whole = local.to_memory - local.keeps_head;
    for (headed, window) in local.headed.into_iter().zip(local.window) {
        builder.assert_eq_when("copy/headed", whole, headed, window);
    }
    let whole = local.to_memory - local.keeps_tail;
    for (after, headed) in local.after.into_iter().zip(local.headed) {
        builder.assert_eq_when("copy/after", whole, after, headed);
    }
    let access = MemoryAccess {
        frame: local.target_id,
        index: local.target_index,
        before: local.before,
        accessed: local.accessed,
        after: local.after,
        timestamp: reads_at(local.clock) + B::X::one(),
    };
    access_memory(builder, local.to_memory, access);
    let word = Message::StringWord {
        string: local.target_id,
        position: local.target_index.scale(WORD_BYTES),
        value: local.window,
        bytes: step::<B::X>() + local.last * (local.left - step()),
    };
    builder.send(word, local.to_string);
}
