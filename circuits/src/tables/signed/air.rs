//! The constraints of `signed`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::Signed;
use super::columns::{Opposite, SignedColumns};
use crate::bus::Message;
use crate::event::opcode::{DIV, MOD, SDIV, SMOD};
use crate::limbs::range_check;
use crate::word::{WORD_LIMBS, Word};

impl Table for Signed {
    fn name(&self) -> &'static str {
        "signed"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<SignedColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &SignedColumns<B::X> = row.local();
        let SignedColumns { is_div, is_mod, .. } = *local;
        let used = is_div + is_mod;
        builder.assert_bool("signed/flag", is_div);
        builder.assert_bool("signed/flag", is_mod);
        builder.assert_bool("signed/one operation", used);

        for (number, high_bits) in [&local.a, &local.b].into_iter().zip(local.high_bits) {
            sign(number, high_bits, builder);
        }
        let (a, b) = (local.a.negative, local.b.negative);
        let differ = a + b - (a * b).scale(2);
        let negative = is_div * differ + is_mod * a;
        builder.assert_eq("signed/sign of result", local.magnitude.negative, negative);

        let opcode = |div: u8, modulo: u8| is_div.scale(div.into()) + is_mod.scale(modulo.into());
        let asked = Message::Compute {
            opcode: opcode(SDIV, SMOD),
            a: local.a.word,
            b: local.b.word,
            c: signed_word(&local.magnitude, builder),
        };
        builder.receive(asked, used);
        let core = Message::Compute {
            opcode: opcode(DIV, MOD),
            a: signed_word(&local.a, builder),
            b: signed_word(&local.b, builder),
            c: local.magnitude.word,
        };
        builder.send(core, used);
    }
}

/// `negative` is the highest bit of the word.
fn sign<B: ConstraintBuilder>(number: &Opposite<B::X>, high_bits: B::X, builder: &mut B) {
    let above = high_bits + number.negative.scale(1 << 15);
    let low_bits = number.word[WORD_LIMBS - 1] - above.scale(1 << 16);
    // Twice a number below 2^16 is below 2^16: the number is below 2^15.
    range_check(builder, &[low_bits, high_bits, high_bits + high_bits]);
}

/// The word, or where `negative` is 1 its opposite: `word + opposite` is zero in all limbs below the lowest that is not zero, 2^32 there, and `2^32 - 1` above.
fn signed_word<B: ConstraintBuilder>(number: &Opposite<B::X>, builder: &mut B) -> Word<B::X> {
    let zero = B::X::zero();
    let sign = B::X::one() - number.negative.scale(2);
    let (mut carry_in, mut lowest) = (zero, zero);
    let mut result = [zero; WORD_LIMBS];
    builder.assert_bool("signed/negative", number.negative);
    for (limb, (word, carry)) in result
        .iter_mut()
        .zip(number.word.into_iter().zip(number.carries))
    {
        builder.assert_bool("signed/carry", carry);
        let zero_below = number.negative * carry.not() * word;
        builder.assert_zero("signed/zero below", zero_below);
        *limb = sign * word + carry.scale(1 << 32) - carry_in;
        lowest = lowest + (carry - carry_in) * word;
        carry_in = carry;
    }
    for (carry, above) in number
        .carries
        .into_iter()
        .zip(number.carries.into_iter().skip(1))
    {
        builder.assert_zero("signed/carry stays", carry * above.not());
    }
    builder.assert_zero("signed/no carry", number.negative.not() * carry_in);
    builder.assert_eq("signed/lowest limb", lowest * number.inverse, carry_in);
    result
}
