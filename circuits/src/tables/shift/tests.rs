//! Tests of `shift`.

use alloy_primitives::U256;
use braid_stark::check::interactions_of;
use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table, Trace};
use plonky2::field::types::Field;
use rand::{SeedableRng, rngs::StdRng};

use super::generation::{Choice, fill};
use super::{Shift, ShiftColumns, generate};
use crate::bus::tag;
use crate::event::Rules;
use crate::event::opcode::*;
use crate::statement::rules_element;
use crate::tables::compute::test_support::*;
use crate::tables::compute::{Operation, Prover};

/// All opcodes of the table.
const OPCODES: [u8; 6] = [SHL, SHR, SAR, BYTE, SIGNEXTEND, CLZ];

fn operation(opcode: u8, a: U256, b: U256) -> Operation {
    Operation { opcode, a, b }
}

/// All amounts and indices, those just out of range and far out of it, of numbers of all lengths.
fn operations() -> Vec<Operation> {
    let mut rng = StdRng::seed_from_u64(9);
    let mut amounts: Vec<_> = (0..260).map(U256::from).collect();
    amounts.extend(edges());
    amounts.extend((0..100).map(|_| number(&mut rng)));
    let mut operations = Vec::new();
    for amount in amounts {
        let numbers = [number(&mut rng), !number(&mut rng), U256::MAX];
        for opcode in OPCODES {
            operations.extend(numbers.map(|number| match opcode {
                CLZ => operation(CLZ, number, U256::ZERO),
                _ => operation(opcode, amount, number),
            }));
        }
        operations.push(operation(CLZ, amount, U256::ZERO));
    }
    for bit in 0..256 {
        let power: U256 = U256::ONE << bit;
        operations.push(operation(CLZ, power, U256::ZERO));
        // The sign bit of one byte, set or clear.
        let index = U256::from(bit / 8);
        operations.push(operation(SIGNEXTEND, index, power));
        operations.push(operation(SIGNEXTEND, index, !power));
    }
    operations
}

#[test]
fn proves_what_opcodes_do() {
    let operations = operations();
    assert_proved(Shift, &generate(&operations).unwrap(), &operations);
}

/// Each row of CLZ asks for Osaka's rules, and no other row asks for any.
#[test]
fn leading_zeros_are_counted_by_osakas_rules() {
    let operations = [(CLZ, 1), (SHL, 0), (CLZ, 1), (BYTE, 0)];
    for (opcode, asked) in operations {
        let operation = operation(opcode, U256::from(3), U256::ZERO);
        let trace = generate(&[operation]).unwrap();
        let said = interactions_of(&Shift, &trace).into_iter();
        let said = said.map(|(_, said)| said);
        let asks =
            said.filter(|said| said.message.tag == tag::Rules && said.multiplicity != Felt::ZERO);
        let asks = Vec::from_iter(asks.map(|said| (said.multiplicity, said.message.payload)));
        let osaka = rules_element(Rules::Osaka);
        assert_eq!(asks, vec![(Felt::ONE, vec![osaka]); asked], "{opcode:#x}");
    }
}

/// Shifts by whole limbs are `narrow`'s, all else is this table's.
#[test]
fn is_asked_where_narrow_is_not() {
    let number = U256::from(5);
    for (opcode, amount, prover) in [
        (SHL, 0, Prover::Narrow),
        (SHR, 224, Prover::Narrow),
        (SHL, 160, Prover::Narrow),
        (SHL, 256, Prover::Shift),
        (SHR, 8, Prover::Shift),
        (SAR, 32, Prover::Shift),
        (BYTE, 32, Prover::Shift),
        (SIGNEXTEND, 0, Prover::Shift),
        (CLZ, 0, Prover::Shift),
    ] {
        let operation = operation(opcode, U256::from(amount), number);
        assert_eq!(operation.prover(), Some(prover));
    }
    assert!(generate(&[operation(ADD, number, number)]).is_err());
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Shift).excessive_degrees().is_empty());
}

#[test]
fn padding_is_silent() {
    assert_padding_is_silent(&Shift);
}

