//! The constraints of `shift`: flags, amounts, shifts. Those of the other opcodes are in `selecting`.

use braid_stark::columns::names_of;
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table};

use super::columns::{ShiftColumns, Spare};
use super::{Shift, selecting};
use crate::bus::Message;
use crate::event::Rules;
use crate::event::opcode::*;
use crate::limbs::{LIMBS, join_limbs, range_check};
use crate::tables::compute::FULL_LIMB;
use crate::word::WORD_LIMBS;

impl Table for Shift {
    fn name(&self) -> &'static str {
        "shift"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ShiftColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ShiftColumns<B::X> = row.local();
        range_check(builder, &local.halves);
        range_check(builder, &local.carries);
        range_check(builder, &[local.check]);
        flags(local, builder);
        powers(local, builder);
        amount(local, builder);
        product(local, builder);
        moved(local, builder);
        selecting::eval(local, builder);
    }
}

pub(super) fn sum_of<X: Expression>(terms: &[X]) -> X {
    terms.iter().copied().sum()
}

/// Whether a place is chosen.
pub(super) fn in_range<X: Expression>(local: &ShiftColumns<X>) -> X {
    sum_of(&local.places)
}

/// Which place is chosen; 0 if none is.
pub(super) fn place<X: Expression>(local: &ShiftColumns<X>) -> X {
    let places = (0..).zip(local.places);
    places.map(|(place, chosen)| chosen.scale(place)).sum()
}

/// The number that `bits` are.
pub(super) fn number<X: Expression>(local: &ShiftColumns<X>) -> X {
    X::from_limbs(&local.bits, 1)
}

/// The cells of carries by their other names.
pub(super) fn spare<X: Expression>(local: &ShiftColumns<X>) -> &Spare<X> {
    Spare::from_slice(&local.carries)
}

/// Flags with their opcodes.
fn opcodes<X: Expression>(local: &ShiftColumns<X>) -> [(X, u8); 6] {
    [
        (local.is_shl, SHL),
        (local.is_shr, SHR),
        (local.is_sar, SAR),
        (local.is_byte, BYTE),
        (local.is_sign_extend, SIGNEXTEND),
        (local.is_clz, CLZ),
    ]
}

fn used<X: Expression>(local: &ShiftColumns<X>) -> X {
    opcodes(local).into_iter().map(|(flag, _)| flag).sum()
}

fn flags<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    // CLZ is there by Osaka's rules only.
    let rules = B::X::from_u64(Rules::Osaka.number().into());
    builder.send(Message::Rules { rules }, local.is_clz);
    for (flag, _) in opcodes(local) {
        builder.assert_bool("shift/flag", flag);
    }
    builder.assert_bool("shift/one operation", used(local));
    for boolean in local.places.into_iter().chain(local.bits) {
        builder.assert_bool("shift/boolean", boolean);
    }
    builder.assert_bool("shift/one place", in_range(local));
    builder.assert_bool("shift/sign", local.sign);
    builder.assert_zero("shift/no sign", local.is_shr * local.sign);
    builder.assert_eq(
        "shift/moves",
        local.moves,
        (local.is_shl + local.is_shr + local.is_sar) * in_range(local),
    );
    let opcode = opcodes(local).map(|(flag, opcode)| flag.scale(opcode.into()));
    let (opcode, a, b, c) = (sum_of(&opcode), local.a, local.b, local.c);
    builder.receive(Message::Compute { opcode, a, b, c }, used(local));
}

/// `power` is two to the number. Both columns are zero in padding.
fn powers<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    // A bit multiplies by 2^(2^position) or by 1.
    let times = |position: u32| {
        let power = 1u64 << (1 << position);
        B::X::one() + local.bits[position as usize].scale(power - 1)
    };
    builder.assert_eq_when(
        "shift/power low",
        used(local),
        local.power_low,
        times(0) * times(1),
    );
    builder.assert_eq(
        "shift/power",
        local.power,
        local.power_low * times(2) * times(3),
    );
    let right = local.is_shr + local.is_sar;
    builder.assert_zero(
        "shift/factor",
        local.is_shl * (local.factor - local.power)
            + right * (local.factor * local.power - B::X::from_u64(1 << 16)),
    );
    builder.assert_zero("shift/no bits", in_range(local).not() * number(local));
}

