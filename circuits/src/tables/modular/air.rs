//! The constraints of `modular`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::Modular;
use super::columns::ModularColumns;
use crate::bus::Message;
use crate::event::opcode::{ADDMOD, MULMOD};
use crate::limbs::{
    LIMBS, checked_carry, high_coefficients, join_coefficients, join_limbs, low_product, product,
    range_check,
};

impl Table for Modular {
    fn name(&self) -> &'static str {
        "modular"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ModularColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ModularColumns<B::X> = row.local();
        ranges(local, builder);
        let used = local.is_add + local.is_mul;
        for flag in [local.is_add, local.is_mul, local.by_zero] {
            builder.assert_bool("modular/flag", flag);
        }
        builder.assert_bool("modular/one operation", used);
        identity(local, builder);
        modulus(local, used, builder);
        claim(local, used, builder);
    }
}

fn ranges<B: ConstraintBuilder>(local: &ModularColumns<B::X>, builder: &mut B) {
    let numbers = [
        &local.a,
        &local.b,
        &local.m,
        &local.c,
        &local.quotient,
        &local.high_quotient,
    ];
    for number in numbers {
        range_check(builder, number);
    }
}

/// `(a * b, or a + b) = quotient * m + c`.
fn identity<B: ConstraintBuilder>(local: &ModularColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let left: [B::X; LIMBS] = join_coefficients(&product(&local.a, &local.b));
    let low = product(&local.quotient, &local.m);
    let high = low_product(&local.high_quotient, &local.m);
    let right: [B::X; 2 * LIMBS] = core::array::from_fn(|k| match k.checked_sub(LIMBS) {
        None => low[k],
        Some(k) => low.get(LIMBS + k).map_or(high[k], |low| *low + high[k]),
    });
    let right: [B::X; LIMBS] = join_coefficients(&right);
    let [a, b, c] = [&local.a, &local.b, &local.c].map(join_limbs);
    let mut carry_in = zero;
    for position in 0..LIMBS {
        let carry_out = match local.carries.get(position) {
            Some(cells) => checked_carry(builder, cells),
            None => zero,
        };
        // Positions above 2^256 hold products only.
        let sums = match (a.get(position), b.get(position), c.get(position)) {
            (Some(a), Some(b), Some(c)) => local.is_add * (*a + *b) - *c,
            _ => zero,
        };
        let value = local.is_mul * left[position] + sums - right[position];
        builder.assert_zero(
            "modular/identity",
            value + carry_in - carry_out.scale(1 << 32),
        );
        carry_in = carry_out;
    }
    let beyond = high_coefficients(&local.high_quotient, &local.m);
    builder.assert_zero("modular/wrap", beyond);
}

/// The result is below the modulus, which is not zero.
fn modulus<B: ConstraintBuilder>(local: &ModularColumns<B::X>, used: B::X, builder: &mut B) {
    let (c, m) = (join_limbs(&local.c), join_limbs(&local.m));
    local.below.demand(builder, "modular/order", &c, &m);
    builder.assert_eq("modular/order", local.below.shown(), used);
    let sum: B::X = local.m.into_iter().sum();
    let one = B::X::one();
    for is_one in [local.m[0], sum] {
        builder.assert_eq_when("modular/modulus of zero", local.by_zero, is_one, one);
    }
}

fn claim<B: ConstraintBuilder>(local: &ModularColumns<B::X>, used: B::X, builder: &mut B) {
    let [a, b, mut m, c] = [&local.a, &local.b, &local.m, &local.c].map(join_limbs);
    m[0] = m[0] - local.by_zero;
    let message = Message::Compute3 {
        opcode: local.is_add.scale(ADDMOD.into()) + local.is_mul.scale(MULMOD.into()),
        a,
        b,
        m,
        c,
    };
    builder.receive(message, used);
}
