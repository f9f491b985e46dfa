//! The constraints of `narrow`.

use braid_stark::columns::names_of;
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table};

use super::Narrow;
use super::columns::{Comparison, NarrowColumns};
use crate::bus::Message;
use crate::event::opcode::*;
use crate::limbs::{join_limbs, range_check};
use crate::tables::compute::FULL_LIMB;
use crate::word::{WORD_LIMBS, Word};

impl Table for Narrow {
    fn name(&self) -> &'static str {
        "narrow"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<NarrowColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &NarrowColumns<B::X> = row.local();
        let result = join_limbs(&local.result);
        flags(local, builder);
        sums(local, &result, builder);
        masks(local, &result, builder);
        moves(local, &result, builder);
        comparisons(local, builder);
        one_operand(local, builder);
        claim(local, &result, builder);
    }
}

/// All flags.
fn flags_of<X: Expression>(local: &NarrowColumns<X>) -> [X; 9] {
    [
        local.is_add,
        local.is_sub,
        local.is_less,
        local.is_greater,
        local.is_equal,
        local.is_not,
        local.is_and,
        local.is_shl,
        local.is_shr,
    ]
}

fn sum_of<X: Expression>(terms: &[X]) -> X {
    terms.iter().copied().sum()
}

fn flags<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, builder: &mut B) {
    for flag in flags_of(local) {
        builder.assert_bool("narrow/flag", flag);
    }
    builder.assert_bool("narrow/one operation", sum_of(&flags_of(local)));
    for bit in local.bits {
        builder.assert_bool("narrow/bit", bit);
    }
    range_check(builder, &local.result);
}

/// ADD: `a + b = r`, SUB: `b + r = a`, modulo 2^256.
fn sums<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, result: &Word<B::X>, builder: &mut B) {
    let mut carry_in = B::X::zero();
    for (((a, b), r), carry) in local.a.iter().zip(&local.b).zip(result).zip(&local.bits) {
        let carried = carry_in - carry.scale(1 << 32);
        builder.assert_zero(
            "narrow/sum",
            local.is_add * (*a + *b - *r + carried) + local.is_sub * (*b + *r - *a + carried),
        );
        carry_in = *carry;
    }
}

fn masks<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, result: &Word<B::X>, builder: &mut B) {
    let full = B::X::from_u64(FULL_LIMB);
    for (((a, b), r), kept) in local.a.iter().zip(&local.b).zip(result).zip(&local.bits) {
        builder.assert_eq_when("narrow/not", local.is_not, *a + *r, full);
        let mask = full * *kept;
        builder.assert_zero("narrow/mask", local.is_and * (*a - mask) * (*b - mask));
        builder.assert_eq_when("narrow/masked", local.is_and, full * *r, *a * *b);
    }
}

/// SHL, SHR by whole limbs.
fn moves<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, result: &Word<B::X>, builder: &mut B) {
    let moves = local.is_shl + local.is_shr;
    let limbs = (0..).zip(local.bits).map(|(limbs, bit)| bit.scale(limbs));
    let (low, high) = (local.a[0], sum_of(&local.a[1..]));
    builder.assert_eq_when("narrow/moved by", moves, low, limbs.sum::<B::X>().scale(32));
    builder.assert_zero("narrow/moved by little", moves * high);
    builder.assert_eq_when("narrow/moved once", moves, sum_of(&local.bits), B::X::one());
    for (position, r) in result.iter().enumerate() {
        let chosen = |from: &dyn Fn(usize) -> Option<usize>| -> B::X {
            let limbs = local.bits.iter().enumerate().filter_map(|(limbs, bit)| {
                let limb = local.b.get(from(limbs)?)?;
                Some(*bit * *limb)
            });
            limbs.sum()
        };
        let left = chosen(&|limbs| position.checked_sub(limbs));
        let right = chosen(&|limbs| position.checked_add(limbs));
        builder.assert_zero(
            "narrow/moved",
            local.is_shl * (*r - left) + local.is_shr * (*r - right),
        );
    }
}

