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

/// How many of an ABI word's lowest limbs are not constant, for each word in order: two of a number below 2^64, one of the rules, all of a hash, none of version,
/// message root and deposit chain.
const FREE_LIMBS: [usize; ABI_WORDS] = [0, 2, 1, 8, 8, 8, 8, 2, 2, 0, 0];

/// Positions among the 88 limbs of the statement of those that are not constant, in ascending order: the wrap circuit has them in
/// its rows 0, 1, ...
pub fn bound_limbs() -> impl Iterator<Item = usize> {
    FREE_LIMBS.into_iter().enumerate().flat_map(|(word, free)| {
        (WORD_LIMBS - free..WORD_LIMBS).map(move |limb| WORD_LIMBS * word + limb)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::public_values::tests::sample;
    use crate::public_values::{STATEMENT_LIMBS, STATEMENT_VERSION};
    use braid_text::Rules;
    use plonky2::field::types::PrimeField64;

    #[test]
    fn every_limb_is_bound_or_constant() {
        let bound: Vec<usize> = bound_limbs().collect();
        assert_eq!(bound.len(), 39);
        assert!(bound.is_sorted());
        // The low limbs of chain id, rules, and of the numbers of the blocks.
        for limb in [14, 15, 23, 62, 63, 70, 71] {
            assert!(bound.contains(&limb), "{limb}");
        }
        let constant = constant_limbs(STATEMENT_VERSION).map(|(limb, _)| limb);
        let mut all: Vec<usize> = constant.chain(bound).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..STATEMENT_LIMBS));
    }

    /// What is taken to be constant is so, whatever else a statement says.
    #[test]
    fn constant_limbs_are_those_of_statements() {
        for rules in Rules::ALL {
            let values = PublicValues { rules, ..sample() };
            let limbs = values.to_limbs();
            for (limb, value) in constant_limbs(STATEMENT_VERSION) {
                assert_eq!(limbs[limb].to_canonical_u64(), u64::from(value), "{limb}");
            }
        }
    }
}
