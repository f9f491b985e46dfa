//! Constraints and messages of `growth`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::PAID_WORDS;
use super::columns::{GrowthColumns, SquareColumns};
use crate::bus::Message;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Growth;

impl Table for Growth {
    fn name(&self) -> &'static str {
        "growth"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<GrowthColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &GrowthColumns<B::X> = row.local();
        builder.assert_bool("growth/used", local.used);
        builder.assert_zero("growth/count", local.count * local.used.not());
        words(local, builder);
        square(builder, local.used, local.words, &local.square);
        square(builder, local.used, local.next_words, &local.next_square);
        let quotient = |square: &SquareColumns<B::X>| B::X::from_limbs(&square.quotient, 16);
        let linear = (local.next_words - local.words).scale(3);
        let claim = Message::MemoryGrowth {
            words: local.words,
            offset: local.offset,
            length: local.length,
            unpaid: local.unpaid,
            next_words: local.next_words,
            gas: linear + quotient(&local.next_square) - quotient(&local.square),
        };
        builder.receive(claim, local.count);
    }
}

/// How many words there are.
fn words<B: ConstraintBuilder>(local: &GrowthColumns<B::X>, builder: &mut B) {
    let (used, grows, one) = (local.used, local.grows, B::X::one());
    let last = B::X::from_limbs(&local.last, 16);
    let end = local.offset + local.length;
    builder.assert_eq_when("growth/last", used, end - one, last.scale(32) + local.rest);
    let value = local.rest.scale(8);
    builder.send(Message::U8 { value }, used);
    builder.assert_bool("growth/grows", grows);
    builder.assert_zero("growth/grows used", grows * used.not());
    builder.assert_bool("growth/unpaid", local.unpaid);
    builder.assert_zero("growth/unpaid used", local.unpaid * used.not());
    // Memory that is paid for ends below 2^26 words.
    let [_, high] = local.last;
    let value = high.scale((1 << 32) / PAID_WORDS);
    builder.send(Message::U16 { value }, used - local.unpaid);
    let difference = B::X::from_limbs(&local.difference, 16);
    let missing = last - local.words;
    builder.assert_eq_when("growth/missing", grows, missing, difference);
    let there = local.words - last - one;
    builder.assert_eq_when("growth/there", used - grows, there, difference);
    let grown = grows * (missing + one);
    builder.assert_eq("growth/words", local.next_words, local.words + grown);
    for value in local.last.into_iter().chain(local.difference) {
        builder.send(Message::U16 { value }, used);
    }
}

/// `words` squared, divided by 512.
fn square<B: ConstraintBuilder>(
    builder: &mut B,
    used: B::X,
    words: B::X,
    square: &SquareColumns<B::X>,
) {
    let SquareColumns {
        quotient,
        remainder,
    } = *square;
    let divided = B::X::from_limbs(&quotient, 16).scale(512) + remainder;
    builder.assert_eq("growth/square", words.squared(), divided);
    for value in quotient
        .into_iter()
        .chain([remainder, remainder.scale(128)])
    {
        builder.send(Message::U16 { value }, used);
    }
}
