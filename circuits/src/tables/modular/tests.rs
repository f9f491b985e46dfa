//! Tests of `modular`.

use alloy_primitives::U256;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use num_bigint::BigUint;

use super::{Modular, ModularColumns, generate};
use crate::bus::{Message, tag};
use crate::event::opcode::{ADDMOD, MUL, MULMOD};
use crate::tables::test_support::{
    assert_columns_are_bound, computations, compute, findings, words,
};
use crate::word::word;
use plonky2::field::types::Field;

const OPCODES: [u8; 2] = [ADDMOD, MULMOD];

pub(super) fn claim(opcode: u8, [a, b, m, c]: [U256; 4]) -> Message<Felt> {
    Message::Compute3 {
        opcode: Felt::from_canonical_u8(opcode),
        a: word(a),
        b: word(b),
        m: word(m),
        c: word(c),
    }
}

pub(super) fn result(opcode: u8, a: U256, b: U256, m: U256) -> U256 {
    if m.is_zero() {
        return U256::ZERO;
    }
    let [a, b, m] = [a, b, m].map(|x| BigUint::from_bytes_le(&x.to_le_bytes::<32>()));
    let value = match opcode {
        ADDMOD => a + b,
        _ => a * b,
    };
    U256::from_le_slice(&(value % m).to_bytes_le())
}

fn true_claim(opcode: u8, a: U256, b: U256, m: U256) -> Message<Felt> {
    claim(opcode, [a, b, m, result(opcode, a, b, m)])
}

pub(super) fn rows(claims: &[Message<Felt>]) -> Trace {
    generate(computations(claims, &OPCODES)).expect("rows")
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Modular).excessive_degrees().is_empty());
}

/// Moduli of 0 and 1 and quotients of 512 bits included.
#[test]
fn agrees_with_big_integers() {
    let words = words(3, 6);
    let mut claims = Vec::new();
    for (i, a) in words.iter().enumerate() {
        for (j, m) in words.iter().enumerate() {
            let b = words[(7 * i + 3 * j) % words.len()];
            claims.extend(OPCODES.map(|opcode| true_claim(opcode, *a, b, *m)));
        }
    }
    let (max, one) = (U256::MAX, U256::ONE);
    for m in [U256::ZERO, one, one << 1, one << 255, max] {
        claims.extend(OPCODES.map(|opcode| true_claim(opcode, max, max, m)));
        claims.extend(OPCODES.map(|opcode| true_claim(opcode, max, one, m)));
    }
    for claims in claims.chunks(200) {
        let found = findings(Modular, &rows(claims), claims, &[]);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn false_claims_are_not_received() {
    for opcode in OPCODES {
        let [a, b, m, c] = [9, 5, 7, 1].map(U256::from);
        let claims = [claim(opcode, [a, b, m, c])];
        assert!(findings(Modular, &rows(&claims), &claims, &[]).contains("Compute3"));
    }
}

#[test]
fn other_opcodes_have_no_row() {
    let claim = [compute(MUL, U256::ONE, U256::ONE, U256::ONE)];
    assert_eq!(rows(&claim).height(), 0);
    assert!(generate(computations(&claim, &[MUL])).is_err());
}

#[test]
fn every_column_is_bound() {
    let a = U256::MAX - U256::from(12345);
    // `below` has each limb once.
    let moduli = (0..8).map(|limb| U256::from(0x1234_5678) << (32 * limb));
    let claims: Vec<_> = moduli
        .chain([a >> 3, U256::ZERO, U256::ONE])
        .flat_map(|m| OPCODES.map(|opcode| true_claim(opcode, a, a >> 2, m)))
        .collect();
    let trace = rows(&claims);
    assert_columns_are_bound(Modular, &trace, &claims, &[], |field| match field {
        "is_add" | "is_mul" | "by_zero" => "modular/flag",
        "below.differs" | "below.gap" => "modular/order",
        "a" | "b" | "m" | "c" | "quotient" | "high_quotient" | "carries" => "modular/identity",
        other => panic!("no label for {other}"),
    });
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(ModularColumns::<Felt>::WIDTH, 4);
    assert!(check_table(&Modular, &trace).is_empty());
    let said = interactions_of(&Modular, &trace);
    assert!(said.iter().all(|(_, said)| said.message.tag == tag::U16));
    assert!(findings(Modular, &trace, &[], &[]).is_empty());
}
