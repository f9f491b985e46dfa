//! Honest traces, known answers, degrees.

use std::collections::BTreeMap;

use braid_stark::AnyTable;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::symbolic::SymbolicTable;
use plonky2::field::types::PrimeField64;

use super::*;
use crate::tables::keccak_f::{State, permute};

#[test]
fn strings_of_all_sorts_pass_with_all_tables() {
    let mut requests = Vec::new();
    for (i, length) in [0, 1, 7, 8, 64, 134, 135, 136, 137, 272, 300]
        .into_iter()
        .enumerate()
    {
        requests.push(request(i as u64, length, false));
        if length % 4 == 0 {
            requests.push(request(100 + i as u64, length, true));
        }
    }
    requests.push(request(999, 352, true));
    let permutations = fill(&blocks_of(&requests)).1;
    let report = report(&requests, generate(&requests).unwrap(), permutations).unwrap();
    assert!(report.is_ok(), "{report}");
}

/// The messages of a sponge are right, each on its own: bytes, permutations, digests.
pub(super) fn assert_messages(requests: &[HashRequest]) {
    let (sponge, _) = fill(&blocks_of(requests));
    let sponge = padded(&KeccakSponge, sponge);
    assert_eq!(check_table(&KeccakSponge, &sponge), vec![]);
    let mut expected = BTreeMap::new();
    for (_, interaction) in interactions_of(&Holder, &padded(&Holder, holder(requests))) {
        let payload: Vec<_> = interaction
            .message
            .payload
            .iter()
            .map(|x| x.to_canonical_u64())
            .collect();
        let key = (interaction.message.tag.name, payload);
        assert!(expected.insert(key, ()).is_none());
    }
    let mut inputs = BTreeMap::new();
    let mut outputs = BTreeMap::new();
    let lanes = |payload: &[u64]| -> State {
        core::array::from_fn(|i| payload[1 + 2 * i] | payload[2 + 2 * i] << 32)
    };
    for (_, interaction) in interactions_of(&KeccakSponge, &sponge) {
        let name = interaction.message.tag.name;
        let payload: Vec<_> = interaction
            .message
            .payload
            .iter()
            .map(|x| x.to_canonical_u64())
            .collect();
        match name {
            "U16" => assert!(payload[0] <= RATE as u64),
            "Xor" => assert!(payload[0] < 256 && payload[0] ^ payload[1] == payload[2]),
            "KeccakInput" => {
                assert_eq!(interaction.multiplicity, Felt::ONE);
                assert!(inputs.insert(payload[0], lanes(&payload)).is_none());
            }
            "KeccakOutput" => {
                assert_eq!(interaction.multiplicity, Felt::ONE);
                assert!(outputs.insert(payload[0], lanes(&payload)).is_none());
            }
            _ => {
                let sends = name == "SpongeEnd";
                let expected_count = if sends { Felt::ONE } else { Felt::NEG_ONE };
                assert_eq!(interaction.multiplicity, expected_count);
                assert!(expected.remove(&(name, payload)).is_some());
            }
        }
    }
    assert!(expected.is_empty());
    assert_eq!(inputs.len(), outputs.len());
    assert!(
        inputs
            .iter()
            .all(|(id, input)| outputs[id] == permute(input))
    );
}

#[test]
fn digests_agree_with_alloy_for_many_lengths() {
    let by_bytes = (0..=300).map(|length| request(length as u64, length, false));
    let by_limbs = (0..=300)
        .step_by(4)
        .map(|length| request(1000 + length as u64, length, true));
    assert_messages(&by_bytes.chain(by_limbs).collect::<Vec<_>>());
}

#[test]
fn digests_agree_with_alloy_for_long_strings() {
    assert_messages(&[
        request(0, 10_007, false),
        request(1, 136 * 20, true),
        request(2, 136 * 20, false),
    ]);
}

#[test]
fn no_strings_are_fine() {
    let report = report(&[], generate(&[]).unwrap(), keccak_f::generate(&[])).unwrap();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn rows_are_as_announced() {
    for length in [0, 1, 135, 136, 271, 272] {
        let sponge = generate(&[request(0, length, false)]).unwrap();
        assert_eq!(sponge.height(), ROWS_PER_BLOCK * blocks(length));
    }
}

#[test]
fn limbs_must_be_whole() {
    let refused = generate(&[request(0, 6, true)]);
    assert!(matches!(refused, Err(crate::Error::Events(_))));
}

#[test]
fn width_and_degrees() {
    let table: &dyn AnyTable = &KeccakSponge;
    assert_eq!(table.column_names().len(), 103);
    assert_eq!(table.fixed_names().len(), 6);
    let symbolic = SymbolicTable::of(table);
    assert_eq!(symbolic.collected.interactions.len(), 24);
    assert_eq!(symbolic.excessive_degrees(), vec![]);
}