#[test]
fn every_column_is_bound() {
    let number = U256::MAX - U256::from(0x1234_5678);
    let operations = OPCODES.map(|opcode| match opcode {
        CLZ => operation(CLZ, number >> 21, U256::ZERO),
        BYTE | SIGNEXTEND => operation(opcode, U256::from(7), number),
        _ => operation(opcode, U256::from(37), number),
    });
    let mut trace = generate(&operations).unwrap();
    let rows: Vec<_> = (0..trace.height()).collect();
    assert!(unnoticed_columns(&Shift, &trace, &rows, &[tag::U16]).is_empty());
    // Who notices what.
    let row = |opcode| OPCODES.iter().position(|o| *o == opcode).unwrap();
    let shifts = [row(SHL), row(SHR), row(SAR)];
    let expected = [
        ("a", &shifts[..], "shift/amount"),
        ("b", &shifts, "shift/product"),
        ("c", &shifts, "shift/moved"),
        ("places", &shifts, "shift/boolean"),
        ("bits", &shifts, "shift/boolean"),
        ("moves", &shifts, "shift/moves"),
        ("power_low", &shifts, "shift/power"),
        ("power", &shifts, "shift/power"),
        ("factor", &shifts, "shift/factor"),
        ("halves", &shifts, "shift/product"),
        ("carries", &shifts, "shift/product"),
        ("picked", &shifts[1..], "shift/filled half"),
        ("check", &[row(SAR)], "shift/sign of SAR"),
        ("sign", &[row(SHR)], "shift/no sign"),
        ("b", &[row(BYTE), row(SIGNEXTEND)], "shift/halves"),
        (
            "halves",
            &[row(BYTE), row(SIGNEXTEND), row(CLZ)],
            "shift/halves",
        ),
        (
            "picked",
            &[row(BYTE), row(SIGNEXTEND), row(CLZ)],
            "shift/picked",
        ),
        ("check", &[row(BYTE)], "shift/lower byte"),
        ("check", &[row(SIGNEXTEND)], "shift/sign of byte"),
        ("check", &[row(CLZ)], "shift/leading one"),
        ("c", &[row(SIGNEXTEND)], "shift/extended"),
        ("b", &[row(CLZ)], "shift/one operand"),
    ];
    let fixed = AnyTable::fixed(&Shift, trace.height());
    for (field, rows, label) in expected {
        let names = Table::column_names(&Shift).into_iter().enumerate();
        for (column, name) in names.filter(|(_, name)| name.split('[').next() == Some(field)) {
            for row in rows {
                let cell = (*row, column);
                let noticed = change_cell(&Shift, &mut trace, &fixed, cell, Felt::TWO, &[]);
                // Limbs of the amount above the first have a constraint of their own.
                let short = field == "a" && name != "a[0]";
                let label = if short {
                    "shift/amount is short"
                } else {
                    label
                };
                assert!(noticed.mentions(label), "{name} in row {row}: {noticed:?}");
            }
        }
    }
}

/// Whatever place, number and sign a prover takes, with all other cells solved for: what passes is true.
#[test]
fn every_choice_proves_the_truth() {
    let numbers = [
        U256::ZERO,
        U256::ONE,
        U256::MAX,
        U256::ONE << 255,
        U256::from(0x80_u64) << 64,
        (U256::MAX / U256::from(7)) >> 33,
        U256::MAX / U256::from(5),
    ];
    let amounts = [
        0,
        7,
        8,
        15,
        30,
        31,
        32,
        33,
        37,
        127,
        200,
        255,
        256,
        257,
        1_u64 << 40,
    ];
    let mut passed = 0;
    for opcode in OPCODES {
        for number in numbers {
            for amount in amounts.map(U256::from) {
                let (a, b) = if opcode == CLZ {
                    (number, U256::ZERO)
                } else {
                    (amount, number)
                };
                let mut accepted = 0;
                for index in 0..17 * 16 * 2 {
                    let choice = Choice {
                        place: Some(index / 32).filter(|place| *place < 16),
                        number: index / 2 % 16,
                        sign: index % 2 == 1,
                    };
                    let mut trace = Trace::new(ShiftColumns::<Felt>::WIDTH);
                    fill(trace.push(), &operation(opcode, a, b), choice);
                    let verdict = judge_row(&Shift, &trace, 0);
                    accepted += usize::from(verdict.passes());
                    assert!(
                        !verdict.passes() || !verdict.false_claim,
                        "{opcode:#x} {a} {b} {choice:?}"
                    );
                }
                assert!(accepted > 0, "{opcode:#x} {a} {b}");
                passed += accepted;
            }
        }
    }
    assert!(passed > 0);
}
