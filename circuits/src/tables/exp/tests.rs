//! Tests of `exp`.

use alloy_primitives::U256;
use braid_stark::check::check_table;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};

use super::{Exp, ExpColumns, generate};
use crate::bus::Message;
use crate::event::opcode::{EXP, MUL};
use crate::tables::test_support::{
    assert_columns_are_bound, claims_of, computations, compute, findings, words,
};

pub(super) fn true_claim(base: U256, exponent: U256) -> Message<Felt> {
    compute(EXP, base, exponent, base.wrapping_pow(exponent))
}

pub(super) fn rows(claims: &[Message<Felt>]) -> Trace {
    generate(computations(claims, &[EXP])).expect("rows")
}

/// What `product` receives of all that the rows ask for: the true products.
pub(super) fn products(rows: &Trace) -> Vec<Message<Felt>> {
    let mut padded = rows.clone();
    padded.resize((rows.height() + 1).next_power_of_two());
    let asked = claims_of(&Exp, &padded);
    let asked = asked.computations(&[MUL]);
    let products = asked.map(|asked| {
        let [a, b, _] = asked.operands;
        compute(MUL, a, b, a.wrapping_mul(b))
    });
    products.collect()
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Exp).excessive_degrees().is_empty());
}

#[test]
fn agrees_with_big_integers() {
    let mut exponents = words(6, 4);
    exponents.extend((0..20).map(U256::from));
    exponents.extend([31, 32, 33, 63, 64, 65, 224, 255].map(|bits| U256::MAX >> (256 - bits)));
    for (i, base) in words(7, 4).into_iter().enumerate() {
        let claims = exponents.iter().skip(i % 5).step_by(5);
        let claims: Vec<_> = claims.map(|exponent| true_claim(base, *exponent)).collect();
        let trace = rows(&claims);
        let found = findings(Exp, &trace, &claims, &products(&trace));
        assert!(found.is_empty(), "{base}: {found:?}");
    }
}

/// As many rows as bits; squares for all but the first, products for those of them that are 1.
#[test]
fn rows_and_products_follow_the_exponent() {
    for (exponent, expected_rows, expected_products) in
        [(0, 1, 0), (1, 1, 0), (2, 2, 1), (18, 5, 5), (255, 8, 14)]
    {
        let trace = rows(&[true_claim(U256::from(10), U256::from(exponent))]);
        assert_eq!(trace.height(), expected_rows);
        assert_eq!(products(&trace).len(), expected_products);
    }
    assert_eq!(rows(&[true_claim(U256::from(3), U256::MAX)]).height(), 256);
}

#[test]
fn false_claims_are_not_received() {
    let claims = [compute(EXP, U256::from(3), U256::from(4), U256::from(80))];
    let trace = rows(&claims);
    let found = findings(Exp, &trace, &claims, &products(&trace));
    assert!(found.contains("Compute"));
}

#[test]
fn other_opcodes_have_no_row() {
    let claim = [compute(MUL, U256::ONE, U256::ONE, U256::ONE)];
    assert_eq!(rows(&claim).height(), 0);
    assert!(generate(computations(&claim, &[MUL])).is_err());
}

#[test]
fn every_column_is_bound() {
    let base = U256::MAX / U256::from(7);
    let exponents = [U256::from(0b1011), U256::from(0b1_0110) << 30, U256::ZERO];
    let claims = exponents.map(|exponent| true_claim(base, exponent));
    let trace = rows(&claims);
    let products = products(&trace);
    assert_columns_are_bound(Exp, &trace, &claims, &products, |field| match field {
        "starts" | "goes_on" | "ends" | "multiplies" | "full" => "exp/flag",
        "base" => "exp/base",
        "power" | "square" => "exp/square",
        "limb" => "exp/limb",
        "upper" => "exp/upper",
        "left" => "exp/left",
        other => panic!("no label for {other}"),
    });
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(ExpColumns::<Felt>::WIDTH, 4);
    assert!(check_table(&Exp, &trace).is_empty());
    assert!(findings(Exp, &trace, &[], &[]).is_empty());
}
