//! The constraints of `arith`.

use braid_stark::columns::names_of;
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table};

use super::Arith;
use super::columns::Arith as ArithColumns;
use crate::bus::Message;
use crate::limbs::{checked_carry, join_coefficients, join_limbs, product, range_check};

impl Table for Arith {
    fn name(&self) -> &'static str {
        "arith"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ArithColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ArithColumns<B::X> = row.local();
        debug_assert_eq!(row.local.len(), ArithColumns::<B::X>::WIDTH);
        flags(local, builder);
        ranges(local, builder);
        identity(local, builder);
        order(local, builder);
        claims(local, builder);
    }
}

fn flags<B: ConstraintBuilder>(local: &ArithColumns<B::X>, builder: &mut B) {
    let flags = [local.is_add, local.is_mul, local.is_mul_mod];
    for flag in flags {
        builder.assert_bool("arith/flag", flag);
    }
    builder.assert_bool("arith/one operation", flags.into_iter().sum());
}

fn ranges<B: ConstraintBuilder>(local: &ArithColumns<B::X>, builder: &mut B) {
    let numbers = [
        &local.a,
        &local.b,
        &local.m,
        &local.c,
        &local.quotient,
        &local.difference,
    ];
    for number in numbers {
        range_check(builder, number);
    }
}

/// `(a * b, or a + b) = quotient * m + c`.
fn identity<B: ConstraintBuilder>(local: &ArithColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let left = product(&local.a, &local.b);
    let right = product(&local.quotient, &local.m);
    let left: [B::X; 16] = join_coefficients(&left);
    let right: [B::X; 16] = join_coefficients(&right);
    let (a, b, c) = (
        join_limbs(&local.a),
        join_limbs(&local.b),
        join_limbs(&local.c),
    );
    let mut carry_in = zero;
    for position in 0..16 {
        let multiplied = local.is_add.not() * left[position] - right[position];
        // Positions above 2^256 hold products only.
        let value = match (a.get(position), b.get(position), c.get(position)) {
            (Some(a), Some(b), Some(c)) => multiplied + local.is_add * (*a + *b) - *c,
            _ => multiplied,
        };
        let carry_out = match local.carries.get(position) {
            Some(cells) => checked_carry(builder, cells),
            None => zero,
        };
        builder.assert_zero(
            "arith/identity",
            value + carry_in - carry_out.scale(1 << 32),
        );
        carry_in = carry_out;
    }
    let quotient: B::X = local.quotient.into_iter().sum();
    builder.assert_zero("arith/no quotient", local.is_mul_mod.not() * quotient);
}

/// `c + difference + 1 = m` for `MulMod`.
fn order<B: ConstraintBuilder>(local: &ArithColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let c = join_limbs(&local.c);
    let difference = join_limbs(&local.difference);
    let m = join_limbs(&local.m);
    let mut carry_in = B::X::one();
    for position in 0..8 {
        let carry_out = local.order_carries.get(position).copied().unwrap_or(zero);
        builder.assert_bool("arith/order carry", carry_out);
        builder.assert_eq_when(
            "arith/order",
            local.is_mul_mod,
            c[position] + difference[position] + carry_in,
            m[position] + carry_out.scale(1 << 32),
        );
        carry_in = carry_out;
    }
}

fn claims<B: ConstraintBuilder>(local: &ArithColumns<B::X>, builder: &mut B) {
    let a = join_limbs(&local.a);
    let b = join_limbs(&local.b);
    let c = join_limbs(&local.c);
    let m = join_limbs(&local.m);
    builder.receive(Message::Add { a, b, c }, local.is_add);
    builder.receive(Message::Mul { a, b, c }, local.is_mul);
    builder.receive(Message::MulMod { a, b, m, c }, local.is_mul_mod);
}
