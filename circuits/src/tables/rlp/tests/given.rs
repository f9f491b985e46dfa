//! What is told of calldata and access list if it is wanted: whatever a prover chooses to tell is true, and told once.

use std::collections::BTreeSet;

use braid_stark::{Columns, Felt};
use plonky2::field::types::Field;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::forged::{columns, fails, fields, trace_of};
use super::support::{Fields, Kind, Said, findings, said};
use crate::bus::field;
use crate::tables::rlp::columns::RlpColumns;
use crate::tables::rlp::decode::decode;

/// Whether a row has something to tell: a byte of calldata, or the end of an entry.
pub(super) fn may_give(row: &RlpColumns<Felt>) -> bool {
    let entry = row.items.entry_address + row.items.key;
    row.data_byte() + row.item_end * entry == Felt::ONE
}

/// The last bytes of `bytes`, at most 32, as limbs.
fn number(bytes: &[u8]) -> Vec<u64> {
    let limb = |limb: usize| {
        let bytes = bytes.iter().rev().skip(4 * limb).take(4).rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    (0..8).map(limb).collect()
}

/// Everything that could be told of a transaction with these fields, whose calldata has 32 bytes or more, or none of it before the last is.
fn true_words(fields: &Fields) -> BTreeSet<Said> {
    let length = fields.data.len();
    let told = |end: usize| {
        let id = match length - end {
            0 => field::CALLDATA_END,
            _ => field::CALLDATA_WORD,
        };
        let mut payload = vec![0, id, end as u64, 0];
        payload.extend(number(&fields.data[..end]));
        ("TransactionField", payload)
    };
    (1..=length).map(told).collect()
}

#[test]
fn every_choice_of_calldata_is_true() {
    for length in [1, 2, 31, 32, 33, 55, 56, 57, 64, 255, 256, 300] {
        for first in [0, 0x7f, 0x80] {
            let mut fields = fields(Kind::DynamicFee);
            fields.data = (0..length).map(|i| (i as u8).wrapping_add(first)).collect();
            let mut trace = trace_of(&decode(&fields.clone().sample().raw).unwrap());
            for row in 0..trace.height() {
                let row = columns(&mut trace, row);
                row.gives = Felt::from_bool(may_give(row));
            }
            assert_eq!(findings(&trace), Vec::<&str>::new());
            let words = said(&trace).into_iter().filter(|(kind, payload)| {
                let of_calldata = [field::CALLDATA_END, field::CALLDATA_WORD];
                *kind == "TransactionField" && of_calldata.contains(&payload[1])
            });
            // Bytes of the length are in front of fewer than 32 bytes of a string that has one; nobody takes these.
            let whole = |(_, payload): &Said| payload[2] >= 32 || length < 56;
            let (words, wanted) = (words.filter(whole), true_words(&fields).into_iter());
            let words = Vec::from_iter(words);
            let told: BTreeSet<_> = words.iter().cloned().collect();
            assert_eq!(told.len(), words.len(), "told twice");
            assert_eq!(told, wanted.filter(whole).collect(), "{length}");
        }
    }
}

/// The bytes of a transaction tell nothing more if it does not run code, and what it tells else is the same.
#[test]
fn nothing_is_given_for_transfers() {
    let mut rng = StdRng::seed_from_u64(40);
    let mut fields = Fields::random(&mut rng, Kind::AccessList);
    fields.data = vec![7; 100];
    fields.access = vec![2, 1];
    let told = [false, true].map(|runs_code| {
        fields.runs_code = runs_code;
        let sample = fields.clone().sample();
        let trace = super::generate(0, &[sample.event()]).unwrap();
        said(&trace)
    });
    let given = told[1].iter().filter(|message| !told[0].contains(message));
    let given = Vec::from_iter(given);
    assert_eq!(told[0].len() + given.len(), told[1].len());
    // Four words, two addresses, three keys.
    assert_eq!(given.len(), 9);
    let is_given =
        |(kind, payload): &&Said| *kind == "TransactionField" && payload[1] >= field::CALLDATA_END;
    assert!(given.into_iter().all(|message| is_given(&message)));
    assert!(!told[0].iter().any(|message| is_given(&message)));
}

#[test]
fn nothing_else_is_given() {
    let mut long = fields(Kind::DynamicFee);
    long.data = vec![7; 300];
    let good = trace_of(&decode(&long.sample().raw).unwrap());
    for row in 0..good.height() {
        let columns_of_row: &RlpColumns<Felt> = RlpColumns::from_slice(good.row(row));
        if !may_give(columns_of_row) {
            let mut trace = good.clone();
            columns(&mut trace, row).gives = Felt::ONE;
            fails(&trace, "rlp/gives calldata or an entry");
        }
        // Twice on one row.
        let mut trace = good.clone();
        columns(&mut trace, row).gives = Felt::TWO;
        fails(&trace, "rlp/gives is boolean");
    }
}
