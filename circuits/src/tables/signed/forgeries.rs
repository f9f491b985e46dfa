//! What a cheating prover tries, and what catches it. `product` is taken at its word: it receives true claims only.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::interactions_of;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::Opposite;
use super::generation::opposite;
use super::tests::{core, result, rows, true_claim};
use super::{Signed, SignedColumns};
use crate::event::opcode::{DIV, MOD, SDIV, SMOD};
use crate::tables::test_support::{compute, findings};
use crate::word::{WORD_LIMBS, word};

fn row_of(trace: &mut Trace) -> &mut SignedColumns<Felt> {
    SignedColumns::from_slice_mut(trace.row_mut(0))
}

fn minus(number: u64) -> U256 {
    U256::from(number).wrapping_neg()
}

fn assert_caught(trace: &Trace, labels: &[&'static str]) {
    // The bus apart: whatever the row asks for is given, as far as these findings go.
    let mut found = findings(Signed, trace, &[], &[]);
    found.remove("Compute");
    assert_eq!(found, BTreeSet::from_iter(labels.iter().copied()));
}

#[test]
fn wrong_results_are_refused_however_the_row_is_filled() {
    let numbers = [
        U256::ZERO,
        U256::ONE,
        U256::from(7),
        U256::from(22),
        U256::ONE << 255,
        U256::MAX >> 1,
    ];
    let numbers = numbers
        .into_iter()
        .flat_map(|number| [number, number.wrapping_neg()]);
    let numbers: Vec<_> = numbers.collect();
    for (a, b) in numbers
        .iter()
        .flat_map(|a| numbers.iter().map(move |b| (*a, *b)))
    {
        for (opcode, unsigned) in [(SDIV, DIV), (SMOD, MOD)] {
            let right = result(opcode, a, b);
            let honest = rows(&[true_claim(opcode, a, b)]);
            // Every choice of signs, each followed by what is true of the numbers that result.
            for signs in 0..8u8 {
                let [sign_a, sign_b, sign_c] = [0, 1, 2].map(|bit| signs >> bit & 1 == 1);
                let given = |number: U256, negative| match negative {
                    true => number.wrapping_neg(),
                    false => number,
                };
                let (x, y) = (given(a, sign_a), given(b, sign_b));
                let magnitude = match unsigned {
                    DIV => x.checked_div(y).unwrap_or_default(),
                    _ => x.checked_rem(y).unwrap_or_default(),
                };
                let c = given(magnitude, sign_c);
                if c == right {
                    continue;
                }
                let mut forged = honest.clone();
                let row = row_of(&mut forged);
                row.a = opposite(a, sign_a);
                row.b = opposite(b, sign_b);
                row.magnitude = opposite(magnitude, sign_c);
                let asked = [compute(unsigned, x, y, magnitude)];
                let found = findings(Signed, &forged, &[compute(opcode, a, b, c)], &asked);
                assert!(!found.is_empty(), "{opcode}: {a}, {b}: {c}");
            }
        }
    }
}

#[test]
fn signs_are_the_highest_bits() {
    // A negative number taken as a huge one: its high bits are too many. Or they are half of an odd number, as the field has it: twice that, and the low bits, are in range for
    // numbers that are just negative.
    let half = Felt::from_canonical_u64(0xffff) / Felt::TWO;
    let least = U256::ONE << 255;
    for (number, high_bits) in [(minus(8), Felt::from_canonical_u64(0xffff)), (least, half)] {
        for operand in 0..2 {
            let [a, b] = match operand {
                0 => [number, U256::from(2)],
                _ => [U256::from(2), number],
            };
            let mut forged = rows(&[true_claim(SDIV, a, b)]);
            let row = row_of(&mut forged);
            (row.a, row.b) = (opposite(a, false), opposite(b, false));
            row.magnitude = opposite(a / b, false);
            row.high_bits[operand] = high_bits;
            assert_caught(&forged, &["U16"]);
        }
    }
    // 8 / 2 with a sign.
    let (a, b) = (U256::from(8), U256::from(2));
    let mut forged = rows(&[true_claim(SDIV, a, b)]);
    let row = row_of(&mut forged);
    row.a = opposite(a, true);
    row.magnitude = opposite(a.wrapping_neg() / b, true);
    assert_caught(&forged, &["U16"]);
    row_of(&mut forged).high_bits[0] = -Felt::from_canonical_u64(1 << 15);
    assert_caught(&forged, &["U16"]);
    // Low bits in place of high ones, within what 2^16 bounds alone.
    let a = U256::from(3) << 240;
    let mut forged = rows(&[true_claim(SDIV, a, b)]);
    row_of(&mut forged).high_bits[0] -= Felt::ONE;
    assert_caught(&forged, &["U16"]);
}

#[test]
fn the_sign_of_the_result_follows() {
    for (opcode, a, b) in [
        (SDIV, minus(7), U256::from(2)),
        (SDIV, minus(7), minus(2)),
        (SMOD, minus(7), U256::from(2)),
        (SMOD, U256::from(7), minus(2)),
    ] {
        let mut forged = rows(&[true_claim(opcode, a, b)]);
        let row = row_of(&mut forged);
        let negative = row.magnitude.negative != Felt::ONE;
        let magnitude = crate::word::number_of(&row.magnitude.word);
        row.magnitude = opposite(magnitude, negative);
        let wrong = result(opcode, a, b).wrapping_neg();
        let found = findings(
            Signed,
            &forged,
            &[compute(opcode, a, b, wrong)],
            &[core(opcode, a, b)],
        );
        assert_eq!(found, BTreeSet::from(["signed/sign of result"]));
    }
}

#[test]
fn opposites_begin_at_the_lowest_limb_that_is_not_zero() {
    let number = (U256::from(5) << 64 | U256::ONE << 255) | U256::from(3) << 96;
    let forge = |change: fn(&mut SignedColumns<Felt>)| {
        let mut forged = rows(&[true_claim(SDIV, number, U256::ONE)]);
        change(row_of(&mut forged));
        forged
    };
    // Too high: the limb below would be lost.
    let forged = forge(|row| {
        row.a.carries[2] = Felt::ZERO;
        row.a.inverse = row.a.word[3].inverse();
    });
    assert_caught(&forged, &["signed/zero below"]);
    // Too low: a limb of 2^32, and the next is one too few.
    let forged = forge(|row| row.a.carries[1] = Felt::ONE);
    assert_caught(&forged, &["signed/lowest limb"]);
    // Not at all.
    let forged = forge(|row| {
        row.a.carries = [Felt::ZERO; WORD_LIMBS];
        row.a.inverse = Felt::ZERO;
    });
    assert_caught(&forged, &["signed/zero below"]);
    // A gap.
    let forged = forge(|row| row.a.carries[4] = Felt::ZERO);
    let found = findings(Signed, &forged, &[], &[]);
    assert!(found.contains("signed/carry stays"), "{found:?}");
    // Halves.
    let forged = forge(|row| row.a.carries[7] = Felt::ONE / Felt::TWO);
    let found = findings(Signed, &forged, &[], &[]);
    assert!(found.contains("signed/carry"), "{found:?}");
    // In a number that is meant as it stands.
    let mut forged = rows(&[true_claim(SDIV, U256::from(9), U256::ONE)]);
    row_of(&mut forged).a.carries = [Felt::ONE; WORD_LIMBS];
    row_of(&mut forged).a.inverse = row_of(&mut forged).a.word[0].inverse();
    assert_caught(&forged, &["signed/no carry"]);
    // The result's limbs: 2^32 - 0 is none.
    let mut forged = rows(&[true_claim(SDIV, minus(1), U256::from(3))]);
    row_of(&mut forged).magnitude.carries = [Felt::ONE; WORD_LIMBS];
    assert_caught(&forged, &["signed/lowest limb"]);
}

/// The same in each limb of each of the three numbers.
#[test]
fn opposites_are_bound_in_every_limb() {
    type Number = fn(&mut SignedColumns<Felt>) -> &mut Opposite<Felt>;
    let numbers: [Number; 3] = [|row| &mut row.a, |row| &mut row.b, |row| &mut row.magnitude];
    let all = U256::from_limbs([0x8765_4321_8765_4321; 4]);
    for (number, limb) in numbers
        .into_iter()
        .flat_map(|n| (0..WORD_LIMBS).map(move |l| (n, l)))
    {
        let lowest = all << (32 * limb);
        let forge = |opposite: Opposite<Felt>| {
            let mut forged = rows(&[true_claim(SDIV, U256::ONE, U256::ONE)]);
            *number(row_of(&mut forged)) = opposite;
            findings(Signed, &forged, &[], &[])
        };
        // The lowest limb that is not zero, taken for zero.
        let mut late = opposite(lowest, true);
        late.carries[limb] = Felt::ZERO;
        late.inverse = late.word.get(limb + 1).map_or(Felt::ZERO, Felt::inverse);
        let found = forge(late);
        assert!(found.contains("signed/zero below"), "{limb}: {found:?}");
        // A carry that ends.
        if limb + 1 < WORD_LIMBS {
            let mut ends = opposite(U256::ONE << (32 * limb), true);
            ends.carries[limb + 1] = Felt::ZERO;
            let found = forge(ends);
            assert!(found.contains("signed/carry stays"), "{limb}: {found:?}");
        }
        // Carries in a number that is meant as it stands.
        let mut carried = opposite(lowest, true);
        carried.negative = Felt::ZERO;
        let found = forge(carried);
        assert!(found.contains("signed/no carry"), "{limb}: {found:?}");
    }
}

#[test]
fn flags_are_one_operation() {
    let (a, b) = (minus(9), U256::from(4));
    let mut forged = rows(&[true_claim(SDIV, a, b)]);
    row_of(&mut forged).is_mod = Felt::ONE;
    let found = findings(Signed, &forged, &[], &[]);
    assert!(found.contains("signed/one operation"), "{found:?}");
    let half = Felt::ONE / Felt::TWO;
    row_of(&mut forged).is_mod = half;
    row_of(&mut forged).is_div = half;
    let found = findings(Signed, &forged, &[], &[]);
    assert!(found.contains("signed/flag"), "{found:?}");
}

/// Without a flag a row neither asks nor answers, whatever else it holds.
#[test]
fn a_row_without_flags_is_silent() {
    let mut forged = rows(&[true_claim(SMOD, U256::from(9), U256::from(4))]);
    row_of(&mut forged).is_mod = Felt::ZERO;
    let said = interactions_of(&Signed, &forged);
    assert!(
        said.iter()
            .all(|(_, said)| said.message.tag == crate::bus::tag::U16)
    );
    assert_eq!(row_of(&mut forged).a.word, word(U256::from(9)));
}
