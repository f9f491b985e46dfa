//! Opening a block writes the hash of the block before it.

use braid_stark::Felt;
use braid_stark::check::interactions_of;
use plonky2::field::types::{Field, PrimeField64};

use super::BlockTable;
use super::tests::{assert_forgery, chunks, filled, parent_hash};
use crate::bus::tag;
use crate::event::{ChunkEvents, NumberedHash, ParentHashEvent};
use crate::state_hash::{EMPTY, HashInput, block_hash_key, block_hash_value};
use crate::tables::test_support::ranges_hold;

#[test]
fn forged_hashes_of_parents_fail() {
    let [idle, opening, _, running, _] = chunks();
    // Under the index of another number.
    assert_forgery(&opening, "block/parent index", |row| {
        row.parent_key.index += Felt::ONE
    });
    assert_forgery(&opening, "block/parent present", |row| {
        row.parent_present = Felt::TWO
    });
    assert_forgery(&opening, "block/parent absent", |row| {
        row.parent_present = Felt::ZERO
    });
    // A second time in the same block, or without one.
    for chunk in [&idle, &running] {
        assert_forgery(chunk, "block/parent unused", |row| {
            row.parent_after.value[0] = Felt::ONE
        });
        assert_forgery(chunk, "block/parent unused", |row| {
            row.parent_present = Felt::ONE
        });
    }
}

/// What the row says to `tree` and `poseidon`, and that its lookups are true.
fn said_of_parent(chunk: &ChunkEvents) -> Vec<(&'static str, Vec<u64>)> {
    let said = interactions_of(&BlockTable, &filled(chunk));
    assert!(ranges_hold(&said));
    let said = said.into_iter().map(|(_, said)| said);
    let said = said.filter(|said| [tag::TreeUpdate, tag::Poseidon].contains(&said.message.tag));
    said.map(|said| {
        assert_eq!(said.multiplicity, Felt::ONE);
        let payload = said.message.payload.iter().map(|x| x.to_canonical_u64());
        (said.message.tag.name, payload.collect())
    })
    .collect()
}

#[test]
fn opening_writes_the_hash_of_the_block_before() {
    let [idle, opening, whole, running, sealing] = chunks();
    for chunk in [idle, running, sealing] {
        assert_eq!(said_of_parent(&chunk), vec![]);
    }
    let hashed = |input: HashInput| {
        let state = input.state().map(|x| x.to_canonical_u64());
        ("Poseidon", [&state[..], &input.digest()].concat())
    };
    // The start's block has number 5; a number whose every byte is another one tells parts of the index apart.
    for number in [5, 0x0123_4567_89ab_cdef] {
        for before in [EMPTY, parent_hash().before] {
            for mut chunk in [opening.clone(), whole.clone()] {
                chunk.start.block.number = number;
                chunk.parent_hash = Some(ParentHashEvent {
                    before,
                    ..parent_hash()
                });
                let hash = chunk.start.block_hash;
                let digest = HashInput::block_hash(hash);
                let value = block_hash_value(&NumberedHash { number, hash });
                let key = block_hash_key(number);
                let present = u64::from(before != EMPTY);
                let update = [&[0], &key[..], &[present], &before, &[1], &value].concat();
                let mut expected = vec![
                    hashed(HashInput::block_hash_key(number % 256)),
                    hashed(digest),
                    hashed(HashInput::numbered_hash(digest.digest(), number)),
                    ("TreeUpdate", update),
                ];
                let mut said = said_of_parent(&chunk);
                expected.sort();
                said.sort();
                assert_eq!(said, expected);
            }
        }
    }
}
