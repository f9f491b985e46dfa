//! Constraints and messages of `code_words`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::columns::{CodeWordsColumns, LIMB};
use crate::bus::{Message, space};
use crate::execution::WORD_BYTES;
use crate::word::WORD_LIMBS;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeWords;

impl Table for CodeWords {
    fn name(&self) -> &'static str {
        "code_words"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CodeWordsColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &CodeWordsColumns<B::X> = row.local();
        let next: &CodeWordsColumns<B::X> = row.next();
        builder.assert_bool("code_words/used", local.used);
        builder.assert_bool("code_words/continues", local.continues);
        limb(local, builder);
        follows(local, next, builder);
        offers(local, builder);
    }
}

/// The limb is what its bytes make.
fn limb<B: ConstraintBuilder>(local: &CodeWordsColumns<B::X>, builder: &mut B) {
    for (place, byte) in (0..).zip(local.bytes) {
        let message = Message::CodeByte {
            code: local.code,
            position: local.position + B::X::from_u64(place),
            byte,
        };
        builder.send(message, local.used);
    }
    let made = local.bytes.into_iter();
    let made = made.fold(B::X::zero(), |limb, byte| limb.scale(256) + byte);
    builder.assert_eq("code_words/limb", local.value[0], made);
}

/// The next row goes on with the word, or begins one.
fn follows<B: ConstraintBuilder>(
    local: &CodeWordsColumns<B::X>,
    next: &CodeWordsColumns<B::X>,
    builder: &mut B,
) {
    let goes_on = next.continues;
    builder.assert_zero("code_words/starts", goes_on.not() * next.place);
    let place = local.place + B::X::one();
    builder.assert_eq_when("code_words/place", goes_on, next.place, place);
    builder.assert_eq_when("code_words/code", goes_on, next.code, local.code);
    let position = local.position + B::X::from_u64(LIMB as u64);
    builder.assert_eq_when("code_words/position", goes_on, next.position, position);
    builder.assert_eq_when("code_words/run", goes_on, next.used, local.used);
    for (moved, limb) in next.value.into_iter().skip(1).zip(local.value) {
        builder.assert_eq_when("code_words/moved up", goes_on, moved, limb);
    }
}

fn offers<B: ConstraintBuilder>(local: &CodeWordsColumns<B::X>, builder: &mut B) {
    let last = WORD_LIMBS as u64 - 1;
    let before = local.place - B::X::from_u64(last);
    builder.assert_zero("code_words/count", local.count * before);
    builder.assert_zero("code_words/count used", local.count * local.used.not());
    let start = local.position - B::X::from_u64(last * LIMB as u64);
    let part = B::X::constant(Felt::from_canonical_u64(WORD_BYTES).inverse());
    let word = Message::SourceWord {
        source: B::X::from_u64(space::CODE),
        source_id: local.code,
        index: start * part,
        value: local.value,
    };
    builder.receive(word, local.count);
}
