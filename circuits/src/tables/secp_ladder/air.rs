//! The constraints of `secp_ladder`.

use core::array::from_fn;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table, Trace};

use super::SecpLadder;
use super::columns::{Schedule, SecpLadderColumns};
use super::generation;
use crate::bus::Message;
use crate::limbs::{LIMBS, join_limbs, product, signed_range_check, square};
use crate::secp256k1::{P, folded};
use crate::word::{Word, word};

impl Table for SecpLadder {
    fn name(&self) -> &'static str {
        "secp_ladder"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<SecpLadderColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Schedule<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        generation::schedule(height)
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &SecpLadderColumns<B::X> = row.local();
        let next: &SecpLadderColumns<B::X> = row.next();
        let fixed: &Schedule<B::X> = row.fixed();
        activity(local, next, fixed, builder);
        point(local, next, fixed, builder);
        distinct(local, fixed, builder);
        scalars(local, next, fixed, builder);
        messages(local, fixed, builder);
    }
}

fn activity<B: ConstraintBuilder>(
    local: &SecpLadderColumns<B::X>,
    next: &SecpLadderColumns<B::X>,
    fixed: &Schedule<B::X>,
    builder: &mut B,
) {
    builder.assert_bool("secp_ladder/active", local.active);
    builder.assert_eq_when(
        "secp_ladder/active throughout",
        fixed.continues,
        next.active,
        local.active,
    );
    builder.assert_zero("secp_ladder/idle uses", local.active.not() * local.uses);
}

/// The three identities of an affine addition or doubling.
fn point<B: ConstraintBuilder>(
    local: &SecpLadderColumns<B::X>,
    next: &SecpLadderColumns<B::X>,
    fixed: &Schedule<B::X>,
    builder: &mut B,
) {
    for cells in [&local.x, &local.y, &local.slope] {
        signed_range_check(builder, cells);
    }
    for (run, y) in local.run.iter().zip(&local.y) {
        builder.assert_eq_when("secp_ladder/tangent run", fixed.doubling, *run, y.scale(2));
    }
    let (x, y): (Word<_>, Word<_>) = (join_limbs(&local.x), join_limbs(&local.y));
    let (next_x, next_y): (Word<_>, Word<_>) = (join_limbs(&next.x), join_limbs(&next.y));
    let run: Word<_> = join_limbs(&local.run);
    let step = fixed.addition + fixed.doubling;

    // slope * run = operand_y - y, or 3 x^2.
    let rise = product(&local.slope, &local.run);
    let x_squared = square(&local.x);
    let tangent = fixed.doubling.scale(3);
    let products = from_fn(|k| rise[k] - tangent * x_squared[k]);
    let linear = from_fn(|k| fixed.addition * (y[k] - local.operand_y[k]));
    folded::assert_zero(
        builder,
        "secp_ladder/slope",
        &products,
        &linear,
        &local.slope_carries,
    );

    // slope^2 = x + operand x + next x, where the operand's x is x + run in an addition and x in a doubling.
    let products = square(&local.slope);
    let linear = from_fn(|k| -(step * (x[k].scale(2) + next_x[k]) + fixed.addition * run[k]));
    folded::assert_zero(
        builder,
        "secp_ladder/x",
        &products,
        &linear,
        &local.x_carries,
    );

    // slope * (x - next x) = y + next y.
    let back: [B::X; LIMBS] = from_fn(|i| local.x[i] - next.x[i]);
    let products = product(&local.slope, &back);
    let linear = from_fn(|k| -(step * (y[k] + next_y[k])));
    folded::assert_zero(
        builder,
        "secp_ladder/y",
        &products,
        &linear,
        &local.y_carries,
    );
}

/// In an addition, `run` is not zero modulo p.
fn distinct<B: ConstraintBuilder>(
    local: &SecpLadderColumns<B::X>,
    fixed: &Schedule<B::X>,
    builder: &mut B,
) {
    let run = B::X::from_limbs(&local.run, 16);
    let order = B::X::from_limbs(&word(P).map(B::X::constant), 32);
    builder.assert_eq("secp_ladder/run squared", local.run_squared, run.squared());
    builder.assert_eq(
        "secp_ladder/distinct",
        run * (local.run_squared - order.squared()) * local.run_inverse,
        fixed.addition * local.active,
    );
}

fn scalars<B: ConstraintBuilder>(
    local: &SecpLadderColumns<B::X>,
    next: &SecpLadderColumns<B::X>,
    fixed: &Schedule<B::X>,
    builder: &mut B,
) {
    let other = (fixed.window + fixed.base).not();
    builder.assert_zero("secp_ladder/no digit", other * local.digit_low);
    builder.assert_zero("secp_ladder/no digit", other * local.digit_high);
    let window = [
        (local.z, next.z, local.digit_low),
        (local.v, next.v, local.digit_high),
    ];
    for (sum, next_sum, digit) in window {
        let expected = fixed.window_scale * sum + fixed.window * digit;
        builder.assert_eq(
            "secp_ladder/window digits",
            fixed.counts * next_sum,
            expected,
        );
    }
    let base = [
        (local.low, next.low, local.digit_low),
        (local.high, next.high, local.digit_high),
    ];
    for (sum, next_sum, digit) in base {
        let expected = fixed.base_scale * sum + fixed.base * digit;
        builder.assert_eq("secp_ladder/base digits", fixed.counts * next_sum, expected);
    }
}

fn messages<B: ConstraintBuilder>(
    local: &SecpLadderColumns<B::X>,
    fixed: &Schedule<B::X>,
    builder: &mut B,
) {
    let operand_x: [B::X; LIMBS] = from_fn(|i| local.x[i] + local.run[i]);
    builder.send(
        Message::LadderPoint {
            signature: fixed.signature,
            operand: fixed.operand,
            a: local.digit_low,
            b: local.digit_high,
            x: operand_x,
            y: local.operand_y,
        },
        local.active * (fixed.addition - fixed.base),
    );
    builder.send(
        Message::BasePoint {
            low: local.digit_low,
            high: local.digit_high,
            x: operand_x,
            y: local.operand_y,
        },
        local.active * fixed.base,
    );
    builder.receive(
        Message::LadderPoint {
            signature: fixed.signature,
            operand: B::X::zero(),
            a: fixed.table_a,
            b: fixed.table_b,
            x: local.x,
            y: join_limbs(&local.y),
        },
        fixed.provides * local.uses,
    );
    builder.send(
        Message::Accumulator {
            signature: fixed.signature,
            place: fixed.place,
            x: local.x,
            y: local.y,
        },
        local.active * fixed.compares,
    );
    builder.send(
        Message::LadderScalars {
            signature: fixed.signature,
            position: fixed.position,
            z: local.z,
            v: local.v,
            low: local.low,
            high: local.high,
        },
        local.active * fixed.tells,
    );
}
