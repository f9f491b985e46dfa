//! Constraints and messages of `string`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{LIMB, StringColumns};
use crate::bus::{Message, string};
use crate::word::WORD_LIMBS;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct StringTable;

impl Table for StringTable {
    fn name(&self) -> &'static str {
        "string"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<StringColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &StringColumns<B::X> = row.local();
        let next: &StringColumns<B::X> = row.next();
        flags(local, builder);
        follows(local, next, builder);
        builder.assert_zero("string/starts", row.first * local.continues);
        gives(local, builder);
    }
}

/// Bytes that the row gives.
fn given<X: Expression>(local: &StringColumns<X>) -> X {
    local.has.into_iter().sum()
}

fn flags<B: ConstraintBuilder>(local: &StringColumns<B::X>, builder: &mut B) {
    let [used, .., all] = local.has;
    for flag in local.has {
        builder.assert_bool("string/has", flag);
    }
    for pair in local.has.windows(2) {
        builder.assert_zero("string/gap", pair[1] * pair[0].not());
    }
    builder.assert_bool("string/continues", local.continues);
    builder.assert_zero("string/continues used", local.continues * used.not());
    builder.assert_bool("string/by limbs", local.by_limbs);
    builder.assert_zero("string/whole limb", local.by_limbs * all.not());
}

/// The next row goes on with the word, or all of it is given.
fn follows<B: ConstraintBuilder>(
    local: &StringColumns<B::X>,
    next: &StringColumns<B::X>,
    builder: &mut B,
) {
    let goes_on = next.continues;
    let [.., all] = local.has;
    builder.assert_zero("string/all of a limb", goes_on * all.not());
    let left = local.left - given(local);
    builder.assert_zero("string/all of a word", goes_on.not() * left);
    builder.assert_eq_when("string/left", goes_on, next.left, left);
    let position = local.position + B::X::from_u64(LIMB as u64);
    builder.assert_eq_when("string/position", goes_on, next.position, position);
    for (next, local) in [(next.string, local.string), (next.by_limbs, local.by_limbs)] {
        builder.assert_eq_when("string/same string", goes_on, next, local);
    }
    for (moved, limb) in next.value.into_iter().skip(1).zip(local.value) {
        builder.assert_eq_when("string/moved up", goes_on, moved, limb);
    }
}

/// What is received, and what the sponge gets.
fn gives<B: ConstraintBuilder>(local: &StringColumns<B::X>, builder: &mut B) {
    let [used, ..] = local.has;
    let word = Message::StringWord {
        string: local.string,
        position: local.position,
        value: local.value,
        bytes: local.left,
    };
    builder.receive(word, used - local.continues);
    let (kind, index) = (B::X::from_u64(string::HASHED_MEMORY), local.string);
    let limb = local.value[WORD_LIMBS - 1];
    let message = Message::HashLimb {
        kind,
        index,
        position: local.position,
        limb,
    };
    builder.send(message, local.by_limbs);
    let by_bytes = used - local.by_limbs;
    let made = local.bytes.into_iter();
    let made = made.fold(B::X::zero(), |limb, byte| limb.scale(256) + byte);
    builder.assert_eq_when("string/bytes", by_bytes, limb, made);
    for (place, (has, byte)) in (0..).zip(local.has.into_iter().zip(local.bytes)) {
        let message = Message::HashByte {
            kind,
            index,
            position: local.position + B::X::from_u64(place),
            byte,
        };
        builder.send(message, has - local.by_limbs);
        // The sponge looks up what it gets.
        if place > 0 {
            builder.send(Message::U8 { value: byte }, used - has);
        }
    }
}
