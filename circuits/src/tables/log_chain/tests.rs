use alloy_primitives::{Address, B256, U256, address, keccak256};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::{Felt, Message as BusMessage, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::poseidon::Poseidon;

use super::{LogChain, generate};
use crate::bus::{Message, tag};
use crate::state_hash::logs::{log_chain, log_data};
use crate::state_hash::{Digest, WIDTH};
use crate::word::{self, hash_word};

/// Addresses with halves of the word of theirs that are full, one or both, and limbs that are no halves.
const ADDRESSES: [Address; 4] = [
    address!("00000001ffffffff00000002ffffffff00000003"),
    address!("00000001ffffffff000000020000000400000003"),
    address!("0000000100000005ffffffffffffffffffffffff"),
    address!("ffffffff00000005ffffffff00000004ffffffff"),
];

const START: Digest = [5, 6, 7, 8];

/// As many topics as the place of the address among [`ADDRESSES`] says, the last one all ones.
fn topics(place: usize) -> Vec<B256> {
    let mut topics: Vec<_> = (0..place).map(|seed| keccak256([seed as u8])).collect();
    if let Some(last) = topics.last_mut() {
        *last = B256::from(U256::MAX);
    }
    topics
}

fn data(place: usize) -> Digest {
    log_data(&vec![1; 20 * place])
}

/// What `log` says, the last log first.
fn records() -> Vec<BusMessage<Felt>> {
    let record = |place: usize| {
        let topics = topics(place);
        let topic = |index: usize| {
            topics
                .get(index)
                .copied()
                .map(hash_word)
                .unwrap_or_default()
        };
        Message::LogRecord {
            number: Felt::from_canonical_usize(place),
            address: word::address(ADDRESSES[place]),
            topics: Felt::from_canonical_usize(place),
            first: topic(0),
            second: topic(1),
            third: topic(2),
            fourth: topic(3),
            digest: data(place).map(Felt::from_canonical_u64),
        }
    };
    let places = (0..ADDRESSES.len()).rev();
    places.map(|place| record(place).into()).collect()
}

fn filled() -> Trace {
    let mut trace = generate(records().iter(), START).unwrap();
    LogChain.pad(&mut trace, 8);
    trace
}

#[test]
fn chains_are_those_of_the_native_hash() {
    let trace = filled();
    assert_eq!(check_table(&LogChain, &trace), []);
    let said = interactions_of(&LogChain, &trace).into_iter();
    let said = said.filter(|(_, said)| said.message.tag == tag::LogChain);
    let chains = said.map(|(_, said)| {
        let numbers = said.message.payload.iter();
        let numbers: Vec<_> = numbers.map(|x| x.to_canonical_u64()).collect();
        (said.multiplicity == Felt::ONE, numbers)
    });
    let mut chain = START;
    let mut expected = Vec::new();
    for (place, who) in ADDRESSES.into_iter().enumerate() {
        let number = place as u64;
        expected.push((false, [&[number][..], &chain].concat()));
        chain = log_chain(chain, who, &topics(place), data(place));
        expected.push((true, [&[number + 1][..], &chain].concat()));
    }
    assert_eq!(chains.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_claimed_of_hashes_is_true() {
    let said = interactions_of(&LogChain, &filled()).into_iter();
    let said = said.filter(|(_, said)| said.message.tag == tag::Poseidon);
    let mut claims = 0;
    for (row, said) in said {
        let (input, output) = said.message.payload.split_at(WIDTH);
        let expected = Felt::poseidon(input.try_into().unwrap());
        assert_eq!(output, &expected[..4], "row {row}");
        claims += 1;
    }
    // A start and a name for each, and topics.
    assert_eq!(claims, 2 * 4 + 1 + 2 + 3);
}

#[test]
fn records_that_are_none_are_refused() {
    let mut cut = records();
    cut[1].payload.truncate(20);
    assert!(generate(cut.iter(), START).is_err());
}