/// `bits` choose the highest limb in which `a` and `b` differ, if they do.
fn comparisons<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, builder: &mut B) {
    let comparison: &Comparison<B::X> = Comparison::from_slice(&local.result);
    let orders = local.is_less + local.is_greater;
    let compares = orders + local.is_equal;
    for boolean in [comparison.less, comparison.variant] {
        builder.assert_zero("narrow/boolean", compares * boolean * boolean.not());
    }
    let differ = sum_of(&local.bits);
    builder.assert_zero("narrow/one limb", compares * differ * differ.not());
    let limbs = || local.a.iter().zip(&local.b);
    for (position, (a, b)) in limbs().enumerate() {
        let above = sum_of(&local.bits[position..]).not();
        builder.assert_eq_when("narrow/equal above", compares * above, *a, *b);
    }
    let chosen = limbs()
        .zip(&local.bits)
        .map(|((a, b), bit)| *bit * (*b - *a));
    let direction = comparison.less + comparison.less - differ;
    let difference = B::X::from_limbs(&comparison.difference, 16) + B::X::one();
    let flipped = local.bits[WORD_LIMBS - 1] * (comparison.sign_a - comparison.sign_b);
    builder.assert_zero(
        "narrow/difference",
        compares * (chosen.sum::<B::X>() - direction * difference)
            + orders * flipped.scale(1 << 32),
    );
    let operands = [
        (local.a, comparison.sign_a, comparison.rest_a),
        (local.b, comparison.sign_b, comparison.rest_b),
    ];
    for (operand, sign, rest) in operands {
        let top = operand[WORD_LIMBS - 1];
        // A sign is looked up below 2^16, and the top bit is the only such one that leaves something in range.
        builder.assert_zero("narrow/unsigned", orders * comparison.variant.not() * sign);
        builder.assert_zero(
            "narrow/top bit",
            orders
                * comparison.variant
                * (top + top - sign.scale(1 << 32) - B::X::from_limbs(&rest, 16)),
        );
    }
}

/// NOT and ISZERO. Nobody vouches for limbs of `b` where it was not popped, so each of them is shown to be zero: a sum of zero could have limbs that are not.
fn one_operand<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, builder: &mut B) {
    let comparison: &Comparison<B::X> = Comparison::from_slice(&local.result);
    let takes_one = local.is_not + local.is_equal * comparison.variant;
    for limb in local.b {
        builder.assert_zero("narrow/one operand", takes_one * limb);
    }
}

fn claim<B: ConstraintBuilder>(local: &NarrowColumns<B::X>, result: &Word<B::X>, builder: &mut B) {
    let comparison: &Comparison<B::X> = Comparison::from_slice(&local.result);
    let named = |flag: B::X, opcode: u8| flag.scale(opcode.into());
    let either = |flag: B::X, opcode: u8, variant: u8| {
        named(flag, opcode) + flag * comparison.variant.scale((variant - opcode).into())
    };
    let opcode = named(local.is_add, ADD)
        + named(local.is_sub, SUB)
        + either(local.is_less, LT, SLT)
        + either(local.is_greater, GT, SGT)
        + either(local.is_equal, EQ, ISZERO)
        + named(local.is_not, NOT)
        + named(local.is_and, AND)
        + named(local.is_shl, SHL)
        + named(local.is_shr, SHR);
    let used = sum_of(&flags_of(local));
    let compares = local.is_less + local.is_greater + local.is_equal;
    let differ = sum_of(&local.bits);
    let answer = local.is_less * comparison.less
        + local.is_greater * (differ - comparison.less)
        + local.is_equal * differ.not();
    let mut c = result.map(|limb| (used - compares) * limb);
    c[0] = c[0] + answer;
    let (a, b) = (local.a, local.b);
    builder.receive(Message::Compute { opcode, a, b, c }, used);
}
