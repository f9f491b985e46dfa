//! How a wrapped proof is bound to its statement.

use alloy_primitives::keccak256;
use plonky2::field::types::Field;

use super::hasher::Digest;
use crate::config::F;
use crate::public_values::{ABI_WORDS, PublicValues};
use plonky2::plonk::config::GenericHashOut;

/// Public inputs of the wrap circuit: the statement's digest.
pub const DIGEST_WORDS: usize = 4;

/// Bits of the statement's digest: of each word the top one is cleared.
pub const DIGEST_BITS: u32 = 63 * DIGEST_WORDS as u32;

/// Limbs of 32 bits in an ABI word.
const WORD_LIMBS: usize = 8;

/// The ABI words that are numbers below 2^64.
const NUMBERS: [usize; 3] = [1, 6, 7];
/// The ABI words of which all bits are free.
const HASHES: [usize; 4] = [2, 3, 4, 5];

/// Positions among the 80 limbs of the statement of those that are not constant, in ascending order: the wrap circuit has them in
/// its rows 0, 1, ...
pub fn bound_limbs() -> impl Iterator<Item = usize> {
    (0..ABI_WORDS).flat_map(|word| {
        let free = if HASHES.contains(&word) {
            0
        } else if NUMBERS.contains(&word) {
            WORD_LIMBS - 2
        } else {
            WORD_LIMBS
        };
        (free..WORD_LIMBS).map(move |limb| WORD_LIMBS * word + limb)
    })
}

/// Positions and values of the other limbs: zero, but for the version.
pub fn constant_limbs(version: u32) -> impl Iterator<Item = (usize, u32)> {
    let bound: Vec<usize> = bound_limbs().collect();
    (0..WORD_LIMBS * ABI_WORDS)
        .filter(move |limb| !bound.contains(limb))
        .map(move |limb| (limb, if limb == WORD_LIMBS - 1 { version } else { 0 }))
}

/// The wrap circuit's public inputs: `keccak256` of the statement's ABI encoding, of each of whose four words the top bit is
/// cleared, so that each is a field element.
pub fn statement_digest(values: &PublicValues) -> [F; DIGEST_WORDS] {
    let mut digest = Digest(keccak256(values.abi_encode()).0);
    for word in digest.0.chunks_exact_mut(8) {
        word[0] &= 0x7f;
    }
    let mut elements = [F::ZERO; DIGEST_WORDS];
    for (to, from) in elements.iter_mut().zip(digest.to_vec()) {
        *to = from;
    }
    elements
}
