//! Tests of `bits`.

use alloy_primitives::U256;
use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table, Trace};
use plonky2::field::types::Field;
use rand::{SeedableRng, rngs::StdRng};

use super::{Bits, BitsColumns, generate};
use crate::bus::tag;
use crate::event::opcode::*;
use crate::tables::compute::test_support::*;
use crate::tables::compute::{Operation, Prover};

const OPCODES: [u8; 3] = [AND, OR, XOR];

fn operation(opcode: u8, a: U256, b: U256) -> Operation {
    Operation { opcode, a, b }
}

#[test]
fn proves_what_opcodes_do() {
    let mut rng = StdRng::seed_from_u64(8);
    let edges = edges();
    let pairs = edges.iter().flat_map(|a| edges.iter().map(|b| (*a, *b)));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.extend((0..200).map(|_| (number(&mut rng), number(&mut rng))));
    let operations = pairs
        .iter()
        .flat_map(|&(a, b)| OPCODES.map(|opcode| operation(opcode, a, b)));
    let operations: Vec<_> = operations.collect();
    assert_proved(Bits, &generate(&operations).unwrap(), &operations);
}

/// AND of whole limbs is `narrow`'s, all else is this table's.
#[test]
fn is_asked_where_narrow_is_not() {
    let address = U256::MAX >> 96;
    let number = U256::from(0x1234_5678_9abc_u64);
    for (opcode, a, b, prover) in [
        (AND, address, number, Prover::Narrow),
        (AND, number, address, Prover::Narrow),
        (AND, number, !address, Prover::Narrow),
        (AND, number, U256::from(255), Prover::Bits),
        (AND, number, number, Prover::Bits),
        (OR, number, address, Prover::Bits),
        (XOR, number, address, Prover::Bits),
    ] {
        assert_eq!(operation(opcode, a, b).prover(), Some(prover));
    }
    assert!(generate(&[operation(ADD, number, number)]).is_err());
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Bits).excessive_degrees().is_empty());
}

#[test]
fn padding_is_silent() {
    assert_padding_is_silent(&Bits);
}

#[test]
fn every_column_is_bound() {
    let a = U256::MAX / U256::from(3);
    let b = U256::MAX / U256::from(17);
    for opcode in OPCODES {
        let mut trace = generate(&[operation(opcode, a, b)]).unwrap();
        assert!(unnoticed_columns(&Bits, &trace, &[0], &[]).is_empty());
        // Even if lookups did not mind, operands and result would change.
        let unnoticed = unnoticed_columns(&Bits, &trace, &[0], &[tag::Xor]);
        assert!(unnoticed.is_empty(), "{unnoticed:?}");
        let fixed = AnyTable::fixed(&Bits, 1);
        for (column, name) in Table::column_names(&Bits).iter().enumerate() {
            let noticed = change_cell(&Bits, &mut trace, &fixed, (0, column), Felt::TWO, &[]);
            let label = if name.starts_with("is_") {
                "bits/flag"
            } else {
                "Xor"
            };
            assert!(noticed.mentions(label), "{name}: {noticed:?}");
        }
    }
}

#[test]
fn each_constraint_alone_stops_a_forgery() {
    let row = |opcode, a: u64, b: u64, change: &dyn Fn(&mut BitsColumns<Felt>)| -> Trace {
        let (a, b) = (U256::from(a), U256::from(b));
        let mut trace = generate(&[operation(opcode, a, b)]).unwrap();
        change(BitsColumns::from_slice_mut(trace.row_mut(0)));
        trace
    };
    let felt = Felt::from_canonical_u64;
    let attacks = [
        // -4 of AND and 5 of OR: the opcode is 0x1b, SHL, and it says that 3 << 4 is 35.
        (
            "bits/flag",
            row(AND, 4, 3, &|row| {
                row.is_and = -felt(4);
                row.is_or = felt(5);
            }),
        ),
        (
            "bits/one operation",
            row(AND, 4, 3, &|row| row.is_or = Felt::ONE),
        ),
        ("lookup", row(XOR, 4, 3, &|row| row.xor[0] += Felt::ONE)),
        // The right number in bytes that are none, so that the halves of its bits seem to meet.
        (
            "lookup",
            row(AND, 256, 256, &|row| {
                row.a[0] = felt(256);
                row.a[1] = Felt::ZERO;
                row.xor[0] = felt(256);
                row.xor[1] = Felt::ONE;
            }),
        ),
    ];
    assert_each_label_is_needed(&Bits, &attacks);
}
