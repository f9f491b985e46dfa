//! Constraints and messages of `log_data`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::LogDataColumns;
use crate::bus::Message;
use crate::execution::WORD_BYTES;
use crate::log_word::take_word;
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogData;

impl Table for LogData {
    fn name(&self) -> &'static str {
        "log_data"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<LogDataColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &LogDataColumns<B::X> = row.local();
        let next: &LogDataColumns<B::X> = row.next();
        builder.assert_bool("log_data/used", local.used);
        builder.assert_bool("log_data/continues", local.continues);
        builder.assert_bool("log_data/cuts", local.cuts);
        let unused = local.used.not();
        builder.assert_zero("log_data/continues used", local.continues * unused);
        builder.assert_zero("log_data/begins", row.first * local.continues);
        follows(local, next, builder);
        begins(local, builder);
        word(local, last(local, next), builder);
    }
}

/// Whether the row is the last word of its data.
fn last<X: Expression>(local: &LogDataColumns<X>, next: &LogDataColumns<X>) -> X {
    local.used - next.continues
}

/// What the next row goes on with.
fn follows<B: ConstraintBuilder>(
    local: &LogDataColumns<B::X>,
    next: &LogDataColumns<B::X>,
    builder: &mut B,
) {
    let goes_on = next.continues;
    let unused = local.used.not();
    builder.assert_zero("log_data/after a word", goes_on * unused);
    let bytes = B::X::from_u64(WORD_BYTES);
    let position = local.position + bytes;
    for (label, next, expected) in [
        ("log_data/same string", next.string, local.string),
        ("log_data/position", next.position, position),
        ("log_data/left", next.left, local.left - bytes),
    ] {
        builder.assert_eq_when(label, goes_on, next, expected);
    }
    for (next, after) in next.before.into_iter().zip(local.after) {
        builder.assert_eq_when("log_data/chain", goes_on, next, after);
    }
}

/// The first word of the data: the digest starts from the length.
fn begins<B: ConstraintBuilder>(local: &LogDataColumns<B::X>, builder: &mut B) {
    let first = local.used - local.continues;
    builder.assert_zero("log_data/first position", first * local.position);
    let zero = B::X::zero();
    let start = [local.left, zero, zero, zero];
    for (before, start) in local.before.into_iter().zip(start) {
        builder.assert_eq_when("log_data/start", first, before, start);
    }
}

/// The word, and what it is in the digest.
fn word<B: ConstraintBuilder>(local: &LogDataColumns<B::X>, last: B::X, builder: &mut B) {
    let missing = local.left - B::X::from_u64(WORD_BYTES);
    let given = Message::StringWord {
        string: local.string,
        position: local.position,
        value: local.value,
        bytes: B::X::from_u64(WORD_BYTES) + last * missing,
    };
    builder.receive(given, local.used);
    let cuts = local.cuts;
    builder.assert_zero("log_data/cuts the last", cuts * last.not());
    builder.assert_zero("log_data/whole word", (last - cuts) * missing);
    let merge = Message::Merge {
        bytes: local.left,
        first: local.value,
        second: widen(&[]),
        merged: local.word,
    };
    builder.send(merge, cuts);
    for (limb, value) in local.word.into_iter().zip(local.value) {
        builder.assert_eq_when("log_data/word", local.used - cuts, limb, value);
    }
    take_word(
        builder,
        "log_data/halves",
        local.used,
        local.before,
        local.word,
        &local.halves,
        local.after,
    );
    let claim = Message::LogData {
        string: local.string,
        length: local.position + local.left,
        digest: local.after,
    };
    builder.receive(claim, last);
}
