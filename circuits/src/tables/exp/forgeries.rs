//! What a cheating prover tries, and what catches it. `product` is taken at its word: it receives true products only.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::check_table;
use braid_stark::{Columns, Felt, Trace};
use num_bigint::BigUint;
use plonky2::field::types::{Field, Field64};

use super::tests::{products, rows, true_claim};
use super::{Exp, ExpColumns};
use crate::bus::Message;
use crate::event::opcode::EXP;
use crate::tables::test_support::{compute, findings};
use crate::word::{WORD_LIMBS, word};

fn row_of(trace: &mut Trace, row: usize) -> &mut ExpColumns<Felt> {
    ExpColumns::from_slice_mut(trace.row_mut(row))
}

fn found(trace: &Trace, claim: Message<Felt>) -> BTreeSet<&'static str> {
    findings(Exp, trace, &[claim], &products(trace))
}

fn assert_caught(trace: &Trace, claim: Message<Felt>, labels: &[&'static str]) {
    assert_eq!(
        found(trace, claim),
        BTreeSet::from_iter(labels.iter().copied())
    );
}

/// Rows that raise `base` to a power with these bits, highest first, in limbs as the constraints have them, whatever the number of bits; and the result.
fn run(base: U256, bits: &[bool], limb_bits: impl Fn(usize) -> usize) -> (Trace, U256) {
    let mut trace = Trace::new(ExpColumns::<Felt>::WIDTH);
    let mut power = base;
    let (mut limb, mut upper) = (Felt::ONE, [Felt::ZERO; WORD_LIMBS - 1]);
    for (position, bit) in bits.iter().enumerate() {
        let left = limb_bits(bits.len() - 1 - position);
        let row: &mut ExpColumns<Felt> = trace.push();
        row.starts = Felt::from_bool(position == 0);
        row.ends = Felt::from_bool(position + 1 == bits.len());
        row.goes_on = Felt::ONE - row.ends;
        (row.base, row.power) = (word(base), word(power));
        (row.limb, row.upper) = (limb, upper);
        row.left = Felt::from_canonical_usize(left);
        row.full = Felt::from_bool(left == 0);
        debug_assert!(*bit || position > 0);
        let Some(&next) = bits.get(position + 1) else {
            return (trace, power);
        };
        let square = power.wrapping_mul(power);
        row.square = word(square);
        row.multiplies = Felt::from_bool(next);
        power = if next {
            square.wrapping_mul(base)
        } else {
            square
        };
        if left == 0 {
            upper.rotate_right(1);
            upper[0] = limb;
            limb = Felt::ZERO;
        }
        limb = limb.double() + Felt::from_bool(next);
    }
    (trace, power)
}

fn bits_of(number: &BigUint) -> Vec<bool> {
    (0..number.bits())
        .rev()
        .map(|bit| number.bit(bit))
        .collect()
}

#[test]
fn runs_are_what_generation_makes() {
    let exponent = U256::from(0x1234_5678_9abc_def0_1234_u128);
    let bits = bits_of(&BigUint::from_bytes_le(&exponent.to_le_bytes::<32>()));
    let (trace, result) = run(U256::from(3), &bits, |left| left % 32);
    let claim = true_claim(U256::from(3), exponent);
    assert_eq!(trace, rows(&[claim]));
    assert_eq!(result, U256::from(3).wrapping_pow(exponent));
}

/// A first limb of 64 bits, which as an element of the field is another number.
#[test]
fn exponents_do_not_wrap_in_the_field() {
    let base = U256::from(3);
    let exponent = 5u64;
    let bits = bits_of(&(BigUint::from(Felt::ORDER) + exponent));
    let (trace, result) = run(base, &bits, |left| left);
    let claim = compute(EXP, base, U256::from(exponent), result);
    assert_caught(&trace, claim, &["U16"]);
}

/// Of nine limbs the first would be lost.
#[test]
fn exponents_have_eight_limbs() {
    let base = U256::from(3);
    let bits = bits_of(&((BigUint::from(1u8) << 256) + 5u8));
    let (trace, result) = run(base, &bits, |left| left % 32);
    let claim = compute(EXP, base, U256::from(5), result);
    assert_caught(&trace, claim, &["exp/too many limbs"]);
}

#[test]
fn bits_are_those_of_the_exponent() {
    let (base, exponent) = (U256::from(3), U256::from(0b110));
    let claim = true_claim(base, exponent);
    // One bit left out, one more, another one.
    for forged in [0b11, 0b1100, 0b111] {
        let trace = rows(&[true_claim(base, U256::from(forged))]);
        let result = base.wrapping_pow(U256::from(forged));
        let claim = compute(EXP, base, exponent, result);
        assert_caught(&trace, claim, &["Compute"]);
    }
    // The multiplication left out, and its bit kept.
    let mut trace = rows(&[claim]);
    row_of(&mut trace, 0).multiplies = Felt::ZERO;
    row_of(&mut trace, 1).power = word(U256::from(9));
    row_of(&mut trace, 1).square = word(U256::from(81));
    row_of(&mut trace, 2).power = word(U256::from(81));
    let claim = compute(EXP, base, exponent, U256::from(81));
    assert_caught(&trace, claim, &["exp/limb"]);
    // Or done where the bit is 0.
    let mut trace = rows(&[true_claim(base, U256::from(0b100))]);
    row_of(&mut trace, 1).multiplies = Felt::ONE;
    row_of(&mut trace, 2).power = word(U256::from(243));
    let claim = compute(EXP, base, U256::from(0b100), U256::from(243));
    assert_caught(&trace, claim, &["exp/limb"]);
}

#[test]
fn powers_start_with_the_base() {
    let base = U256::from(3);
    let claim =
        |exponent: u64, result: u64| compute(EXP, base, U256::from(exponent), U256::from(result));
    for exponent in [0, 1] {
        let mut trace = rows(&[true_claim(base, U256::from(exponent))]);
        row_of(&mut trace, 0).power = word(U256::from(5));
        assert_caught(&trace, claim(exponent, 5), &["exp/first power"]);
    }
    // Each limb of the power.
    for limb in 0..WORD_LIMBS {
        let mut trace = rows(&[true_claim(base, U256::ONE)]);
        row_of(&mut trace, 0).power[limb] += Felt::ONE;
        let result = base + (U256::ONE << (32 * limb));
        let claim = compute(EXP, base, U256::ONE, result);
        assert_caught(&trace, claim, &["exp/first power"]);
    }
    // Limbs of the exponent that no bit made.
    for limb in 0..WORD_LIMBS - 1 {
        let mut trace = rows(&[true_claim(base, U256::ONE)]);
        row_of(&mut trace, 0).upper[limb] = Felt::ONE;
        let exponent = U256::ONE | (U256::ONE << (32 * (limb + 1)));
        assert_caught(
            &trace,
            compute(EXP, base, exponent, base),
            &["exp/highest limb"],
        );
    }
    // Seven of them, also as a first bit.
    let mut trace = rows(&[true_claim(base, U256::ONE)]);
    row_of(&mut trace, 0).limb = Felt::from_canonical_u64(7);
    row_of(&mut trace, 0).power = word(U256::from(15));
    let found_seven = found(&trace, claim(7, 15));
    assert!(found_seven.contains("exp/highest bit"), "{found_seven:?}");
    // A first bit of zero that goes on: the power stays 1.
    let mut trace = rows(&[true_claim(base, U256::from(2))]);
    row_of(&mut trace, 0).limb = Felt::ZERO;
    row_of(&mut trace, 0).power = word(U256::ONE);
    row_of(&mut trace, 0).square = word(U256::ONE);
    row_of(&mut trace, 1).limb = Felt::ZERO;
    row_of(&mut trace, 1).power = word(U256::ONE);
    assert_caught(&trace, claim(0, 1), &["exp/highest bit"]);
}

#[test]
fn runs_have_a_start_and_an_end() {
    let base = U256::from(3);
    let claims = [
        true_claim(base, U256::from(5)),
        true_claim(base, U256::from(6)),
    ];
    // A run that starts in its middle, with any power.
    let mut trace = rows(&claims[..1]);
    row_of(&mut trace, 0).starts = Felt::ZERO;
    assert_caught(&trace, claims[0].clone(), &["exp/first", "exp/goes on"]);
    let mut trace = rows(&claims);
    row_of(&mut trace, 3).starts = Felt::ZERO;
    let found_middle = findings(Exp, &trace, &claims, &products(&trace));
    assert_eq!(found_middle, BTreeSet::from(["exp/goes on"]));
    // A run that goes on into the next, or into padding.
    let mut trace = rows(&claims[..1]);
    row_of(&mut trace, 2).goes_on = Felt::ONE;
    row_of(&mut trace, 2).ends = Felt::ZERO;
    let found_endless = findings(Exp, &trace, &[], &products(&trace));
    assert!(found_endless.contains("exp/goes on"), "{found_endless:?}");
    // From the last row into the first, so that it has no start at all.
    let mut circle = Trace::zero(ExpColumns::<Felt>::WIDTH, 2);
    for row in 0..2 {
        row_of(&mut circle, row).goes_on = Felt::ONE;
    }
    let labels: BTreeSet<_> = check_table(&Exp, &circle).iter().map(|v| v.label).collect();
    assert!(labels.contains("exp/first"), "{labels:?}");
    // Both at once, which would claim an intermediate power.
    let mut trace = rows(&[true_claim(base, U256::from(5) << 32)]);
    row_of(&mut trace, 2).ends = Felt::ONE;
    let found_both = findings(Exp, &trace, &[], &products(&trace));
    assert!(found_both.contains("exp/flag"), "{found_both:?}");
    // The end before the limb is full.
    let mut trace = rows(&[true_claim(base, U256::from(5))]);
    let row = row_of(&mut trace, 1);
    (row.ends, row.goes_on, row.multiplies) = (Felt::ONE, Felt::ZERO, Felt::ZERO);
    trace.resize(2);
    let claim = compute(EXP, base, U256::from(2), U256::from(9));
    assert_caught(&trace, claim, &["exp/all bits"]);
    // A multiplication asked for on the last row.
    let mut trace = rows(&[true_claim(base, U256::from(5))]);
    row_of(&mut trace, 2).multiplies = Felt::ONE;
    let found_after = found(&trace, true_claim(base, U256::from(5)));
    assert!(found_after.contains("exp/multiplies"), "{found_after:?}");
}

#[test]
fn words_stay_the_same_in_every_limb() {
    let base = U256::from(3);
    let claim = true_claim(base, U256::from(2));
    for limb in 0..WORD_LIMBS {
        let step = U256::ONE << (32 * limb);
        let mut forged = rows(std::slice::from_ref(&claim));
        row_of(&mut forged, 1).base[limb] += Felt::ONE;
        let wrong = compute(EXP, base + step, U256::from(2), U256::from(9));
        assert_caught(&forged, wrong, &["exp/base"]);
        let mut forged = rows(std::slice::from_ref(&claim));
        row_of(&mut forged, 1).power[limb] += Felt::ONE;
        let wrong = compute(EXP, base, U256::from(2), U256::from(9) + step);
        assert_caught(&forged, wrong, &["exp/square"]);
    }
    for limb in 0..WORD_LIMBS - 1 {
        let mut forged = rows(std::slice::from_ref(&claim));
        row_of(&mut forged, 1).upper[limb] += Felt::ONE;
        let exponent = U256::from(2) | U256::ONE << (32 * (limb + 1));
        let wrong = compute(EXP, base, exponent, U256::from(9));
        assert_caught(&forged, wrong, &["exp/upper"]);
    }
}

#[test]
fn rows_of_a_run_hang_together() {
    let base = U256::from(3);
    let exponent = U256::from(0b10) << 32;
    let claim = true_claim(base, exponent);
    let honest = rows(std::slice::from_ref(&claim));
    let forge = |row: usize, change: fn(&mut ExpColumns<Felt>)| {
        let mut forged = honest.clone();
        change(row_of(&mut forged, row));
        found(&forged, claim.clone())
    };
    let last = honest.height() - 1;
    for (row, change, label) in [
        (
            last,
            (|row| row.base[3] += Felt::ONE) as fn(&mut ExpColumns<Felt>),
            "exp/base",
        ),
        (last, |row| row.power[5] += Felt::ONE, "exp/square"),
        (5, |row| row.left += Felt::ONE, "exp/left"),
        (1, |row| row.full = Felt::ZERO, "exp/left"),
        (5, |row| row.full = Felt::ONE, "exp/full"),
        (2, |row| row.upper[0] = Felt::ZERO, "exp/upper"),
        (last, |row| row.upper[6] = Felt::ONE, "exp/upper"),
        (2, |row| row.limb = Felt::ONE, "exp/limb"),
    ] {
        let found = forge(row, change);
        assert!(found.contains(label), "{label}: {found:?}");
    }
}
