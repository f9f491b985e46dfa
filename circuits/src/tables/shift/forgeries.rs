//! What a cheating prover tries, and the one constraint that catches it.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::Spare;
use super::generation::{Choice, fill};
use super::{Shift, ShiftColumns};
use crate::event::opcode::*;
use crate::tables::compute::Operation;
use crate::tables::compute::test_support::assert_each_label_is_needed;

type Row = ShiftColumns<Felt>;

/// A row that shows `opcode(a, b)` by these choices, and whatever `change` makes of it.
fn row(
    (opcode, a, b): (u8, U256, U256),
    (place, number, sign): (Option<usize>, usize, bool),
    change: impl FnOnce(&mut Row),
) -> Trace {
    let mut trace = Trace::new(Row::WIDTH);
    let choice = Choice {
        place,
        number,
        sign,
    };
    let row = trace.push();
    fill(row, &Operation { opcode, a, b }, choice);
    change(row);
    trace
}

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn spare(row: &mut Row) -> &mut Spare<Felt> {
    Spare::from_slice_mut(&mut row.carries)
}

/// The lowest half and the result's lowest limb are `value`.
fn claim(row: &mut Row, value: u64) {
    row.halves[0] = felt(value);
    row.c[0] = felt(value);
}

/// The chosen half is taken for `value`, its lower byte.
fn claim_byte(row: &mut Row, value: u64) {
    spare(row).lower = felt(value);
    row.check = felt(256 * value);
    row.c[0] = felt(value);
}

fn unchanged(_: &mut Row) {}

const OUT: (Option<usize>, usize, bool) = (None, 0, false);

fn first(number: usize) -> (Option<usize>, usize, bool) {
    (Some(0), number, false)
}

/// Flags, places, bits, amounts.
fn choices() -> Vec<(&'static str, Trace)> {
    let number = U256::from::<u64>;
    let negative = U256::ONE << 255;
    vec![
        // Flags 6 and -5 make the opcode of AND.
        (
            "shift/flag",
            row((SHL, number(256), number(256)), OUT, |row| {
                row.is_shl = felt(6);
                row.is_shr = -felt(5);
                row.factor = felt(6) - felt(5 << 16);
            }),
        ),
        (
            "shift/one operation",
            row((SHL, number(600), number(5)), OUT, |row| {
                row.is_shr = Felt::ONE;
                row.factor = felt((1 << 16) + 1) / Felt::TWO;
                spare(row).excess = [felt(88), Felt::ZERO, Felt::ZERO];
            }),
        ),
        // A bit of 2 is the amount 2, and triples.
        (
            "shift/boolean",
            row((SHL, number(2), number(5)), first(0), |row| {
                row.bits[0] = Felt::TWO;
                [row.power_low, row.power, row.factor] = [felt(3); 3];
                claim(row, 15);
            }),
        ),
        // Places 1 and 15 are 16 together: all the word should be gone.
        (
            "shift/one place",
            row((SHL, number(256), number(5)), (Some(1), 0, false), |row| {
                row.places[15] = Felt::ONE;
                row.moves = Felt::TWO;
                row.c[7] = felt(5 << 16);
            }),
        ),
        // Half of a sign hides half of the top bits.
        (
            "shift/sign",
            row((SAR, number(256), negative >> 1), OUT, |row| {
                row.sign = Felt::TWO.inverse();
                row.check = Felt::ZERO;
                row.c = [row.sign * felt(0xffff_ffff); 8];
            }),
        ),
        (
            "shift/no sign",
            row((SHR, number(4), negative), (Some(0), 4, true), unchanged),
        ),
        (
            "shift/moves",
            row((SHL, number(4), number(5)), first(4), |row| {
                row.moves = Felt::ZERO;
                claim(row, 7);
            }),
        ),
        (
            "shift/power low",
            row((SHL, number(1), number(5)), first(1), |row| {
                [row.power_low, row.power, row.factor] = [felt(3); 3];
                claim(row, 15);
            }),
        ),
        (
            "shift/power",
            row((SHL, number(1), number(5)), first(1), |row| {
                [row.power, row.factor] = [felt(3); 2];
                claim(row, 15);
            }),
        ),
        (
            "shift/factor",
            row((SHL, number(1), number(5)), first(1), |row| {
                row.factor = felt(3);
                claim(row, 15);
            }),
        ),
        (
            "shift/no bits",
            row((CLZ, number(0), number(0)), (None, 5, false), unchanged),
        ),
        // A sign that looks clear because its half is shifted further.
        (
            "shift/no bits",
            row(
                (SAR, number(256), negative >> 1),
                (None, 1, true),
                unchanged,
            ),
        ),
        (
            "shift/amount",
            row((SHL, number(4), number(5)), first(5), unchanged),
        ),
        (
            "shift/index",
            row((BYTE, number(31), number(0x0102)), first(1), unchanged),
        ),
        (
            "shift/index",
            row(
                (SIGNEXTEND, number(1), number(0x0180)),
                (Some(0), 0, true),
                unchanged,
            ),
        ),
        (
            "shift/amount is short",
            row((SHL, number((1 << 32) + 4), number(5)), first(4), unchanged),
        ),
        (
            "shift/amount is short",
            row(
                (BYTE, number((1 << 32) + 31), number(5)),
                first(0),
                unchanged,
            ),
        ),
        ("lookup", row((SHL, number(4), number(5)), OUT, unchanged)),
        (
            "shift/excess",
            row((SHL, number(255), number(5)), OUT, |row| {
                spare(row).excess = [Felt::ZERO; 3];
            }),
        ),
        (
            "shift/excess",
            row((SIGNEXTEND, number(0), number(0x80)), OUT, |row| {
                spare(row).excess = [Felt::ZERO; 3];
            }),
        ),
    ]
}

