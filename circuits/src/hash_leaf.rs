//! Leaves of the state tree that hold hashes of blocks: what tables hash of them ([`crate::state_hash::block_hash_value`]).

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::bus::Message;
use crate::event::NumberedHash;
use crate::state_hash::{Digest, Domain, HashInput, RATE, WIDTH, block_hash_index, block_hash_key};
use crate::word::{U64Limbs, Word};

braid_stark::columns! {
    /// The leaf for a number.
    pub struct LeafKey<T> {
        /// The number modulo 256.
        pub index: T,
        /// The other 24 bits of its lowest limb: 16 and 8.
        pub rest: [T; 2],
        /// The leaf's key in the state tree.
        pub key: [T; 4],
    }
}

braid_stark::columns! {
    /// What a leaf holds, hashed.
    pub struct LeafValue<T> {
        /// Digest of the hash of the block.
        pub digest: [T; 4],
        /// Value hash of the leaf.
        pub value: [T; 4],
    }
}

fn claim<B: ConstraintBuilder>(
    builder: &mut B,
    domain: Domain,
    elements: [B::X; RATE],
    output: [B::X; 4],
    flag: B::X,
) {
    let mut input = [B::X::zero(); WIDTH];
    for (cell, element) in input.iter_mut().zip(elements) {
        *cell = element;
    }
    input[RATE] = B::X::from_u64(domain as u64);
    builder.send(Message::Poseidon { input, output }, flag);
}

/// Where `flag` is 1: `key` is that of the number whose lowest limb, below 2^32 as the caller vouches, is `limb`.
///
/// There is one way to cut the limb: its parts are looked up, and 2^32 is below the field's order.
pub fn claim_key<B: ConstraintBuilder>(
    builder: &mut B,
    label: &'static str,
    leaf: &LeafKey<B::X>,
    limb: B::X,
    flag: B::X,
) {
    let [low, high] = leaf.rest;
    let parts = leaf.index + low.scale(1 << 8) + high.scale(1 << 24);
    builder.assert_eq_when(label, flag, limb, parts);
    for value in [leaf.index, high] {
        builder.send(Message::U8 { value }, flag);
    }
    builder.send(Message::U16 { value: low }, flag);
    let mut elements = [B::X::zero(); RATE];
    elements[0] = leaf.index;
    claim(builder, Domain::BlockHashKey, elements, leaf.key, flag);
}

/// Where `flag` is 1: `value` is the value hash of a leaf with this number and hash.
pub fn claim_value<B: ConstraintBuilder>(
    builder: &mut B,
    leaf: &LeafValue<B::X>,
    number: U64Limbs<B::X>,
    hash: Word<B::X>,
    flag: B::X,
) {
    claim(builder, Domain::BlockHash, hash, leaf.digest, flag);
    let [a, b, c, d] = leaf.digest;
    let [low, high] = number;
    let zero = B::X::zero();
    let elements = [a, b, c, d, low, high, zero, zero];
    claim(builder, Domain::NumberedHash, elements, leaf.value, flag);
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}

impl LeafKey<Felt> {
    /// Of a number, of which only the lowest 32 bits count.
    pub fn of(number: u64) -> Self {
        Self {
            index: Felt::from_canonical_u64(block_hash_index(number)),
            rest: [(number >> 8) & 0xffff, (number >> 24) & 0xff].map(Felt::from_canonical_u64),
            key: felts(block_hash_key(number)),
        }
    }
}

impl LeafValue<Felt> {
    /// Of a leaf.
    pub fn of(leaf: &NumberedHash) -> Self {
        let digest = HashInput::block_hash(leaf.hash).digest();
        Self {
            digest: felts(digest),
            value: felts(HashInput::numbered_hash(digest, leaf.number).digest()),
        }
    }
}
