//! The constraints of `exp`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::ExpColumns;
use super::{Exp, LIMB_BITS};
use crate::bus::Message;
use crate::event::opcode::{EXP, MUL};
use crate::limbs::range_check;
use crate::word::{WORD_LIMBS, Word};

impl Table for Exp {
    fn name(&self) -> &'static str {
        "exp"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ExpColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ExpColumns<B::X> = row.local();
        let next: &ExpColumns<B::X> = row.next();
        order(&row, builder);
        start(local, builder);
        power(local, next, builder);
        exponent(local, next, builder);
        let message = Message::Compute {
            opcode: B::X::from_u64(EXP.into()),
            a: local.base,
            b: exponent_of(local),
            c: local.power,
        };
        builder.receive(message, local.ends);
    }
}

fn exponent_of<X: Expression>(row: &ExpColumns<X>) -> Word<X> {
    core::array::from_fn(|k| k.checked_sub(1).map_or(row.limb, |k| row.upper[k]))
}

/// Where a row goes on, the next one is used and does not start; nowhere else. The last row, whose next is the first, does not.
fn order<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &ExpColumns<B::X> = row.local();
    let next: &ExpColumns<B::X> = row.next();
    let used = local.goes_on + local.ends;
    let flags = [
        local.starts,
        local.goes_on,
        local.ends,
        local.multiplies,
        local.full,
        used,
    ];
    for flag in flags {
        builder.assert_bool("exp/flag", flag);
    }
    let continued = next.goes_on + next.ends - next.starts;
    builder.assert_eq("exp/goes on", local.goes_on, continued);
    builder.assert_zero("exp/first", row.first * (used - local.starts));
}

/// The first row has the exponent's highest bit, which is 1, or the exponent is zero and this is the last row too.
fn start<B: ConstraintBuilder>(local: &ExpColumns<B::X>, builder: &mut B) {
    let (starts, bit) = (local.starts, local.limb);
    builder.assert_zero("exp/highest bit", starts * bit * bit.not());
    builder.assert_zero("exp/highest bit", starts * bit.not() * local.goes_on);
    for limb in local.upper {
        builder.assert_zero("exp/highest limb", starts * limb);
    }
    for (k, (power, base)) in local.power.into_iter().zip(local.base).enumerate() {
        let one = B::X::from_u64(u64::from(k == 0));
        let value = one + bit * (base - one);
        builder.assert_eq_when("exp/first power", starts, power, value);
    }
}

/// From one row to the next the power is squared, and multiplied by the base if that row's bit is 1.
fn power<B: ConstraintBuilder>(local: &ExpColumns<B::X>, next: &ExpColumns<B::X>, builder: &mut B) {
    let (goes_on, multiplies) = (local.goes_on, local.multiplies);
    builder.assert_zero("exp/multiplies", multiplies * goes_on.not());
    for k in 0..WORD_LIMBS {
        builder.assert_eq_when("exp/base", goes_on, next.base[k], local.base[k]);
        let squares = goes_on - multiplies;
        builder.assert_eq_when("exp/square", squares, next.power[k], local.square[k]);
    }
    let multiplication = |a, b, c| Message::Compute {
        opcode: B::X::from_u64(MUL.into()),
        a,
        b,
        c,
    };
    let square = multiplication(local.power, local.power, local.square);
    builder.send(square, goes_on);
    let product = multiplication(local.square, local.base, next.power);
    builder.send(product, multiplies);
}

/// The exponent's bits, limb by limb. The last row has them all.
fn exponent<B: ConstraintBuilder>(
    local: &ExpColumns<B::X>,
    next: &ExpColumns<B::X>,
    builder: &mut B,
) {
    let (goes_on, full) = (local.goes_on, local.full);
    builder.assert_zero("exp/full", full * local.left);
    builder.assert_zero("exp/all bits", local.ends * full.not());
    let left = local.left - B::X::one() + full.scale(LIMB_BITS);
    builder.assert_eq_when("exp/left", goes_on, next.left, left);
    // A number below the bits of a limb, times this, is below 2^16.
    range_check(builder, &[local.left.scale((1 << 16) / LIMB_BITS)]);

    let doubled = full.not() * local.limb.scale(2);
    let limb = doubled + local.multiplies;
    builder.assert_eq_when("exp/limb", goes_on, next.limb, limb);
    let mut below = local.limb;
    for (limb, next) in local.upper.into_iter().zip(next.upper) {
        let moved = limb + full * (below - limb);
        builder.assert_eq_when("exp/upper", goes_on, next, moved);
        below = limb;
    }
    builder.assert_zero("exp/too many limbs", goes_on * full * below);
}
