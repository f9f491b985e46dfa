//! Tests of `product`.

use alloy_primitives::U256;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Message as BusMessage, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{Product, ProductColumns, generate};
use crate::bus::{Message, tag};
use crate::event::opcode::{ADDMOD, DIV, MOD, MUL};
use crate::tables::test_support::{
    assert_columns_are_bound, computations, compute, findings, words,
};

const OPCODES: [u8; 3] = [MUL, DIV, MOD];

pub(super) fn result(opcode: u8, a: U256, b: U256) -> U256 {
    match opcode {
        MUL => a.wrapping_mul(b),
        _ if b.is_zero() => U256::ZERO,
        DIV => a / b,
        _ => a % b,
    }
}

pub(super) fn rows(claims: &[Message<Felt>]) -> Trace {
    generate(computations(claims, &OPCODES)).expect("rows")
}

/// All pairs of some words.
fn claims() -> Vec<Message<Felt>> {
    let words = words(1, 8);
    let pairs = words
        .iter()
        .flat_map(|a| words.iter().map(move |b| (*a, *b)));
    let claims =
        pairs.flat_map(|(a, b)| OPCODES.map(|opcode| compute(opcode, a, b, result(opcode, a, b))));
    claims.collect()
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Product).excessive_degrees().is_empty());
}

#[test]
fn agrees_with_big_integers() {
    for claims in claims().chunks(200) {
        let found = findings(Product, &rows(claims), claims, &[]);
        assert!(found.is_empty(), "{found:?}");
    }
}

/// Rows follow the operands, not what the claim says of the result.
#[test]
fn false_claims_are_not_received() {
    let claims: Vec<_> = OPCODES
        .map(|opcode| compute(opcode, U256::from(7), U256::from(2), U256::from(2)))
        .to_vec();
    assert!(findings(Product, &rows(&claims), &claims, &[]).contains("Compute"));
}

#[test]
fn other_opcodes_have_no_row() {
    let claim = [compute(ADDMOD, U256::ONE, U256::ONE, U256::ZERO)];
    assert_eq!(rows(&claim).height(), 0);
    assert!(generate(computations(&claim, &[ADDMOD])).is_err());
}

#[test]
fn every_column_is_bound() {
    let a = U256::MAX - U256::from(12345);
    let b = (a >> 100) - U256::from(99);
    // `below` has each limb once.
    let divisors = (0..8).map(|limb| (a >> 7, U256::from(0x1234_5678) << (32 * limb)));
    let pairs = divisors.chain([(a, b), (b, a), (a, U256::ZERO)]);
    let claims: Vec<_> = pairs
        .flat_map(|(a, b)| OPCODES.map(|opcode| compute(opcode, a, b, result(opcode, a, b))))
        .collect();
    let trace = rows(&claims);
    assert_columns_are_bound(Product, &trace, &claims, &[], |field| match field {
        "is_mul" | "is_div" | "is_mod" => "product/flag",
        "gives_rest" => "product/rest",
        "below.differs" | "below.gap" => "product/order",
        "x" | "y" | "rest" | "carries" => "product/low half",
        other => panic!("no label for {other}"),
    });
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(ProductColumns::<Felt>::WIDTH, 4);
    assert!(check_table(&Product, &trace).is_empty());
    let lookups = |message: &BusMessage<Felt>| {
        let value = message.payload[0].to_canonical_u64();
        message.tag == tag::U16 && (value == 0 || value == 1 << 15)
    };
    let said = interactions_of(&Product, &trace);
    assert!(said.iter().all(|(_, said)| lookups(&said.message)));
}

/// Whatever the other cells of a row hold, without a flag it receives nothing.
#[test]
fn a_row_without_flags_is_silent() {
    let claims = [compute(MUL, U256::from(6), U256::from(7), U256::from(42))];
    let mut forged = rows(&claims);
    let row: &mut ProductColumns<Felt> = ProductColumns::from_slice_mut(forged.row_mut(0));
    row.is_mul = Felt::ZERO;
    let found = findings(Product, &forged, &[], &[]);
    assert!(found.is_empty(), "{found:?}");
}