/// Shifts.
fn shifts() -> Vec<(&'static str, Trace)> {
    let number = U256::from::<u64>;
    let negative = U256::ONE << 255;
    vec![
        (
            "shift/product",
            row((SHL, number(1), number(5)), first(1), |row| claim(row, 11)),
        ),
        (
            "shift/filled half",
            row((SHR, number(4), negative), first(4), |row| {
                row.picked += Felt::ONE;
                row.c[7] += felt(1 << 16);
            }),
        ),
        (
            "lookup",
            row((SAR, number(4), negative), first(4), unchanged),
        ),
        (
            "shift/sign of SAR",
            row((SAR, number(4), negative), first(4), |row| {
                row.check = Felt::ZERO;
            }),
        ),
        (
            "shift/sign of SAR",
            row((SAR, number(4), negative >> 1), (Some(0), 4, true), |row| {
                row.check = Felt::ZERO;
            }),
        ),
        (
            "shift/top limb",
            row((SAR, number(256), negative), OUT, |row| {
                spare(row).top = [Felt::ZERO; 2];
                [row.check, row.picked] = [Felt::ZERO; 2];
            }),
        ),
        (
            "shift/moved",
            row((SHR, number(4), number(80)), first(4), |row| {
                row.c[0] += Felt::ONE;
            }),
        ),
        (
            "shift/moved",
            row((SHL, number(256), number(80)), OUT, |row| {
                row.c[0] += Felt::ONE;
            }),
        ),
    ]
}

/// BYTE, SIGNEXTEND and CLZ.
fn picks() -> Vec<(&'static str, Trace)> {
    let number = U256::from::<u64>;
    let last = number(31);
    vec![
        (
            "shift/halves",
            row((BYTE, last, number(5)), first(0), |row| {
                row.halves[0] = felt(6);
                row.picked = felt(6);
                claim_byte(row, 6);
            }),
        ),
        (
            "shift/picked",
            row((BYTE, last, number(5)), first(0), |row| {
                row.picked = felt(6);
                claim_byte(row, 6);
            }),
        ),
        (
            "shift/bytes",
            row((BYTE, last, number(5)), first(0), |row| claim_byte(row, 6)),
        ),
        // The upper byte left in the lower one.
        (
            "shift/lower byte",
            row((BYTE, number(30), number(0x0105)), first(1), |row| {
                spare(row).lower = felt(0x0105);
                spare(row).upper = Felt::ZERO;
                row.check = Felt::ZERO;
                row.c[0] = Felt::ZERO;
            }),
        ),
        (
            "lookup",
            row((BYTE, number(30), number(0x0105)), first(1), |row| {
                claim_byte(row, 0x0105);
                spare(row).upper = Felt::ZERO;
                row.c[0] = Felt::ZERO;
            }),
        ),
        (
            "shift/byte",
            row((BYTE, last, number(5)), first(0), |row| row.c[0] = felt(6)),
        ),
        (
            "shift/sign of byte",
            row((SIGNEXTEND, number(0), number(0x80)), first(0), |row| {
                row.check = Felt::ZERO;
            }),
        ),
        (
            "lookup",
            row((SIGNEXTEND, number(0), number(0x80)), first(0), unchanged),
        ),
        // A lower byte of nine bits, with its sign: the upper byte keeps a bit of it.
        (
            "lookup",
            row(
                (SIGNEXTEND, number(0), number(0x0305)),
                (Some(0), 0, true),
                |row| {
                    spare(row).lower = felt(0x0105);
                    spare(row).upper = felt(2);
                    spare(row).kept = felt(0x0105 + 0xff00);
                    row.check = felt(0x0105 * 512 - (1 << 16));
                    row.c[0] = felt(0x0105 + 0xff00) + felt(0xffff << 16);
                },
            ),
        ),
        (
            "shift/kept",
            row((SIGNEXTEND, number(0), number(5)), first(0), |row| {
                spare(row).kept = felt(6);
                row.c[0] = felt(6);
            }),
        ),
        (
            "shift/extended",
            row((SIGNEXTEND, number(0), number(5)), first(0), |row| {
                row.c[3] = felt(6);
            }),
        ),
        (
            "shift/small",
            row((BYTE, last, number(5)), first(0), |row| {
                row.c[1] = Felt::ONE
            }),
        ),
        (
            "shift/small",
            row((CLZ, number(5), number(0)), (Some(0), 13, false), |row| {
                [row.c[1], row.c[2]] = [Felt::ONE, Felt::NEG_ONE];
            }),
        ),
        (
            "shift/leading one",
            row((CLZ, number(5), number(0)), first(12), |row| {
                row.check = Felt::ZERO
            }),
        ),
        (
            "lookup",
            row((CLZ, number(5), number(0)), first(14), unchanged),
        ),
        (
            "shift/leading zeros",
            row((CLZ, number(5), number(0)), first(13), |row| {
                row.c[0] += Felt::ONE;
            }),
        ),
        (
            "shift/zero above",
            row(
                (CLZ, number(5) | U256::ONE << 100, number(0)),
                first(13),
                unchanged,
            ),
        ),
        (
            "shift/zero above",
            row((CLZ, number(5), number(0)), OUT, unchanged),
        ),
        (
            "shift/one operand",
            row((CLZ, number(5), number(1)), first(13), unchanged),
        ),
    ]
}

#[test]
fn each_constraint_alone_stops_a_forgery() {
    let attacks = [choices(), shifts(), picks()].concat();
    assert_each_label_is_needed(&Shift, &attacks);
}
