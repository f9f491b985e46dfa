//! What a cheating prover tries, and the one constraint that catches it.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::Comparison;
use super::generation::{Choice, fill};
use super::{Narrow, NarrowColumns};
use crate::event::opcode::*;
use crate::limbs::halves;
use crate::tables::compute::Operation;
use crate::tables::compute::test_support::assert_each_label_is_needed;

/// A row that shows `opcode(a, b)` with these booleans, and whatever `change` makes of it.
fn row(
    (opcode, a, b): (u8, U256, U256),
    (bits, less, signs): (&[usize], bool, [bool; 2]),
    change: impl FnOnce(&mut NarrowColumns<Felt>),
) -> Trace {
    let mut trace = Trace::new(NarrowColumns::<Felt>::WIDTH);
    let choice = Choice {
        bits: core::array::from_fn(|bit| bits.contains(&bit)),
        less,
        signs,
    };
    let row = trace.push();
    fill(row, &Operation { opcode, a, b }, choice);
    change(row);
    trace
}

fn comparison(row: &mut NarrowColumns<Felt>) -> &mut Comparison<Felt> {
    Comparison::from_slice_mut(&mut row.result)
}

const PLUS: [bool; 2] = [false; 2];

#[test]
fn each_constraint_alone_stops_a_forgery() {
    let number = U256::from::<u64>;
    let high = |limb: u64, top: u64| number(top) << (32 * limb as usize);
    let felt = Felt::from_canonical_u64;
    let base = felt(1 << 32);
    let nothing = (&[][..], false, PLUS);
    let add_one = |row: &mut NarrowColumns<Felt>| row.result[0] += Felt::ONE;
    let attacks = [
        // Flags -13/2 and 15/2 make the opcode of LT, and a sum that says 1 < 14 is 0.
        (
            "narrow/flag",
            row((ADD, number(1), number(14)), nothing, |row| {
                row.is_add = -felt(13) / Felt::TWO;
                row.is_sub = felt(15) / Felt::TWO;
                row.result[0] = Felt::ZERO;
            }),
        ),
        // DIV by zero is anything.
        (
            "narrow/one operation",
            row((ADD, number(7), number(0)), nothing, |row| {
                row.is_sub = Felt::ONE;
                row.result[0] = felt(3);
            }),
        ),
        // 5 + 0 = 4, the rest carried away as a fraction.
        (
            "narrow/bit",
            row((ADD, number(5), number(0)), nothing, |row| {
                row.result[0] = felt(4);
                let mut carry = Felt::ONE;
                for bit in &mut row.bits {
                    carry /= base;
                    *bit = carry;
                }
            }),
        ),
        (
            "narrow/sum",
            row((ADD, number(5), number(6)), nothing, add_one),
        ),
        (
            "narrow/sum",
            row((SUB, number(6), number(5)), nothing, add_one),
        ),
        // A limb too large by the modulus of the carry.
        (
            "lookup",
            row((ADD, high(0, 0xffff_ffff), number(1)), nothing, |_| {}),
        ),
        (
            "narrow/not",
            row((NOT, number(6), number(0)), nothing, add_one),
        ),
        // 6 * 0x55555555 is twice the full limb.
        (
            "narrow/mask",
            row((AND, number(6), number(0x5555_5555)), nothing, |_| {}),
        ),
        (
            "narrow/masked",
            row(
                (AND, number(0xffff_ffff), number(4)),
                (&[0], false, PLUS),
                add_one,
            ),
        ),
        (
            "narrow/moved by",
            row((SHR, number(32), high(2, 5)), (&[2], false, PLUS), |_| {}),
        ),
        (
            "narrow/moved by little",
            row(
                (SHL, number(32) + high(1, 1), number(5)),
                (&[1], false, PLUS),
                |_| {},
            ),
        ),
        (
            "narrow/moved once",
            row((SHL, number(96), number(5)), (&[1, 2], false, PLUS), |_| {}),
        ),
        (
            "narrow/moved once",
            row((SHR, number(0), number(5)), nothing, |_| {}),
        ),
        (
            "narrow/moved",
            row((SHR, number(32), high(1, 4)), (&[1], false, PLUS), add_one),
        ),
        // The comparison's answer is 4: (2 * 4 - 1) (1 + 0) = 7.
        (
            "narrow/boolean",
            row((LT, number(1), number(8)), (&[0], true, PLUS), |row| {
                comparison(row).less = felt(4);
                comparison(row).difference = [Felt::ZERO; 2];
            }),
        ),
        // Greater twice over.
        (
            "narrow/one limb",
            row((GT, high(1, 2), number(0)), (&[0, 1], false, PLUS), |row| {
                comparison(row).difference = [Felt::ZERO; 2];
            }),
        ),
        (
            "narrow/equal above",
            row(
                (LT, number(1) + high(1, 1), number(2)),
                (&[0], true, PLUS),
                |_| {},
            ),
        ),
        (
            "narrow/equal above",
            row((EQ, number(1), number(2)), nothing, |_| {}),
        ),
        (
            "narrow/difference",
            row((LT, number(3), number(9)), (&[0], true, PLUS), |row| {
                comparison(row).less = Felt::ZERO;
            }),
        ),
        // Equal numbers called different: the difference less one is -1.
        (
            "lookup",
            row((EQ, number(3), number(3)), (&[0], false, PLUS), |_| {}),
        ),
        (
            "lookup",
            row((LT, number(3), number(9)), (&[0], false, PLUS), |_| {}),
        ),
        // Equal numbers, one of which is less.
        (
            "narrow/difference",
            row((LT, number(3), number(3)), (&[], true, PLUS), |_| {}),
        ),
        // A sign that leaves 10 of 2, so that 1 seems greater than 2, is no number below 2^16.
        (
            "lookup",
            row((SLT, high(7, 1), high(7, 2)), (&[7], false, PLUS), |row| {
                comparison(row).rest_a = [felt(10), Felt::ZERO];
                comparison(row).sign_a = -felt(8) / base;
                comparison(row).difference = [felt(6), Felt::ZERO];
            }),
        ),
        // The variant 2 of LT has the opcode of EQ.
        (
            "narrow/boolean",
            row((LT, number(1), number(2)), (&[0], true, PLUS), |row| {
                comparison(row).variant = Felt::TWO;
                comparison(row).rest_a = [Felt::ZERO; 2];
            }),
        ),
        (
            "narrow/unsigned",
            row(
                (LT, high(7, 1), high(7, 2)),
                (&[7], false, [false, true]),
                |_| {},
            ),
        ),
        (
            "narrow/top bit",
            row(
                (SLT, high(7, 1), high(7, 2)),
                (&[7], false, [false, true]),
                |row| comparison(row).rest_b = halves(felt(4)),
            ),
        ),
        (
            "narrow/one operand",
            row((ISZERO, number(5), number(5)), nothing, |_| {}),
        ),
        // Nobody vouches for limbs of a word that is not popped: two that add up to zero.
        (
            "narrow/one operand",
            row((ISZERO, number(0), number(0)), (&[1], true, PLUS), |row| {
                (row.b[0], row.b[1]) = (-felt(5), felt(5));
                comparison(row).difference = halves(felt(4));
            }),
        ),
        (
            "narrow/one operand",
            row((NOT, number(5), number(5)), nothing, |_| {}),
        ),
    ];
    assert_each_label_is_needed(&Narrow, &attacks);
}