/// Amount or index is what place and number say, or is shown to be out of range.
fn amount<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let shifts = local.is_shl + local.is_shr + local.is_sar;
    let picks = local.is_byte + local.is_sign_extend;
    let (in_range, low, high) = (in_range(local), local.a[0], sum_of(&local.a[1..]));
    builder.assert_eq_when(
        "shift/amount",
        local.moves,
        low,
        place(local).scale(16) + number(local),
    );
    let byte = place(local).scale(2) + local.bits[0];
    builder.assert_zero(
        "shift/index",
        in_range
            * (local.is_byte * (low + byte - B::X::from_u64(31))
                + local.is_sign_extend * (low - byte)),
    );
    builder.assert_zero("shift/amount is short", (shifts + picks) * in_range * high);
    let limit = shifts.scale(256) + picks.scale(32);
    let excess = B::X::from_limbs(&spare(local).excess, 16);
    builder.assert_eq_when(
        "shift/excess",
        (shifts + picks) * in_range.not(),
        low + high.scale(256) - limit,
        excess,
    );
}

/// `b factor` in halves and a last carry, for shifts by less than 256.
fn product<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let mut carry_in = B::X::zero();
    let limbs = join_limbs(&local.halves);
    for ((b, limb), carry) in local.b.iter().zip(limbs).zip(&local.carries) {
        builder.assert_eq_when(
            "shift/product",
            local.moves,
            *b * local.factor + carry_in,
            limb + carry.scale(1 << 32),
        );
        carry_in = *carry;
    }
    let right = local.is_shr + local.is_sar;
    let unfilled = B::X::from_u64(1 << 16) - local.factor;
    builder.assert_eq_when(
        "shift/filled half",
        right,
        local.picked,
        carry_in + local.sign * unfilled,
    );
    builder.assert_eq_when(
        "shift/sign of SAR",
        local.is_sar,
        local.check + local.sign.scale(1 << 16),
        (local.power * carry_in).scale(2),
    );
    builder.assert_eq_when(
        "shift/top limb",
        local.is_sar * in_range(local).not(),
        local.b[WORD_LIMBS - 1],
        B::X::from_limbs(&spare(local).top, 16),
    );
}

/// The result of a shift: halves of the product, moved.
fn moved<B: ConstraintBuilder>(local: &ShiftColumns<B::X>, builder: &mut B) {
    let zero = B::X::zero();
    let fill = local.sign.scale(FULL_LIMB);
    let right = local.is_shr + local.is_sar;
    let low_half = |half: usize| local.halves.get(half).copied();
    // The half of the product in front of half `half` of the result.
    let from_below = |half: usize, place: usize| {
        let half = half.checked_sub(place).and_then(low_half);
        half.unwrap_or(zero)
    };
    let from_above = |half: usize, place: usize| match half + place + 1 {
        half if half < LIMBS => local.halves[half],
        LIMBS => local.picked,
        _ => local.sign.scale(0xffff),
    };
    let limb = |limb: usize, from: &dyn Fn(usize, usize) -> B::X| -> B::X {
        let places = local.places.iter().enumerate();
        let halves = places.map(|(place, chosen)| {
            let pair = [2 * limb, 2 * limb + 1].map(|half| from(half, place));
            *chosen * B::X::from_limbs(&pair, 16)
        });
        halves.sum()
    };
    for (index, c) in local.c.iter().enumerate() {
        let left = *c - limb(index, &from_below);
        let filled = in_range(local).not() * fill;
        let shifted = *c - limb(index, &from_above) - filled;
        builder.assert_zero("shift/moved", local.is_shl * left + right * shifted);
    }
}
