//! The constraints of BYTE, SIGNEXTEND and CLZ.

use braid_stark::{ConstraintBuilder, Expression};

use super::air::{in_range, number, place, spare, sum_of};
use super::columns::ShiftColumns;
use crate::limbs::{LIMBS, join_limbs};
use crate::tables::compute::FULL_LIMB;

pub(super) fn eval<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    picked(local, builder);
    bytes(local, builder);
    extended(local, builder);
    numbers(local, builder);
}

/// `halves` are those of the number, and `picked` the one at the place.
fn picked<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let picks = local.is_byte + local.is_sign_extend;
    let limbs = join_limbs(&local.halves);
    for ((a, b), limb) in local.a.iter().zip(&local.b).zip(limbs) {
        builder.assert_zero(
            "shift/halves",
            picks * (*b - limb) + local.is_clz * (*a - limb),
        );
    }
    let chosen = local.places.iter().zip(&local.halves);
    let chosen = chosen.map(|(place, half)| *place * *half);
    builder.assert_eq_when(
        "shift/picked",
        picks + local.is_clz,
        local.picked,
        chosen.sum(),
    );
    builder.assert_eq_when(
        "shift/leading one",
        local.is_clz,
        local.check + in_range(local).scale(1 << 16),
        (local.picked * local.power).scale(2),
    );
}

/// `picked` in two bytes. For SIGNEXTEND `lower` is one only where it is the chosen one.
fn bytes<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let (spare, upper) = (spare(local), local.bits[0]);
    builder.assert_eq_when(
        "shift/bytes",
        local.is_byte + local.is_sign_extend,
        local.picked,
        B::X::from_limbs(&[spare.lower, spare.upper], 8),
    );
    builder.assert_eq_when(
        "shift/lower byte",
        local.is_byte,
        local.check,
        spare.lower.scale(256),
    );
    let aligned = spare.lower.scale(256) + upper * (local.picked - spare.lower.scale(256));
    builder.assert_eq_when(
        "shift/sign of byte",
        local.is_sign_extend,
        local.check + local.sign.scale(1 << 16),
        aligned.scale(2),
    );
    let extended = spare.lower + local.sign.scale(0xff00);
    builder.assert_eq_when(
        "shift/kept",
        local.is_sign_extend,
        spare.kept,
        extended + upper * (local.picked - extended),
    );
}

/// SIGNEXTEND: limbs below the place stay, those above are the sign's.
fn extended<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let kept = spare(local).kept;
    let fill = local.sign.scale(FULL_LIMB);
    let pairs = local
        .places
        .chunks_exact(2)
        .zip(local.halves.chunks_exact(2));
    let limbs = local.b.iter().zip(&local.c).zip(pairs);
    let mut passed = B::X::zero();
    for ((b, c), (places, halves)) in limbs {
        let (low, high) = (places[0], places[1]);
        // The place is further up, or there is none.
        let to_come = (passed + low + high).not();
        let extended = B::X::from_limbs(&[kept, local.sign.scale(0xffff)], 16);
        let kept_high = B::X::from_limbs(&[halves[0], kept], 16);
        builder.assert_zero(
            "shift/extended",
            local.is_sign_extend
                * (to_come * (*c - *b)
                    + low * (*c - extended)
                    + high * (*c - kept_high)
                    + passed * (*c - fill)),
        );
        passed = passed + low + high;
    }
}

/// BYTE and CLZ: the result is a small number.
fn numbers<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let (spare, upper) = (spare(local), local.bits[0]);
    for limb in &local.c[1..] {
        builder.assert_zero("shift/small", (local.is_byte + local.is_clz) * *limb);
    }
    builder.assert_eq_when(
        "shift/byte",
        local.is_byte,
        local.c[0],
        spare.lower + upper * (spare.upper - spare.lower),
    );
    let halves_above = in_range(local).scale(LIMBS as u64 - 1) - place(local);
    builder.assert_eq_when(
        "shift/leading zeros",
        local.is_clz,
        local.c[0],
        halves_above.scale(16) + number(local) + in_range(local).not().scale(256),
    );
    let mut above = in_range(local).not();
    let mut nonzero = B::X::zero();
    for (place, half) in local.places.iter().zip(&local.halves) {
        nonzero = nonzero + above * *half;
        above = above + *place;
    }
    builder.assert_zero("shift/zero above", local.is_clz * nonzero);
    // Nobody vouches for limbs of `b`, which was not popped; nothing else reads them here.
    builder.assert_zero("shift/one operand", local.is_clz * sum_of(&local.b));
}
