use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::{ByteShift, ByteShiftColumns, generate};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::tables::test_support::{findings_among, padded};

type Row = ByteShiftColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

fn limbs<const N: usize>(bytes: &[u8]) -> [Felt; N] {
    let limbs = bytes.chunks(4);
    let limbs = limbs.map(|limb| felt(u64::from(u32::from_be_bytes(limb.try_into().unwrap()))));
    Vec::from_iter(limbs).try_into().unwrap()
}

/// The claim that these bytes of a value are put between two limbs.
fn claim(bytes: usize, [first, last]: [[u8; 4]; 2], value: [u8; 32]) -> Message<Felt> {
    let moved = [&first[..bytes], &value, &last[bytes..]].concat();
    let mut words: [Felt; 8] = limbs(&value);
    words.reverse();
    let [first, last] = [first, last].map(|limb| limbs::<1>(&limb)[0]);
    Message::ByteShift {
        bytes: felt(bytes as u64),
        value: words,
        first,
        last,
        moved: limbs(&moved),
    }
}

fn claims() -> Vec<Message<Felt>> {
    let value = core::array::from_fn(|byte| 250 - 7 * byte as u8);
    let mut all = Vec::new();
    for bytes in 1..=3 {
        all.push(claim(bytes, [[0; 4]; 2], [0; 32]));
        all.push(claim(bytes, [[0xff; 4]; 2], [0xff; 32]));
        all.push(claim(bytes, [[1, 2, 3, 4], [5, 6, 7, 8]], value));
        all.push(claim(bytes, [[0xff; 4], [0; 4]], value));
    }
    all
}

fn rows(claims: &[Message<Felt>]) -> Result<Trace, Error> {
    let claims: Vec<_> = claims.iter().cloned().map(Into::into).collect();
    Ok(padded(&ByteShift, &generate(claims.iter())?))
}

fn said(claims: &[Message<Felt>]) -> Vec<(Felt, Message<Felt>)> {
    let claims = claims.iter().cloned();
    claims.map(|claim| (Felt::ONE, claim)).collect()
}

#[test]
fn bytes_move() {
    let claims = claims();
    let found = findings_among(&ByteShift, &rows(&claims).unwrap(), said(&claims));
    assert!(found.is_empty(), "{found:?}");
    assert!(SymbolicTable::of(&ByteShift).excessive_degrees().is_empty());
}

#[test]
fn every_column_is_bound() {
    let claims = claims();
    let used: Vec<_> = (0..claims.len()).collect();
    let loose = unnoticed_columns(&ByteShift, &rows(&claims).unwrap(), &used, &[tag::U8]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn what_is_no_shift_is_refused() {
    let value = [7; 32];
    for bytes in [0, 4] {
        let claim = claim(bytes, [[1; 4], [2; 4]], value);
        assert!(matches!(rows(&[claim]), Err(Error::Events(_))));
    }
    let Message::ByteShift {
        bytes,
        value,
        last,
        moved,
        ..
    } = claims().swap_remove(2)
    else {
        unreachable!("the kind that was made")
    };
    let first = felt(1 << 32);
    let claim = Message::ByteShift {
        bytes,
        value,
        first,
        last,
        moved,
    };
    assert!(matches!(rows(&[claim]), Err(Error::Events(_))));
}

/// Place of `first` in a claim.
const FIRST: usize = 9;

/// Each element of claims on different bytes changed, with rows filled for the claim that is made: `moved` follows from the rest. The lowest byte of `first` never counts.
#[test]
fn other_claims_are_refused() {
    let differs = |claim: &Message<Felt>| matches!(claim, Message::ByteShift { value, .. } if value[0] != value[1]);
    let different = claims().into_iter().filter(differs);
    for claim in different {
        let plain: braid_stark::Message<Felt> = claim.clone().into();
        for position in 0..plain.payload.len() {
            let mut wrong = plain.clone();
            wrong.payload[position] += felt(if position == FIRST { 1 << 24 } else { 1 });
            // What cannot be filled is claimed beside the honest row.
            let filled = generate([&wrong].into_iter());
            let trace = filled.map_or(rows(core::slice::from_ref(&claim)).unwrap(), |filled| {
                padded(&ByteShift, &filled)
            });
            let said = braid_stark::check::interactions_of(&ByteShift, &trace);
            let answered = said.iter().any(|(_, said)| {
                said.message.tag == wrong.tag && said.message.payload == wrong.payload
            });
            assert!(!answered, "element {position} of {plain:?}");
        }
    }
}

fn caught(label: &str, forge: impl FnOnce(&mut Row)) {
    let claims = [claims().swap_remove(2)];
    let mut trace = rows(&claims).unwrap();
    forge(ByteShiftColumns::from_slice_mut(trace.row_mut(0)));
    let found = findings_among(&ByteShift, &trace, said(&claims));
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[test]
fn forgeries() {
    // Limbs split where bytes end elsewhere.
    caught("U8", |row| {
        row.value[0] -= Felt::ONE;
        row.value[1] += felt(256);
    });
    caught("U8", |row| {
        row.first[0] -= Felt::ONE;
        row.first[1] += felt(256);
    });
    caught("U8", |row| {
        row.last[3] += felt(256);
        row.last[2] -= Felt::ONE;
    });
    for value in [Felt::NEG_ONE, felt(256)] {
        (0..4).for_each(|byte| caught("U8", |row| row.first[byte] = value));
        (0..4).for_each(|byte| caught("U8", |row| row.last[byte] = value));
        (0..32).for_each(|byte| caught("U8", |row| row.value[byte] = value));
    }
    for flag in 0..3 {
        caught("byte_shift/bytes", |row| row.bytes[flag] = felt(2));
    }
    // By another number of bytes, by none, by two numbers at once.
    caught("ByteShift", |row| row.bytes.swap(0, 1));
    caught("ByteShift", |row| row.bytes[0] = Felt::ZERO);
    caught("byte_shift/one", |row| row.bytes[1] = Felt::ONE);
}

#[test]
fn padding_says_nothing() {
    let claims = claims();
    let mut trace = rows(&claims).unwrap();
    let copied: Row = *ByteShiftColumns::from_slice(trace.row(0));
    *ByteShiftColumns::from_slice_mut(trace.row_mut(claims.len())) = copied;
    assert!(findings_among(&ByteShift, &trace, said(&claims)).contains("ByteShift"));
}
