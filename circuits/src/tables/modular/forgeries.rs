//! What a cheating prover tries, and what catches it.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::tests::{claim, result, rows};
use super::{Modular, ModularColumns};
use crate::below::Below;
use crate::event::opcode::{ADDMOD, MULMOD};
use crate::limbs::{LIMBS, carry_cells, felts, join_coefficients, limbs16, product};
use crate::tables::test_support::{assert_looked_up, findings, words};

fn row_of(trace: &mut Trace) -> &mut ModularColumns<Felt> {
    ModularColumns::from_slice_mut(trace.row_mut(0))
}

/// A row with these numbers, and every other cell chosen so that as much holds as can.
fn attempt(opcode: u8, [a, b, m, c]: [U256; 4], [low, high]: [U256; 2]) -> Trace {
    let mut trace = Trace::new(ModularColumns::<Felt>::WIDTH);
    let row: &mut ModularColumns<Felt> = trace.push();
    row.is_add = Felt::from_bool(opcode == ADDMOD);
    row.is_mul = Felt::from_bool(opcode == MULMOD);
    row.a = felts(limbs16(a));
    row.b = felts(limbs16(b));
    row.m = felts(limbs16(m));
    row.c = felts(limbs16(c));
    row.quotient = felts(limbs16(low));
    row.high_quotient = felts(limbs16(high));
    row.below = Below::new(c, m);
    solve_carries(row);
    trace
}

/// Carries with which the identity holds in the field but for the last position, whether they are in range or not.
fn solve_carries(row: &mut ModularColumns<Felt>) {
    let mut left = [Felt::ZERO; 2 * LIMBS];
    let products = product(&row.a, &row.b).map(|x| x * row.is_mul);
    left[..products.len()].copy_from_slice(&products);
    let operands = row.a.into_iter().zip(row.b).zip(row.c);
    for (cell, ((a, b), c)) in left.iter_mut().zip(operands) {
        *cell += row.is_add * (a + b) - c;
    }
    for (from, quotient) in [(0, &row.quotient), (LIMBS, &row.high_quotient)] {
        for (cell, product) in left[from..].iter_mut().zip(product(quotient, &row.m)) {
            *cell -= product;
        }
    }
    let positions: [Felt; LIMBS] = join_coefficients(&left);
    let mut carry = Felt::ZERO;
    for (cells, position) in row.carries.iter_mut().zip(positions) {
        carry = (position + carry) / Felt::from_canonical_u64(1 << 32);
        let small = i128::from(carry.to_canonical_u64());
        let negative = small - i128::from(u64::MAX - u64::from(u32::MAX) + 1);
        *cells = carry_cells(small)
            .or_else(|| carry_cells(negative))
            .unwrap_or([carry, Felt::ZERO]);
    }
}

