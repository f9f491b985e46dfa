//! What a cheating prover tries, and what catches it.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::tests::{result, rows};
use super::{Product, ProductColumns};
use crate::below::Below;
use crate::bus::Message;
use crate::event::opcode::{DIV, MOD, MUL};
use crate::limbs::{carry_cells, felts, join_coefficients, limbs16, low_product};
use crate::tables::test_support::{assert_looked_up, compute, findings, words};
use crate::word::{Word, word};

/// A row for `x`, `y`, `rest` and the dividend `a` (of MUL: zero), with every other cell chosen so that as much holds as can.
fn attempt(opcode: u8, a: U256, x: U256, y: U256, rest: U256) -> Trace {
    let mut trace = Trace::new(ProductColumns::<Felt>::WIDTH);
    let row: &mut ProductColumns<Felt> = trace.push();
    row.is_mul = Felt::from_bool(opcode == MUL);
    row.is_div = Felt::from_bool(opcode == DIV);
    row.is_mod = Felt::from_bool(opcode == MOD);
    (row.x, row.y, row.rest) = (felts(limbs16(x)), felts(limbs16(y)), felts(limbs16(rest)));
    if opcode != MUL {
        row.below = Below::new(rest, y);
    }
    row.gives_rest = row.is_mod * row.below.shown();
    solve_carries(row, word(a));
    trace
}

/// Carries with which the identity holds in the field, whether they are in range or not.
fn solve_carries(row: &mut ProductColumns<Felt>, a: Word<Felt>) {
    let products: Word<Felt> = join_coefficients(&low_product(&row.x, &row.y));
    let rest: Word<Felt> = crate::limbs::join_limbs(&row.rest);
    let sign = Felt::ONE - row.is_mul.double();
    let base = Felt::from_canonical_u64(1 << 32);
    let mut carry = Felt::ZERO;
    for (k, cells) in row.carries.iter_mut().enumerate() {
        carry = (products[k] + sign * rest[k] + carry - a[k]) / base;
        let small = i128::from(carry.to_canonical_u64());
        *cells = carry_cells(small).unwrap_or([carry, Felt::ZERO]);
    }
}

fn row_of(trace: &mut Trace) -> &mut ProductColumns<Felt> {
    ProductColumns::from_slice_mut(trace.row_mut(0))
}

fn found(trace: &Trace, claim: Message<Felt>) -> BTreeSet<&'static str> {
    findings(Product, trace, &[claim], &[])
}

