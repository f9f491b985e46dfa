//! Tests of `signed`.

use alloy_primitives::{I256, U256};
use braid_stark::check::check_table;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};

use super::{Signed, SignedColumns, generate};
use crate::bus::Message;
use crate::event::opcode::{DIV, MOD, SDIV, SMOD};
use crate::tables::test_support::{
    assert_columns_are_bound, computations, compute, findings, words,
};

const OPCODES: [u8; 2] = [SDIV, SMOD];

pub(super) fn result(opcode: u8, a: U256, b: U256) -> U256 {
    let [a, b] = [a, b].map(I256::from_raw);
    let result = match opcode {
        _ if b.is_zero() => I256::ZERO,
        SDIV => a.overflowing_div(b).0,
        _ => a.overflowing_rem(b).0,
    };
    result.into_raw()
}

pub(super) fn true_claim(opcode: u8, a: U256, b: U256) -> Message<Felt> {
    compute(opcode, a, b, result(opcode, a, b))
}

/// What `product` must hear for this.
pub(super) fn core(opcode: u8, a: U256, b: U256) -> Message<Felt> {
    let [a, b] = [a, b].map(|number| I256::from_raw(number).unsigned_abs());
    match opcode {
        SDIV => compute(DIV, a, b, a.checked_div(b).unwrap_or_default()),
        _ => compute(MOD, a, b, a.checked_rem(b).unwrap_or_default()),
    }
}

pub(super) fn rows(claims: &[Message<Felt>]) -> Trace {
    generate(computations(claims, &OPCODES)).expect("rows")
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Signed).excessive_degrees().is_empty());
}

#[test]
fn agrees_with_signed_integers() {
    let words = words(5, 8);
    let negated = words.iter().map(|word| word.wrapping_neg());
    let words: Vec<_> = words.iter().copied().chain(negated).collect();
    for a in &words {
        let pairs = words
            .iter()
            .flat_map(|b| OPCODES.map(|opcode| (opcode, *b)));
        let (claims, cores): (Vec<_>, Vec<_>) = pairs
            .map(|(opcode, b)| (true_claim(opcode, *a, b), core(opcode, *a, b)))
            .unzip();
        let found = findings(Signed, &rows(&claims), &claims, &cores);
        assert!(found.is_empty(), "{a}: {found:?}");
    }
}

/// The one quotient that is no number in two's complement.
#[test]
fn the_least_number_by_minus_one_is_itself() {
    let least = U256::ONE << 255;
    let claims = [
        compute(SDIV, least, U256::MAX, least),
        compute(SMOD, least, U256::MAX, U256::ZERO),
    ];
    let cores = [
        compute(DIV, least, U256::ONE, least),
        compute(MOD, least, U256::ONE, U256::ZERO),
    ];
    let found = findings(Signed, &rows(&claims), &claims, &cores);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn false_claims_are_not_received() {
    let (a, b) = (U256::from(7), U256::from(2).wrapping_neg());
    for (opcode, wrong) in [(SDIV, U256::from(3)), (SMOD, U256::MAX)] {
        let claims = [compute(opcode, a, b, wrong)];
        let found = findings(Signed, &rows(&claims), &claims, &[core(opcode, a, b)]);
        assert!(found.contains("Compute"));
    }
}

#[test]
fn other_opcodes_have_no_row() {
    let claim = [compute(DIV, U256::ONE, U256::ONE, U256::ONE)];
    assert_eq!(rows(&claim).height(), 0);
    assert!(generate(computations(&claim, &[DIV])).is_err());
}

#[test]
fn every_column_is_bound() {
    let number = U256::from_limbs([0x0123_4567_89ab_cdef; 4]) | (U256::ONE << 255);
    // Each limb is once the lowest that is not zero, of either operand and of the result.
    let numbers = (0..8).map(|limb| number << (32 * limb) | (U256::ONE << 255));
    let pairs = numbers.flat_map(|number| [(number, U256::ONE), (U256::ONE, number)]);
    let pairs: Vec<_> = pairs
        .flat_map(|(a, b)| OPCODES.map(|opcode| (opcode, a, b)))
        .collect();
    let claims: Vec<_> = pairs
        .iter()
        .map(|(opcode, a, b)| true_claim(*opcode, *a, *b))
        .collect();
    let cores: Vec<_> = pairs
        .iter()
        .map(|(opcode, a, b)| core(*opcode, *a, *b))
        .collect();
    let trace = rows(&claims);
    assert_columns_are_bound(Signed, &trace, &claims, &cores, |field| match field {
        "is_div" | "is_mod" => "signed/flag",
        "a.word" | "b.word" | "magnitude.word" => "Compute",
        "a.negative" | "b.negative" | "magnitude.negative" => "signed/negative",
        "a.carries" | "b.carries" | "magnitude.carries" => "signed/carry",
        "a.inverse" | "b.inverse" | "magnitude.inverse" => "signed/lowest limb",
        "high_bits" => "U16",
        other => panic!("no label for {other}"),
    });
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(SignedColumns::<Felt>::WIDTH, 4);
    assert!(check_table(&Signed, &trace).is_empty());
    assert!(findings(Signed, &trace, &[], &[]).is_empty());
}
