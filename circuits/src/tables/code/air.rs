//! Constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Expression, Felt, Row, Table, Trace};
use plonky2::field::types::Field;

use super::columns::{CodeColumns, Fixed};
use super::generation;
use crate::bus::{DATA, Message, tag};
use crate::state_hash::BYTECODE_WORD;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Code;

/// The column that counts lookups of instructions: the last but one.
const INSTRUCTIONS: usize = CodeColumns::<u8>::WIDTH - 2;
/// The column that counts lookups of bytes: the last.
const BYTES: usize = CodeColumns::<u8>::WIDTH - 1;

impl Table for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CodeColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        generation::fixed(height)
    }

    fn lookups(&self) -> Vec<Lookup> {
        let lookup = |tag, multiplicity| Lookup {
            tag,
            multiplicity,
            rows: OfferedBy::Search,
        };
        vec![
            lookup(tag::Instruction, INSTRUCTIONS),
            lookup(tag::CodeByte, BYTES),
        ]
    }

    fn pad(&self, trace: &mut Trace, height: usize) {
        trace.resize_with_last(height);
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        runs(&row, builder);
        end(&row, builder);
        instructions(&row, builder);
        words(&row, builder);
        offers(&row, builder);
    }
}

/// 1 where the next row belongs to another code, 0 where to the same one.
fn change<X: Expression>(row: &Row<'_, X>) -> X {
    row.next::<CodeColumns<X>>().code - row.local::<CodeColumns<X>>().code
}

/// Each code is one run of rows that starts with a group and counts from 0; its rows are all used or all not.
fn runs<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeColumns<B::X> = row.local();
    let next: &CodeColumns<B::X> = row.next();
    let fixed: &Fixed<B::X> = row.fixed();
    let change = change(row);
    let changes = row.transition * change;
    let stays = row.transition * change.not();
    builder.assert_bool("code/used", local.used);
    builder.assert_zero("code/edge", (row.first + row.last) * local.used);
    builder.assert_zero("code/id_first", row.first * local.code);
    builder.assert_zero("code/id", changes * change.not());
    builder.assert_zero("code/group", changes * fixed.group_ends.not());
    builder.assert_eq_when("code/used_run", stays, next.used, local.used);
    let counted = local.position + local.used;
    builder.assert_eq_when("code/position", stays, next.position, counted);
    builder.assert_zero("code/position_first", changes * next.position);
}

/// From some row on a code has ended, on its last row at the latest; there its bytes are zero.
fn end<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeColumns<B::X> = row.local();
    let next: &CodeColumns<B::X> = row.next();
    let change = change(row);
    builder.assert_bool("code/ended", local.ended);
    builder.assert_zero("code/ended_unused", local.ended * local.used.not());
    builder.assert_zero("code/ended_byte", local.ended * local.byte);
    // An unused last row has not ended, so that what follows it need not be exempted here and below.
    let goes_on = local.ended * change.not();
    builder.assert_zero("code/ended_run", goes_on * next.ended.not());
    let last = change * local.used;
    builder.assert_zero("code/ended_last", last * local.ended.not());
    let size = Message::CodeSize {
        code: next.code,
        size: next.position,
    };
    builder.send(size, next.ended - goes_on);
}

/// Instructions start at the beginning and after the data of the instruction before.
fn instructions<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeColumns<B::X> = row.local();
    let next: &CodeColumns<B::X> = row.next();
    let change = change(row);
    builder.assert_bool("code/starts", local.starts);
    builder.assert_zero("code/starts_unused", local.starts * local.used.not());
    builder.assert_zero("code/starts_data", local.starts * local.remaining);
    let first = row.transition * change * next.remaining;
    builder.assert_zero("code/starts_first", first);
    let last = change * local.used;
    builder.assert_zero("code/starts_last", last * local.starts.not());
    let taken = local.starts * (local.push_length + B::X::one()) - local.used;
    let remaining = local.remaining + taken;
    builder.assert_eq_when("code/remaining", change.not(), next.remaining, remaining);
    let asked = Message::PushLength {
        opcode: local.byte,
        length: local.push_length,
    };
    builder.send(asked, local.used);
}

/// Words are put together byte by byte.
fn words<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeColumns<B::X> = row.local();
    let next: &CodeColumns<B::X> = row.next();
    let fixed: &Fixed<B::X> = row.fixed();
    let so_far = fixed.word_ends.not() * local.word;
    let word = so_far.scale(1 << 8) + next.byte;
    builder.assert_eq_when("code/word", row.transition, next.word, word);
    // At the last byte `position` is `7 index + 6`.
    let length = BYTECODE_WORD as u64;
    let first = local.position - B::X::from_u64(length - 1);
    let seventh = B::X::constant(Felt::from_canonical_u64(length).inverse());
    let given = Message::CodeWord {
        code: local.code,
        index: first * seventh,
        word: local.word,
    };
    builder.send(given, local.used * fixed.word_ends);
}

/// Lookups that the table answers.
fn offers<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeColumns<B::X> = row.local();
    let data = local.starts.not();
    builder.assert_zero("code/instructions", local.instructions * local.used.not());
    builder.assert_zero("code/bytes", local.bytes * local.used.not());
    let instruction = Message::Instruction {
        code: local.code,
        pc: local.position,
        opcode: local.byte + data.scale(DATA),
    };
    builder.receive(instruction, local.instructions);
    let byte = Message::CodeByte {
        code: local.code,
        position: local.position,
        byte: local.byte,
    };
    builder.receive(byte, local.bytes);
}
