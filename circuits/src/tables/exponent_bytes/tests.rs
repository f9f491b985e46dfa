//! Tests of `exponent_bytes`, with what a cheating prover tries.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::check_table;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::LIMB_BYTES;
use super::{ExponentBytes, ExponentBytesColumns, generate};
use crate::bus::Message;
use crate::tables::test_support::{assert_columns_are_bound, findings, words};
use crate::word::{WORD_LIMBS, word};

fn claim(exponent: U256, bytes: usize) -> Message<Felt> {
    Message::ExponentBytes {
        exponent: word(exponent),
        bytes: Felt::from_canonical_usize(bytes),
    }
}

/// Bytes without leading zeros.
fn length(exponent: U256) -> usize {
    let bytes: [u8; 32] = exponent.to_be_bytes();
    32 - bytes.iter().take_while(|byte| **byte == 0).count()
}

fn true_claim(exponent: U256) -> Message<Felt> {
    claim(exponent, length(exponent))
}

fn row_of(trace: &mut Trace) -> &mut ExponentBytesColumns<Felt> {
    ExponentBytesColumns::from_slice_mut(trace.row_mut(0))
}

/// Every length, with the least and the greatest exponent that has it.
fn exponents() -> Vec<U256> {
    let mut exponents = words(8, 20);
    for bytes in 1..=32 {
        exponents.push(U256::ONE << (8 * (bytes - 1)));
        exponents.push(U256::MAX >> (256 - 8 * bytes));
    }
    exponents
}

#[test]
fn degrees() {
    assert!(
        SymbolicTable::of(&ExponentBytes)
            .excessive_degrees()
            .is_empty()
    );
}

#[test]
fn agrees_with_leading_zeros() {
    let exponents = exponents();
    let claims: Vec<_> = exponents
        .iter()
        .map(|exponent| true_claim(*exponent))
        .collect();
    let found = findings(ExponentBytes, &generate(exponents), &claims, &[]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn wrong_lengths_are_refused_however_the_row_is_filled() {
    for exponent in exponents() {
        for wrong in (0..=32).filter(|wrong| *wrong != length(exponent)) {
            let mut forged = Trace::new(ExponentBytesColumns::<Felt>::WIDTH);
            let row: &mut ExponentBytesColumns<Felt> = forged.push();
            row.used = Felt::ONE;
            row.exponent = word(exponent);
            if let Some(highest) = usize::checked_sub(wrong, 1) {
                let (limb, byte) = (highest / LIMB_BYTES, highest % LIMB_BYTES);
                row.highest[limb] = Felt::ONE;
                row.limb_bytes[byte] = Felt::ONE;
                let shifted =
                    row.exponent[limb].to_canonical_u64() << (8 * (LIMB_BYTES - 1 - byte));
                row.shifted = [shifted & 0xffff, shifted >> 16].map(Felt::from_canonical_u64);
            }
            let found = findings(ExponentBytes, &forged, &[claim(exponent, wrong)], &[]);
            let reasons = ["exponent_bytes/zero", "exponent_bytes/highest", "U16"];
            assert!(
                !found.is_empty() && found.iter().all(|label| reasons.contains(label)),
                "{exponent}: {wrong}: {found:?}"
            );
        }
    }
}

#[test]
fn flags_are_few() {
    let exponent = U256::from(0x1_0000_0000_u64);
    let forge = |change: fn(&mut ExponentBytesColumns<Felt>)| {
        let mut forged = generate([exponent]);
        change(row_of(&mut forged));
        findings(ExponentBytes, &forged, &[], &[])
    };
    // Two limbs of bytes: the length would be that of both together.
    let found = forge(|row| {
        row.highest[0] = Felt::ONE;
        row.limb_bytes[1] = Felt::ONE;
    });
    assert!(found.contains("exponent_bytes/one limb"), "{found:?}");
    // More bytes than the limb has, beside those it has.
    let found = forge(|row| row.limb_bytes[3] = Felt::ONE);
    assert!(found.contains("exponent_bytes/limb bytes"), "{found:?}");
    // Twice one length less another.
    let found = forge(|row| {
        row.limb_bytes = [Felt::TWO, Felt::NEG_ONE, Felt::ZERO, Felt::ZERO];
        let shifted = (1 << 25) - (1 << 16);
        row.shifted = [shifted & 0xffff, shifted >> 16].map(Felt::from_canonical_u64);
    });
    assert!(found.contains("exponent_bytes/flag"), "{found:?}");
    // A row that is half used, with half a flag.
    let found = forge(|row| row.used = Felt::ONE / Felt::TWO);
    assert!(found.contains("exponent_bytes/used"), "{found:?}");
    // Used less than nothing: the claim would be sent.
    let found = forge(|row| row.used = Felt::NEG_ONE);
    assert!(found.contains("exponent_bytes/used"), "{found:?}");
}

#[test]
fn shifted_limbs_do_not_wrap_in_the_field() {
    let exponent = U256::from(0x12);
    let mut forged = generate([exponent]);
    let row = row_of(&mut forged);
    // No byte less: 0x12 in two bytes has a first one of zero.
    row.limb_bytes = [Felt::ZERO, Felt::ONE, Felt::ZERO, Felt::ZERO];
    row.shifted = [Felt::ZERO, Felt::from_canonical_u64(0x12)];
    let found = findings(ExponentBytes, &forged, &[claim(exponent, 2)], &[]);
    assert_eq!(found, BTreeSet::from(["U16"]));
    // The high half made large by a low half out of range.
    let row = row_of(&mut forged);
    let taken = Felt::from_canonical_u64(256);
    row.shifted = [
        -taken * Felt::from_canonical_u64(1 << 16),
        row.shifted[1] + taken,
    ];
    let found = findings(ExponentBytes, &forged, &[claim(exponent, 2)], &[]);
    assert_eq!(found, BTreeSet::from(["U16"]));
    // Or any numbers that do not make the limb.
    row_of(&mut forged).shifted = [Felt::ZERO, taken];
    let found = findings(ExponentBytes, &forged, &[claim(exponent, 2)], &[]);
    assert_eq!(found, BTreeSet::from(["exponent_bytes/shifted"]));
}

#[test]
fn every_column_is_bound() {
    let exponents: Vec<_> = (0..WORD_LIMBS * LIMB_BYTES)
        .map(|byte| U256::from(0x35) << (8 * byte))
        .chain([U256::ZERO])
        .collect();
    let claims: Vec<_> = exponents
        .iter()
        .map(|exponent| true_claim(*exponent))
        .collect();
    let trace = generate(exponents);
    assert_columns_are_bound(ExponentBytes, &trace, &claims, &[], |field| match field {
        "used" => "exponent_bytes/zero",
        "exponent" | "shifted" => "exponent_bytes/shifted",
        "highest" | "limb_bytes" => "exponent_bytes/flag",
        other => panic!("no label for {other}"),
    });
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(ExponentBytesColumns::<Felt>::WIDTH, 4);
    assert!(check_table(&ExponentBytes, &trace).is_empty());
    assert!(findings(ExponentBytes, &trace, &[], &[]).is_empty());
}