fn assert_caught(trace: &Trace, claim: Message<Felt>, labels: &[&'static str]) {
    assert_eq!(
        found(trace, claim),
        BTreeSet::from_iter(labels.iter().copied())
    );
}

/// The inverse of an odd number modulo 2^256.
fn inverse(odd: U256) -> U256 {
    let two = U256::from(2);
    (0..8).fold(odd, |inverse, _| {
        inverse.wrapping_mul(two.wrapping_sub(odd.wrapping_mul(inverse)))
    })
}

#[test]
fn wrong_results_are_refused_however_the_row_is_filled() {
    let words = words(2, 6);
    for (i, a) in words.iter().enumerate() {
        let b = words[(5 * i + 3) % words.len()];
        for opcode in [MUL, DIV, MOD] {
            let right = result(opcode, *a, b);
            let one = U256::ONE;
            let wrong = [
                right.wrapping_add(one),
                right.wrapping_sub(one),
                right ^ (one << 255),
                right ^ (one << 32),
                right.wrapping_add(b),
                right.wrapping_sub(b),
                *a,
                b,
                U256::ZERO,
            ];
            for wrong in wrong.into_iter().filter(|wrong| *wrong != right) {
                let odd = b | one;
                let rows = match opcode {
                    MUL => vec![attempt(MUL, U256::ZERO, *a, b, wrong)],
                    DIV => vec![
                        attempt(DIV, *a, wrong, b, a.wrapping_sub(wrong.wrapping_mul(b))),
                        attempt(DIV, *a, wrong, b, *a),
                        attempt(DIV, *a, wrong, b, a.checked_rem(b).unwrap_or_default()),
                    ],
                    _ => vec![
                        attempt(
                            MOD,
                            *a,
                            a.wrapping_sub(wrong).wrapping_mul(inverse(odd)),
                            b,
                            wrong,
                        ),
                        attempt(MOD, *a, a.checked_div(b).unwrap_or_default(), b, wrong),
                        attempt(MOD, *a, U256::ZERO, b, *a),
                    ],
                };
                for row in rows {
                    let found = found(&row, compute(opcode, *a, b, wrong));
                    assert!(!found.is_empty(), "{opcode}: {a}, {b}: {wrong}");
                }
            }
        }
    }
}

/// The same attempts with true numbers pass: what refuses the others is the numbers.
#[test]
fn right_results_are_taken() {
    let (a, b) = (U256::MAX - U256::from(5), U256::from(1_000_003));
    for opcode in [MUL, DIV, MOD] {
        let row = match opcode {
            MUL => attempt(MUL, U256::ZERO, a, b, a.wrapping_mul(b)),
            _ => attempt(opcode, a, a / b, b, a % b),
        };
        assert_caught(&row, compute(opcode, a, b, result(opcode, a, b)), &[]);
    }
}

#[test]
fn products_are_not_off_by_a_carry() {
    // The last limb of the result, mended by the carry that is dropped.
    let (a, b) = (U256::MAX, U256::MAX - U256::from(9));
    let wrong = a.wrapping_mul(b) ^ (U256::ONE << 224);
    let row = attempt(MUL, U256::ZERO, a, b, wrong);
    assert_caught(&row, compute(MUL, a, b, wrong), &["U16"]);
}

#[test]
fn the_rest_is_below_the_divisor() {
    let (a, b) = (U256::from(1000), U256::from(7));
    // 141 * 7 + 13, with a gap of -7.
    let mut row = attempt(MOD, a, U256::from(141), b, U256::from(13));
    let cells = row_of(&mut row);
    cells.below.differs[0] = Felt::ONE;
    cells.below.gap[0] = -Felt::from_canonical_u64(7);
    cells.gives_rest = Felt::ONE;
    assert_caught(&row, compute(MOD, a, b, U256::from(13)), &["U16"]);
    row_of(&mut row).below.gap[0] = Felt::ZERO;
    assert_caught(&row, compute(MOD, a, b, U256::from(13)), &["product/order"]);
    // Nothing shown: the divisor would be zero.
    let row = attempt(DIV, a, U256::from(141), b, U256::from(13));
    assert_caught(
        &row,
        compute(DIV, a, b, U256::from(141)),
        &["product/division by zero"],
    );
    // The same rest in limbs that have no order.
    let (a, b) = (U256::from(5) << 33, U256::from(1) << 32);
    let rest = b + U256::from(3);
    let a = a + U256::from(3);
    let mut row = attempt(MOD, a, U256::from(9), b, rest);
    let cells = row_of(&mut row);
    cells.below.differs[0] = Felt::ONE;
    cells.below.gap[0] = -Felt::from_canonical_u64(4);
    cells.gives_rest = Felt::ONE;
    assert_caught(&row, compute(MOD, a, b, rest), &["U16"]);
    // Marking a low limb hides the one that differs above.
    for limb in 1..8 {
        let (a, b) = (
            U256::from(3) << (32 * limb),
            U256::from(1) << (32 * limb) | U256::from(5),
        );
        let mut row = attempt(MOD, a, U256::ZERO, b, a);
        let cells = row_of(&mut row);
        cells.below.differs[0] = Felt::ONE;
        cells.below.gap[0] = Felt::from_canonical_u64(4);
        cells.gives_rest = Felt::ONE;
        assert_caught(&row, compute(MOD, a, b, a), &["product/order"]);
    }
    // Marks that add up to 1 and turn the order around.
    for limb in 0..6 {
        let (a, b) = (U256::from(13) << (32 * limb), U256::from(3) << (32 * limb));
        let mut row = attempt(MOD, a, U256::ZERO, b, a);
        let cells = row_of(&mut row);
        cells.below.differs[limb] = Felt::NEG_ONE;
        cells.below.differs[limb + 1] = Felt::ONE;
        cells.below.differs[limb + 2] = Felt::ONE;
        cells.below.gap[0] = Felt::from_canonical_u64(9);
        cells.gives_rest = Felt::ONE;
        let found = found(&row, compute(MOD, a, b, a));
        assert_eq!(found, BTreeSet::from(["product/order"]), "{limb}");
    }
}

#[test]
fn dividends_do_not_wrap() {
    // quotient * b + rest = a + 2^256 by a carry out of the top.
    let (a, b) = (U256::from(5), U256::from(3));
    let quotient = (U256::MAX / b) + U256::from(2);
    let rest = a.wrapping_sub(quotient.wrapping_mul(b));
    assert!(rest < b);
    let row = attempt(DIV, a, quotient, b, rest);
    assert_caught(&row, compute(DIV, a, b, quotient), &["product/wrap"]);
    // By limbs that meet at 2^256 and above only.
    let (quotient, b) = (U256::ONE << 240, U256::ONE << 16);
    let row = attempt(DIV, a, quotient, b, a);
    assert_caught(&row, compute(DIV, a, b, quotient), &["product/wrap"]);
    let (quotient, b) = (U256::ONE << 255, U256::ONE << 255);
    let row = attempt(MOD, a + U256::ONE, quotient, b, a + U256::ONE);
    let claim = compute(MOD, a + U256::ONE, b, a + U256::ONE);
    assert_caught(&row, claim, &["product/wrap"]);
}

#[test]
fn division_by_zero_is_zero() {
    let a = U256::from(77);
    let zero = U256::ZERO;
    let row = attempt(DIV, a, U256::from(4), zero, a);
    assert_caught(
        &row,
        compute(DIV, a, zero, U256::from(4)),
        &["product/division by zero"],
    );
    // The rest for a result.
    let mut row = attempt(MOD, a, zero, zero, a);
    row_of(&mut row).gives_rest = Felt::ONE;
    assert_caught(&row, compute(MOD, a, zero, a), &["product/rest"]);
    // A rest below zero.
    row_of(&mut row).below.differs[0] = Felt::ONE;
    row_of(&mut row).below.gap[0] = -Felt::from_canonical_u64(78);
    assert_caught(&row, compute(MOD, a, zero, a), &["U16"]);
    // A divisor that is not zero, called zero.
    let row = attempt(MOD, a, zero, U256::from(100), a);
    let mut forged = row.clone();
    row_of(&mut forged).below = Below::new(zero, zero);
    row_of(&mut forged).gives_rest = Felt::ZERO;
    let claim = compute(MOD, a, U256::from(100), zero);
    assert_caught(&forged, claim, &["product/division by zero"]);
}

#[test]
fn flags_are_one_operation() {
    let (a, b) = (U256::from(9), U256::from(5));
    // MUL and DIV at once would be another opcode altogether.
    let mut row = attempt(DIV, a, U256::ONE, b, U256::from(4));
    row_of(&mut row).is_mod = Felt::ONE;
    row_of(&mut row).gives_rest = Felt::ONE;
    let found_both = found(&row, compute(DIV, a, b, U256::ONE));
    assert!(
        found_both.contains("product/one operation"),
        "{found_both:?}"
    );
    // Half a MUL and half a DIV.
    let half = Felt::ONE / Felt::TWO;
    let mut row = attempt(MUL, U256::ZERO, a, b, U256::from(45));
    row_of(&mut row).is_mul = half;
    row_of(&mut row).is_div = half;
    let found_halves = found(&row, compute(MUL, a, b, U256::from(45)));
    assert!(found_halves.contains("product/flag"), "{found_halves:?}");
    // Twice the low half of a product.
    let mut row = attempt(MUL, U256::ZERO, a, b, U256::from(45));
    row_of(&mut row).gives_rest = Felt::ONE;
    assert_caught(&row, compute(MUL, a, b, U256::from(90)), &["product/rest"]);
    // An order that is shown beside a product.
    row_of(&mut row).gives_rest = Felt::ZERO;
    row_of(&mut row).below = Below::new(U256::from(45), U256::from(5));
    row_of(&mut row).below.differs[0] = Felt::ONE;
    row_of(&mut row).below.gap[0] = -Felt::from_canonical_u64(41);
    let found_order = found(&row, compute(MUL, a, b, U256::from(45)));
    assert!(found_order.contains("product/by zero"), "{found_order:?}");
    // A remainder's flags that take the sum of marks for 2.
    let mut row = attempt(MOD, U256::from(9), U256::ONE, b, U256::from(4));
    row_of(&mut row).below.differs[1] = Felt::ONE;
    row_of(&mut row).gives_rest = Felt::TWO;
    let found_marks = found(&row, compute(MOD, a, b, U256::from(8)));
    assert!(found_marks.contains("product/by zero"), "{found_marks:?}");
}

#[test]
fn limbs_and_carries_do_not_wrap_in_the_field() {
    let claim = compute(DIV, U256::from(7), U256::from(3), U256::from(2));
    assert_looked_up(
        Product,
        &rows(&[claim]),
        &["x", "y", "rest", "carries", "below.gap"],
    );
    let (a, b) = (U256::from(0x0003_0002), U256::from(5));
    let claim = compute(MUL, a, b, a * b);
    let mut row = rows(std::slice::from_ref(&claim));
    let step = Felt::from_canonical_u64(1 << 16);
    row_of(&mut row).rest[0] -= step;
    row_of(&mut row).rest[1] += Felt::ONE;
    assert_caught(&row, claim.clone(), &["U16"]);
    let mut row = rows(std::slice::from_ref(&claim));
    row_of(&mut row).x[0] += step;
    row_of(&mut row).x[1] -= Felt::from_canonical_u64(1);
    row_of(&mut row).x[2] = Felt::ZERO;
    solve_carries(row_of(&mut row), [Felt::ZERO; 8]);
    assert_caught(&row, claim, &["U16"]);
}
