//! Tests of who proves what.

use alloy_primitives::U256;
use braid_stark::check::{check, interactions_of};
use braid_stark::system::NoPublicValues;
use braid_stark::{System, Table};
use plonky2::field::types::Field;
use rand::{SeedableRng, rngs::StdRng};

use super::test_support::{claim_of, edges, number};
use super::{Operation, Prover, claimed};
use crate::bus::tag;
use crate::event::opcode::*;
use crate::tables::bits::{self, Bits};
use crate::tables::narrow::{self, Narrow};
use crate::tables::shift::{self, Shift};
use crate::tables::test_support::{Claims, claims_of, ranges_hold};

/// Claims in any order, of all opcodes of the three tables, are each proved by one of them.
#[test]
fn the_tables_share_all_claims() {
    let mut rng = StdRng::seed_from_u64(10);
    let opcodes = [
        ADD, SUB, LT, GT, SLT, SGT, EQ, ISZERO, AND, OR, XOR, NOT, BYTE, SHL, SHR, SAR, SIGNEXTEND,
        CLZ,
    ];
    let mut operands: Vec<_> = edges().into_iter().map(|a| (a, number(&mut rng))).collect();
    operands.extend((0..16).map(|amount| (U256::from(16 * amount), number(&mut rng))));
    let operations = operands.iter().flat_map(|&(a, b)| {
        opcodes.map(|opcode| Operation {
            opcode,
            a,
            b: if [ISZERO, NOT, CLZ].contains(&opcode) {
                U256::ZERO
            } else {
                b
            },
        })
    });
    let operations: Vec<_> = operations.collect();
    let asked = Claims::trace(
        operations
            .iter()
            .map(|operation| claim_of(operation, operation.result().unwrap())),
    );
    let claims = claims_of(&Claims, &asked);
    let of = |prover| claimed(&claims, prover);
    let mut traces = [
        narrow::generate(&of(Prover::Narrow)).unwrap(),
        bits::generate(&of(Prover::Bits)).unwrap(),
        shift::generate(&of(Prover::Shift)).unwrap(),
    ];
    let rows: usize = traces.iter().map(|trace| trace.height()).sum();
    assert_eq!(rows, operations.len());
    let [of_narrow, of_bits, of_shift] = &mut traces;
    Table::pad(&Narrow, of_narrow, of_narrow.height().next_power_of_two());
    Table::pad(&Bits, of_bits, of_bits.height().next_power_of_two());
    Table::pad(&Shift, of_shift, of_shift.height().next_power_of_two());
    assert!(ranges_hold(&interactions_of(&Narrow, of_narrow)));
    assert!(ranges_hold(&interactions_of(&Bits, of_bits)));
    assert!(ranges_hold(&interactions_of(&Shift, of_shift)));
    let system = System::new(
        vec![
            Box::new(Narrow),
            Box::new(Bits),
            Box::new(Shift),
            Box::new(Claims),
        ],
        NoPublicValues,
    );
    let traces = [traces.to_vec(), vec![asked]].concat();
    let report = check(&system, &traces, &[]).unwrap();
    assert!(report.violations.is_empty(), "{report}");
    assert!(!report.mentions(tag::Compute.name), "{report}");
}

/// Other opcodes belong to other tables, and what is no claim of an opcode to none.
#[test]
fn what_others_prove_is_left_to_them() {
    for opcode in [MUL, DIV, EXP, ADDMOD, PUSH1, PC, ADDRESS, POP] {
        let operation = Operation {
            opcode,
            a: U256::ONE,
            b: U256::ZERO,
        };
        assert_eq!(operation.prover(), None);
    }
    let honest = Operation {
        opcode: ADD,
        a: U256::MAX,
        b: U256::ONE,
    };
    let claim = claim_of(&honest, U256::ZERO).into();
    assert_eq!(Operation::of_claim(&claim), Some(honest));
    let mut other = claim.clone();
    other.payload[0] = braid_stark::Felt::from_canonical_u64(256);
    assert_eq!(Operation::of_claim(&other), None);
    other = claim;
    other.tag = tag::Compute3;
    assert_eq!(Operation::of_claim(&other), None);
}

/// Leading zeros are counted as EIP-7939 does.
#[test]
fn leading_zeros() {
    for (number, zeros) in [
        (U256::ZERO, 256),
        (U256::ONE, 255),
        (U256::ONE << 255, 0),
        (U256::MAX >> 1, 1),
    ] {
        let operation = Operation {
            opcode: CLZ,
            a: number,
            b: U256::ZERO,
        };
        assert_eq!(operation.result(), Some(U256::from(zeros)));
    }
}
