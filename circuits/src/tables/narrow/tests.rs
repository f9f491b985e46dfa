//! Tests of `narrow`.

use alloy_primitives::U256;
use braid_stark::coverage::{change_cell, unnoticed_columns};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{AnyTable, Columns, Felt, Table, Trace};
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::generation::{Choice, fill};
use super::{Narrow, NarrowColumns, generate};
use crate::bus::tag;
use crate::event::opcode::*;
use crate::tables::compute::test_support::*;
use crate::tables::compute::{Operation, Prover};

/// All opcodes of the table.
const OPCODES: [u8; 12] = [ADD, SUB, LT, GT, SLT, SGT, EQ, ISZERO, NOT, AND, SHL, SHR];

fn operation(opcode: u8, a: U256, b: U256) -> Operation {
    Operation { opcode, a, b }
}

/// A number whose limbs are all ones or nothing.
fn limb_mask(rng: &mut StdRng) -> U256 {
    (0..8).fold(U256::ZERO, |mask, limb| {
        mask | U256::from(u64::from(rng.r#gen::<bool>()) * 0xffff_ffff) << (32 * limb)
    })
}

/// Operations that the table proves: every opcode with operands at the edges and random ones.
fn operations() -> Vec<Operation> {
    let mut rng = StdRng::seed_from_u64(7);
    let edges = edges();
    let mut pairs: Vec<_> = edges
        .iter()
        .flat_map(|a| edges.iter().map(|b| (*a, *b)))
        .collect();
    for _ in 0..200 {
        let (a, b) = (number(&mut rng), number(&mut rng));
        let mask = limb_mask(&mut rng);
        // Operands that share their high limbs.
        let close = b ^ (U256::MAX >> rng.gen_range(1..256));
        pairs.extend([(a, b), (a, mask), (mask, b), (b, close), (b, b)]);
        pairs.push((U256::from(32 * rng.gen_range(0..8)), b));
    }
    let all = OPCODES.iter().flat_map(|opcode| {
        pairs.iter().map(|&(a, b)| match *opcode {
            ISZERO | NOT => operation(*opcode, a, U256::ZERO),
            _ => operation(*opcode, a, b),
        })
    });
    all.filter(|operation| operation.prover() == Some(Prover::Narrow))
        .collect()
}

#[test]
fn proves_what_opcodes_do() {
    let operations = operations();
    for opcode in OPCODES {
        let count = operations.iter().filter(|o| o.opcode == opcode).count();
        assert!(count > 100, "{opcode:#x}: {count}");
    }
    let trace = generate(&operations).unwrap();
    assert_proved(Narrow, &trace, &operations);
}

#[test]
fn refuses_what_it_does_not_prove() {
    let three = U256::from(3);
    for opcode in [MUL, OR, XOR, SAR, BYTE, AND, SHL, SHR] {
        assert!(generate(&[operation(opcode, three, three)]).is_err());
    }
}

#[test]
fn degrees() {
    let table = SymbolicTable::of(&Narrow);
    assert!(table.excessive_degrees().is_empty());
}

#[test]
fn padding_is_silent() {
    assert_padding_is_silent(&Narrow);
}

#[test]
fn every_column_is_bound() {
    let a = U256::MAX - U256::from(12_345);
    let b = a >> 3;
    let operations = OPCODES.map(|opcode| match opcode {
        ISZERO | NOT => operation(opcode, a, U256::ZERO),
        AND => operation(opcode, U256::MAX >> 96, b),
        SHL | SHR => operation(opcode, U256::from(64), b),
        _ => operation(opcode, a, b),
    });
    let mut trace = generate(&operations).unwrap();
    let rows: Vec<_> = (0..trace.height()).collect();
    assert!(unnoticed_columns(&Narrow, &trace, &rows, &[tag::U16]).is_empty());
    // Who notices what.
    let row = |opcode| OPCODES.iter().position(|o| *o == opcode).unwrap();
    let sums = [row(ADD), row(SUB)];
    let expected = [
        ("bits", &sums[..], "narrow/bit"),
        ("result", &sums, "narrow/sum"),
        ("a", &sums, "narrow/sum"),
        ("b", &sums, "narrow/sum"),
        ("result", &[row(NOT)], "narrow/not"),
        ("a", &[row(NOT)], "narrow/not"),
        ("b", &[row(NOT), row(ISZERO)], "narrow/one operand"),
        ("result", &[row(AND)], "narrow/masked"),
        ("result", &[row(SHL), row(SHR)], "narrow/moved"),
        ("a[0]", &[row(SHL), row(SHR)], "narrow/moved by"),
        ("is_", &sums, "narrow/flag"),
    ];
    let fixed = AnyTable::fixed(&Narrow, trace.height());
    for (prefix, rows, label) in expected {
        let names = Table::column_names(&Narrow).into_iter().enumerate();
        let field = |name: &str| match prefix {
            "is_" => name.starts_with(prefix),
            _ => name == prefix || name.split('[').next() == Some(prefix),
        };
        for (column, name) in names.filter(|(_, name)| field(name)) {
            for row in rows {
                let cell = (*row, column);
                let noticed = change_cell(&Narrow, &mut trace, &fixed, cell, Felt::TWO, &[]);
                assert!(noticed.mentions(label), "{name} in row {row}: {noticed:?}");
            }
        }
    }
}

/// Whatever booleans a prover takes, with all other cells solved for: what passes is true.
#[test]
fn every_choice_of_booleans_proves_the_truth() {
    let limb = |high: u64, low: u64| U256::from_limbs([low, 0, 0, high << 32]);
    let (small, large) = (limb(1, 5), limb(0xffff_ffff, 4));
    let mut pairs = vec![
        (small, large),
        (large, small),
        (small, limb(1, 6)),
        (large, large),
        (limb(0x8000_0000, 1), limb(0x7fff_ffff, 1)),
        (U256::from(64), U256::MAX >> 32),
        (U256::MAX >> 96, small | (U256::ONE << 64)),
    ];
    pairs.extend(pairs.clone().iter().map(|(a, _)| (*a, U256::ZERO)));
    let mut passed = 0;
    for opcode in OPCODES {
        for &(a, b) in &pairs {
            for number in 0..1 << 11 {
                let bit = |index: usize| number >> index & 1 == 1;
                let choice = Choice {
                    bits: core::array::from_fn(bit),
                    less: bit(8),
                    signs: [bit(9), bit(10)],
                };
                let mut trace = Trace::new(NarrowColumns::<Felt>::WIDTH);
                fill(trace.push(), &operation(opcode, a, b), choice);
                let verdict = judge_row(&Narrow, &trace, 0);
                passed += usize::from(verdict.passes());
                assert!(
                    !verdict.passes() || !verdict.false_claim,
                    "{opcode:#x} {a} {b} {choice:?}"
                );
            }
        }
    }
    assert!(passed > OPCODES.len() * pairs.len() / 2, "{passed}");
}
