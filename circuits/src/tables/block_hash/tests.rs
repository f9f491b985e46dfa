use alloy_primitives::{B256, U256, keccak256};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Trace};
use plonky2::field::types::Field;

use super::{BlockHashTable, generate};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::event::opcode::{BLOCKHASH, NUMBER};
use crate::event::{BlockHashEvent, NumberedHash, TreePath};
use crate::state_hash::{Digest, EMPTY, HashInput, block_hash_key, block_hash_value};
use crate::tables::compute::Operation;
use crate::tables::test_support::{compute, findings_among, padded};

/// Updates of the tree that come before.
const FIRST_STEP: u64 = 9;

/// Blocks are asked for while this one is open.
pub(super) const OPEN: u64 = 0x1_0000_0102;

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}

pub(super) fn hash_of(number: u64) -> B256 {
    match number % 100 {
        // The block behind which a chain begins may have the hash zero.
        3 => B256::ZERO,
        _ => keccak256(number.to_be_bytes()),
    }
}

/// What is asked for: the parent, the oldest block with a leaf, one with the hash zero, the open block, the one before the oldest, those whose number differs in another limb, and one whose leaf is not there.
pub(super) fn asked() -> Vec<U256> {
    let zero = (OPEN - 256..OPEN)
        .find(|number| number % 100 == 3)
        .expect("a block");
    let low = [
        OPEN - 1,
        OPEN - 256,
        zero,
        OPEN,
        OPEN - 257,
        OPEN - 2 - (1 << 32),
        OPEN - 100,
    ];
    let mut asked: Vec<U256> = low.into_iter().map(U256::from).collect();
    let lowest = U256::from(OPEN - 5);
    asked.extend([64, 192, 255].map(|bit| lowest + (U256::ONE << bit)));
    asked.push(U256::MAX);
    asked.sort();
    asked
}

/// The leaf that the tree has for a number.
fn leaf_for(asked: U256) -> Option<NumberedHash> {
    let number = (OPEN - 256..OPEN).find(|number| number % 256 == asked.as_limbs()[0] % 256)?;
    let hash = hash_of(number);
    (number != OPEN - 100).then_some(NumberedHash { number, hash })
}

/// The answer, by the rule of the Yellow Paper.
fn answer(asked: U256) -> B256 {
    let earlier = (OPEN - 256..OPEN).filter(|number| *number != OPEN - 100);
    let mut known = earlier.filter(|number| U256::from(*number) == asked);
    known.next().map_or(B256::ZERO, hash_of)
}

fn events() -> Vec<BlockHashEvent> {
    let path = TreePath {
        siblings: Vec::new(),
        neighbour: None,
        sibling_children: None,
    };
    let event = |asked| BlockHashEvent {
        asked,
        leaf: leaf_for(asked),
        path: path.clone(),
    };
    asked().into_iter().map(event).collect()
}

/// How often a number is asked for, by its place.
fn times(place: usize) -> usize {
    1 + place % 3
}

fn claims() -> Vec<Operation> {
    let claims = asked().into_iter().enumerate().flat_map(|(place, a)| {
        let operation = Operation {
            opcode: BLOCKHASH,
            a,
            b: U256::ZERO,
        };
        vec![operation; times(place)]
    });
    let other = Operation {
        opcode: NUMBER,
        a: U256::ZERO,
        b: U256::ZERO,
    };
    claims.chain([other]).collect()
}

pub(super) fn place_of(asked: u64) -> usize {
    let found = self::asked()
        .into_iter()
        .position(|it| it == U256::from(asked));
    found.expect("a number that is asked for")
}

pub(super) fn rows() -> Trace {
    let rows = generate(&events(), claims().into_iter(), FIRST_STEP).expect("rows");
    padded(&BlockHashTable, &rows)
}

fn hashed(input: HashInput) -> (Felt, Message<Felt>) {
    let claim = Message::Poseidon {
        input: input.state(),
        output: felts(input.digest()),
    };
    (Felt::NEG_ONE, claim)
}

/// What steps, the tree and `poseidon` say.
pub(super) fn others() -> Vec<(Felt, Message<Felt>)> {
    let mut said = Vec::new();
    for (place, asked) in asked().into_iter().enumerate() {
        let claim = compute(BLOCKHASH, asked, U256::ZERO, answer(asked).into());
        said.push((Felt::from_canonical_usize(times(place)), claim));
        let lowest = asked.as_limbs()[0];
        said.push(hashed(HashInput::block_hash_key(lowest)));
        let leaf = leaf_for(asked);
        if let Some(leaf) = leaf {
            let hash = HashInput::block_hash(leaf.hash);
            said.push(hashed(hash));
            said.push(hashed(HashInput::numbered_hash(hash.digest(), leaf.number)));
        }
        let value = leaf.as_ref().map_or(EMPTY, block_hash_value);
        let present = Felt::from_bool(leaf.is_some());
        let update = Message::TreeUpdate {
            step: Felt::from_canonical_u64(FIRST_STEP + place as u64),
            key: felts(block_hash_key(lowest)),
            present_before: present,
            before: felts(value),
            present_after: present,
            after: felts(value),
        };
        said.push((Felt::NEG_ONE, update));
    }
    said
}

#[test]
fn what_is_known_is_told_and_all_else_is_zero() {
    let answers: Vec<B256> = asked().into_iter().map(answer).collect();
    let zeros = answers.iter().filter(|answer| answer.is_zero()).count();
    assert_eq!((answers.len(), zeros), (11, 9));
    let events = events();
    let told: Vec<B256> = events.iter().map(BlockHashEvent::answer).collect();
    assert_eq!(told, answers);
    let found = findings_among(&BlockHashTable, &rows(), others());
    assert!(found.is_empty(), "{found:?}");
    let none = padded(
        &BlockHashTable,
        &generate(&[], [].into_iter(), 0).expect("no rows"),
    );
    assert!(findings_among(&BlockHashTable, &none, []).is_empty());
    assert_eq!(SymbolicTable::of(&BlockHashTable).excessive_degrees(), []);
}

#[test]
fn every_column_is_bound() {
    let used: Vec<_> = (0..asked().len()).collect();
    let loose = unnoticed_columns(&BlockHashTable, &rows(), &used, &[tag::U16, tag::U8]);
    assert_eq!(loose, Vec::<String>::new());
}

#[test]
fn events_that_are_not_what_is_asked_for_are_errors() {
    let good = events();
    let refused = |events: &[BlockHashEvent]| {
        let rows = generate(events, claims().into_iter(), 0);
        assert!(matches!(rows, Err(Error::Events(_))));
    };
    refused(&good[1..]);
    refused(&[&good[..1], &good[..]].concat());
    let mut swapped = good.clone();
    swapped.swap(0, 1);
    refused(&swapped);
    let mut other = good;
    other[2].asked += U256::ONE;
    refused(&other);
}