fn assert_caught(opcode: u8, numbers: [U256; 4], trace: &Trace, labels: &[&'static str]) {
    let found = findings(Modular, trace, &[claim(opcode, numbers)], &[]);
    assert_eq!(found, BTreeSet::from_iter(labels.iter().copied()));
}

#[test]
fn wrong_results_are_refused_however_the_row_is_filled() {
    let words = words(4, 6);
    for (i, a) in words.iter().enumerate() {
        let (b, m) = (
            words[(5 * i + 3) % words.len()],
            words[(3 * i + 1) % words.len()],
        );
        for opcode in [ADDMOD, MULMOD] {
            let right = result(opcode, *a, b, m);
            let one = U256::ONE;
            let wrong = [
                right.wrapping_add(one),
                right.wrapping_sub(one),
                right.wrapping_add(m),
                right.wrapping_sub(m),
                right ^ (one << 255),
                *a,
                b,
                U256::ZERO,
            ];
            let honest = rows(&[claim(opcode, [*a, b, m, right])]);
            for wrong in wrong.into_iter().filter(|wrong| *wrong != right) {
                let numbers = [*a, b, m, wrong];
                let mut kept = honest.clone();
                let row = row_of(&mut kept);
                row.c = felts(limbs16(wrong));
                row.below = Below::new(wrong, m);
                solve_carries(row);
                let mut multiple_off = kept.clone();
                row_of(&mut multiple_off).quotient[0] += Felt::ONE;
                solve_carries(row_of(&mut multiple_off));
                let empty = attempt(opcode, numbers, [U256::ZERO; 2]);
                let mut called_zero = empty.clone();
                row_of(&mut called_zero).by_zero = Felt::ONE;
                for row in [kept, multiple_off, empty, called_zero] {
                    let found = findings(Modular, &row, &[claim(opcode, numbers)], &[]);
                    assert!(!found.is_empty(), "{opcode}: {numbers:?}");
                }
            }
        }
    }
}

#[test]
fn right_results_are_taken() {
    let [a, b, m, c, quotient] = [100, 100, 7, 4, 1428].map(U256::from);
    let row = attempt(MULMOD, [a, b, m, c], [quotient, U256::ZERO]);
    assert_caught(MULMOD, [a, b, m, c], &row, &[]);
}

#[test]
fn the_result_is_below_the_modulus() {
    // Another number of the same residue class.
    let [a, b, m, c] = [100, 100, 7, 11].map(U256::from);
    let mut row = attempt(MULMOD, [a, b, m, c], [U256::from(1427), U256::ZERO]);
    assert_caught(MULMOD, [a, b, m, c], &row, &["modular/order"]);
    row_of(&mut row).below.differs[0] = Felt::ONE;
    assert_caught(MULMOD, [a, b, m, c], &row, &["modular/order"]);
    row_of(&mut row).below.gap[0] = -Felt::from_canonical_u64(5);
    assert_caught(MULMOD, [a, b, m, c], &row, &["U16"]);
}

#[test]
fn quotients_do_not_wrap() {
    // quotient * 3 + 1 = 0 + 2^512.
    let [a, b, m, c] = [0, 0, 3, 1].map(U256::from);
    let third = U256::MAX / U256::from(3);
    let row = attempt(ADDMOD, [a, b, m, c], [third, third]);
    assert_caught(ADDMOD, [a, b, m, c], &row, &["modular/identity"]);
    // A quotient that meets the modulus at 2^512 only.
    let m = U256::ONE << 128;
    let row = attempt(ADDMOD, [a, b, m, a], [U256::ZERO, U256::ONE << 128]);
    assert_caught(ADDMOD, [a, b, m, a], &row, &["modular/wrap"]);
}

#[test]
fn a_modulus_is_zero_only_where_it_is() {
    // 1000 modulo 10 as modulo 9.
    let [a, b, m, c] = [1000, 1, 10, 0].map(U256::from);
    let mut row = attempt(MULMOD, [a, b, m, c], [U256::from(100), U256::ZERO]);
    row_of(&mut row).by_zero = Felt::ONE;
    let nine = U256::from(9);
    assert_caught(MULMOD, [a, b, nine, c], &row, &["modular/modulus of zero"]);
    // Higher limbs count too, also where they are few.
    let m = (U256::ONE << 64) | U256::ONE;
    let mut row = attempt(MULMOD, [a, b, m, a], [U256::ZERO; 2]);
    row_of(&mut row).by_zero = Felt::ONE;
    assert_caught(
        MULMOD,
        [a, b, m - U256::ONE, a],
        &row,
        &["modular/modulus of zero"],
    );
    // As does the lowest, where all are 1 together: the claim's lowest limb would be -1.
    let m = U256::ONE << 32;
    let mut row = attempt(MULMOD, [a, b, m, a], [U256::ZERO; 2]);
    row_of(&mut row).by_zero = Felt::ONE;
    let found = findings(Modular, &row, &[], &[]);
    assert!(found.contains("modular/modulus of zero"), "{found:?}");
    // A modulus of -1 in a limb.
    row_of(&mut row).by_zero = -Felt::ONE;
    let found = findings(Modular, &row, &[], &[]);
    assert!(found.contains("modular/flag"), "{found:?}");
    // Zero without its flag has nothing below it.
    let row = attempt(MULMOD, [a, b, U256::ZERO, a], [U256::ZERO; 2]);
    let found = findings(Modular, &row, &[claim(MULMOD, [a, b, U256::ZERO, a])], &[]);
    assert!(found.contains("modular/order"), "{found:?}");
}

#[test]
fn flags_are_one_operation() {
    // The sum of a sum and a product.
    let [a, b, m, c] = [10, 20, 1000, 230].map(U256::from);
    let mut row = attempt(ADDMOD, [a, b, m, c], [U256::ZERO; 2]);
    row_of(&mut row).is_mul = Felt::ONE;
    solve_carries(row_of(&mut row));
    let found = findings(Modular, &row, &[], &[]);
    assert!(found.contains("modular/one operation"), "{found:?}");
    let half = Felt::ONE / Felt::TWO;
    row_of(&mut row).is_add = half;
    row_of(&mut row).is_mul = half;
    let found = findings(Modular, &row, &[], &[]);
    assert!(found.contains("modular/flag"), "{found:?}");
}

/// Modulo 1, a product of zero has a quotient of zero in all limbs.
#[test]
fn the_identity_holds_in_every_position() {
    let [zero, one] = [U256::ZERO, U256::ONE];
    for position in 0..LIMBS {
        let mut row = rows(&[claim(MULMOD, [zero, zero, one, zero])]);
        let cells = row_of(&mut row);
        let limbs = cells.quotient.iter_mut().chain(&mut cells.high_quotient);
        let limb = limbs.step_by(2).nth(position).expect("a position");
        *limb = Felt::ONE;
        assert_caught(MULMOD, [zero, zero, one, zero], &row, &["modular/identity"]);
    }
}

#[test]
fn limbs_do_not_wrap_in_the_field() {
    let claimed = claim(MULMOD, [3, 5, 7, 1].map(U256::from));
    let fields = [
        "a",
        "b",
        "m",
        "c",
        "quotient",
        "high_quotient",
        "carries",
        "below.gap",
    ];
    assert_looked_up(Modular, &rows(&[claimed]), &fields);
    let [a, b, m] = [5, 0x9_0000, 1 << 30].map(U256::from);
    let numbers = [a, b, m, a * b];
    let step = Felt::from_canonical_u64(1 << 16);
    type Limbs = fn(&mut ModularColumns<Felt>) -> &mut [Felt; LIMBS];
    let fields: [Limbs; 6] = [
        |row| &mut row.a,
        |row| &mut row.b,
        |row| &mut row.m,
        |row| &mut row.c,
        |row| &mut row.quotient,
        |row| &mut row.high_quotient,
    ];
    for field in fields {
        let mut row = rows(&[claim(MULMOD, numbers)]);
        let limbs = field(row_of(&mut row));
        limbs[0] += step;
        limbs[1] -= Felt::ONE;
        solve_carries(row_of(&mut row));
        let found = findings(Modular, &row, &[claim(MULMOD, numbers)], &[]);
        assert!(found.contains("U16"), "{found:?}");
    }
}
