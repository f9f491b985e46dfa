//! Constraints and messages of `calldata`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::CalldataColumns;
use crate::bus::{Message, field, space};
use crate::event::opcode::SHL;
use crate::execution::WORD_BYTES;
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calldata;

impl Table for Calldata {
    fn name(&self) -> &'static str {
        "calldata"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CalldataColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &CalldataColumns<B::X> = row.local();
        let next: &CalldataColumns<B::X> = row.next();
        let used = local.whole + local.last;
        builder.assert_bool("calldata/whole", local.whole);
        builder.assert_bool("calldata/last", local.last);
        builder.assert_bool("calldata/one kind", used);
        follows(local, next, builder);
        reads(local, used, builder);
        moves_up(local, builder);

        builder.assert_zero("calldata/count", local.count * used.not());
        let word = Message::SourceWord {
            source: B::X::from_u64(space::CALLDATA),
            source_id: local.transaction,
            index: local.index,
            value: local.value,
        };
        builder.receive(word, local.count);
    }
}

/// The next row has the next word, or a first one.
fn follows<B: ConstraintBuilder>(
    local: &CalldataColumns<B::X>,
    next: &CalldataColumns<B::X>,
    builder: &mut B,
) {
    let goes_on = local.whole;
    let index = local.index + B::X::one();
    builder.assert_eq_when("calldata/next word", goes_on, next.index, index);
    builder.assert_zero("calldata/first word", goes_on.not() * next.index);
    builder.assert_eq_when(
        "calldata/transaction",
        goes_on,
        next.transaction,
        local.transaction,
    );
}

/// What was read where the word ends, or the calldata.
fn reads<B: ConstraintBuilder>(local: &CalldataColumns<B::X>, used: B::X, builder: &mut B) {
    builder.assert_zero("calldata/missing", local.whole * local.missing);
    let end = (local.index + B::X::one()).scale(WORD_BYTES);
    let read = Message::TransactionField {
        ordinal: local.transaction,
        field: local.whole.scale(field::CALLDATA_WORD) + local.last.scale(field::CALLDATA_END),
        bytes: end - local.missing,
        // The access list comes later.
        entries: B::X::zero(),
        value: local.read,
    };
    builder.receive(read, used);
}

/// What was read is the word, but for the bytes that are missing.
fn moves_up<B: ConstraintBuilder>(local: &CalldataColumns<B::X>, builder: &mut B) {
    for (value, read) in local.value.into_iter().zip(local.read) {
        builder.assert_eq_when("calldata/whole word", local.whole, value, read);
    }
    let bits = local.missing.scale(8);
    builder.send(Message::U8 { value: bits }, local.last);
    let moved = Message::Compute {
        opcode: B::X::from_u64(SHL.into()),
        a: widen(&[bits]),
        b: local.read,
        c: local.value,
    };
    builder.send(moved, local.last);
}
