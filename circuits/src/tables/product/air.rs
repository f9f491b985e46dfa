//! The constraints of `product`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::Product;
use super::columns::ProductColumns;
use crate::bus::Message;
use crate::event::opcode::{DIV, MOD, MUL};
use crate::limbs::{
    checked_carry, high_coefficients, join_coefficients, join_limbs, low_product, range_check,
};
use crate::word::{WORD_LIMBS, Word};

impl Table for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ProductColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ProductColumns<B::X> = row.local();
        for number in [&local.x, &local.y, &local.rest] {
            range_check(builder, number);
        }
        flags(local, builder);
        division(local, builder);
        let dividend = dividend(local, builder);
        claim(local, &dividend, builder);
    }
}

fn flags<B: ConstraintBuilder>(local: &ProductColumns<B::X>, builder: &mut B) {
    let flags = [local.is_mul, local.is_div, local.is_mod];
    for flag in flags {
        builder.assert_bool("product/flag", flag);
    }
    builder.assert_bool("product/one operation", flags.into_iter().sum());
}

/// The rest is below the divisor, or the divisor is zero.
fn division<B: ConstraintBuilder>(local: &ProductColumns<B::X>, builder: &mut B) {
    let (y, rest) = (join_limbs(&local.y), join_limbs(&local.rest));
    local.below.demand(builder, "product/order", &rest, &y);
    let shown = local.below.shown();
    let by_zero = local.is_div + local.is_mod - shown;
    builder.assert_bool("product/by zero", by_zero);
    let limbs = local.x.into_iter().chain(local.y);
    let sum: B::X = limbs.sum();
    builder.assert_zero("product/division by zero", by_zero * sum);
    builder.assert_eq("product/rest", local.gives_rest, local.is_mod * shown);
}

/// `x * y + rest`, which has no limb above 2^256, for DIV and MOD; for MUL `x * y - rest` modulo 2^256, which is zero.
fn dividend<B: ConstraintBuilder>(local: &ProductColumns<B::X>, builder: &mut B) -> Word<B::X> {
    let products: Word<B::X> = join_coefficients(&low_product(&local.x, &local.y));
    let rest = join_limbs(&local.rest);
    let sign = B::X::one() - local.is_mul.scale(2);
    let mut carry = B::X::zero();
    let mut dividend = [B::X::zero(); WORD_LIMBS];
    for (k, limb) in dividend.iter_mut().enumerate() {
        let carry_in = carry;
        carry = checked_carry(builder, &local.carries[k]);
        *limb = products[k] + sign * rest[k] + carry_in - carry.scale(1 << 32);
        builder.assert_zero("product/low half", local.is_mul * *limb);
    }
    let high = high_coefficients(&local.x, &local.y);
    let divides = local.is_div + local.is_mod;
    builder.assert_zero("product/wrap", divides * high);
    builder.assert_zero("product/wrap", local.is_mul.not() * carry);
    dividend
}

/// One message for all operations: its payload has degree 2, which costs less than columns for the dividend.
fn claim<B: ConstraintBuilder>(
    local: &ProductColumns<B::X>,
    dividend: &Word<B::X>,
    builder: &mut B,
) {
    let [x, b, rest] = [&local.x, &local.y, &local.rest].map(join_limbs);
    let operations = [
        (MUL, local.is_mul),
        (DIV, local.is_div),
        (MOD, local.is_mod),
    ];
    let opcode = operations.map(|(opcode, flag)| flag.scale(opcode.into()));
    let shows_rest = local.is_mul + local.gives_rest;
    let message = Message::Compute {
        opcode: opcode.into_iter().sum(),
        a: core::array::from_fn(|k| dividend[k] + local.is_mul * x[k]),
        b,
        c: core::array::from_fn(|k| shows_rest * rest[k] + local.is_div * x[k]),
    };
    let used = operations.into_iter().map(|(_, flag)| flag).sum();
    builder.receive(message, used);
}
