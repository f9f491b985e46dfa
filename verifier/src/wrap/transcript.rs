//! The transcript of wrapped proofs: one Keccak call for each message, however long it is.
//!
//! plonky2's challenger is a duplex sponge over a "permutation" of fixed width: it overwrites the first elements of
//! the state with what it observed, permutes, and reads challenges from the result. [`Transcript`] stands in for that
//! permutation, with a rate so large that whatever is observed between two challenges goes in at once:
//!
//! ```text
//! digest' = keccak256(0x01 ‖ digest ‖ word_0 ‖ ... ‖ word_(n-1))     words of 8 bytes, big-endian, below p; n >= 0
//! challenges of digest' = (first 16 bytes mod p, last 16 bytes mod p)
//! ```
//!
//! This is a hash chain. Each digest binds all messages before it, in order, with their lengths: the first 33 bytes have
//! a fixed length and Keccak's own padding binds the number of words. A challenge is 128 bits modulo p, whose distance from uniform
//! is below 2^-64. The tag keeps transcripts apart from Merkle leaves (tag 0x00) and nodes (64 bytes, whereas this has
//! 33 + 8 n); see [`super::hasher`]. In the random-oracle model for Keccak it is therefore a sound Fiat-Shamir
//! transform, as the duplex sponge would be.

use core::array;

use keccak::Keccak;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::hashing::PlonkyPermutation;

use crate::config::F;

/// Words that one Keccak call takes at most; plonky2's challenger starts another call after so many. No message of a
/// wrapped proof is as long, which [`super::WrapKey`] checks.
pub const MOST_WORDS: usize = 1024;

/// First byte of what a transcript hashes.
pub const TRANSCRIPT_TAG: u8 = 0x01;

/// Bytes that Keccak-256 absorbs before each permutation.
const SPONGE_BYTES: usize = 136;

/// Keccak-256 in progress. Copying one is what makes the search for a proof of work cheap: the message before the
/// candidate is absorbed only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sponge {
    lanes: [u64; 25],
    filled: usize,
}

impl Sponge {
    fn new() -> Self {
        Self {
            lanes: [0; 25],
            filled: 0,
        }
    }

    fn absorb(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.flip(self.filled, *byte);
            self.filled += 1;
            if self.filled == SPONGE_BYTES {
                self.permute();
            }
        }
    }

    fn flip(&mut self, position: usize, byte: u8) {
        self.lanes[position / 8] ^= u64::from(byte) << (8 * (position % 8));
    }

    fn permute(&mut self) {
        Keccak::new().with_f1600(|f1600| f1600(&mut self.lanes));
        self.filled = 0;
    }

    fn finish(mut self) -> [u8; 32] {
        self.flip(self.filled, 0x01);
        self.flip(SPONGE_BYTES - 1, 0x80);
        self.permute();
        let mut digest = [0; 32];
        for (bytes, lane) in digest.chunks_exact_mut(8).zip(self.lanes) {
            bytes.copy_from_slice(&lane.to_le_bytes());
        }
        digest
    }
}

/// What plonky2's challenger takes for a permutation: see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Has absorbed the tag, the digest so far, and `words` words.
    sponge: Sponge,
    words: usize,
    /// In the order in which the challenger takes them, last one first.
    challenges: [F; 2],
}

impl Transcript {
    /// Continues from a digest; the first one is zero.
    fn after(digest: [u8; 32]) -> Self {
        let mut sponge = Sponge::new();
        sponge.absorb(&[TRANSCRIPT_TAG]);
        sponge.absorb(&digest);
        let (halves, _) = digest.as_chunks::<16>();
        let challenges = array::from_fn(|i| {
            F::from_noncanonical_u128(u128::from_be_bytes(halves[halves.len() - 1 - i]))
        });
        Self {
            sponge,
            words: 0,
            challenges,
        }
    }

    fn absorb(&mut self, word: F) {
        self.sponge.absorb(&word.to_canonical_u64().to_be_bytes());
        self.words += 1;
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::after([0; 32])
    }
}

impl AsRef<[F]> for Transcript {
    fn as_ref(&self) -> &[F] {
        &self.challenges
    }
}

/// As plonky2's challenger uses it: a whole message from element 0 on, at most one more element after it (the candidate
/// for the proof of work), then the permutation. Messages cannot be overwritten in part.
impl PlonkyPermutation<F> for Transcript {
    const RATE: usize = MOST_WORDS;
    const WIDTH: usize = MOST_WORDS + 4;

    /// The state before any message; the challenger only asks for all zeros.
    fn new<I: IntoIterator<Item = F>>(_elements: I) -> Self {
        Self::default()
    }

    fn set_elt(&mut self, element: F, position: usize) {
        assert_eq!(position, self.words, "words are absorbed in order");
        self.absorb(element);
    }

    fn set_from_iter<I: IntoIterator<Item = F>>(&mut self, elements: I, start: usize) {
        for (offset, element) in elements.into_iter().take(Self::RATE).enumerate() {
            self.set_elt(element, start + offset);
        }
    }

    fn set_from_slice(&mut self, elements: &[F], start: usize) {
        self.set_from_iter(elements.iter().copied(), start);
    }

    fn permute(&mut self) {
        *self = Self::after(self.sponge.finish());
    }

    fn squeeze(&self) -> &[F] {
        &self.challenges
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::keccak256;
    use plonky2::field::types::Field64;
    use plonky2::iop::challenger::Challenger;

    use super::*;
    use crate::wrap::hasher::EvmHash;

    #[test]
    fn the_sponge_is_keccak() {
        for length in [0, 1, 33, 135, 136, 137, 271, 272, 273, 5000] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 7 + 3) as u8).collect();
            let mut sponge = Sponge::new();
            sponge.absorb(&bytes);
            assert_eq!(sponge.finish(), keccak256(&bytes).0, "{length} bytes");
        }
    }

    fn step(digest: [u8; 32], words: &[u64]) -> [u8; 32] {
        let mut bytes = vec![1];
        bytes.extend(digest);
        bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        keccak256(bytes).0
    }

    fn challenge(half: &[u8]) -> F {
        let order = u128::from(F::ORDER);
        let number = u128::from_be_bytes(half.try_into().unwrap());
        F::from_canonical_u64((number % order) as u64)
    }

    /// The chain as a contract computes it, against plonky2's challenger.
    #[test]
    fn challenges_are_as_documented() {
        let mut challenger = Challenger::<F, EvmHash>::new();
        let words: Vec<u64> = (0..700).map(|i| i << 50).collect();
        for word in &words {
            challenger.observe_element(F::from_canonical_u64(*word));
        }
        let first = step([0; 32], &words);
        let second = step(first, &[]);
        let got = challenger.get_n_challenges(3);
        let expected = [&first[..16], &first[16..], &second[..16]].map(challenge);
        assert_eq!(got, expected);
        // A message drops the rest of the challenges.
        challenger.observe_element(F::NEG_ONE);
        let third = step(second, &[F::ORDER - 1]);
        let got = challenger.get_n_challenges(2);
        assert_eq!(got, [&third[..16], &third[16..]].map(challenge));
    }

    /// Elements whose representation is not canonical are the same message.
    #[test]
    fn words_are_canonical() {
        let observe = |element: F| {
            let mut challenger = Challenger::<F, EvmHash>::new();
            challenger.observe_element(element);
            challenger.get_challenge()
        };
        let (plain, strange) = (
            F::from_canonical_u64(5),
            F::from_noncanonical_u64(F::ORDER + 5),
        );
        assert_eq!(observe(plain), observe(strange));
    }

    #[test]
    fn messages_are_bound_with_their_lengths() {
        let digest = |messages: &[&[u64]]| {
            let mut transcript = Transcript::default();
            for message in messages {
                transcript
                    .set_from_iter(message.iter().map(|word| F::from_canonical_u64(*word)), 0);
                transcript.permute();
            }
            transcript.squeeze().to_vec()
        };
        let different: [&[&[u64]]; 7] = [
            &[],
            &[&[]],
            &[&[0]],
            &[&[0, 0]],
            &[&[0], &[0]],
            &[&[1, 2]],
            &[&[2, 1]],
        ];
        for (i, left) in different.iter().enumerate() {
            for right in &different[i + 1..] {
                assert_ne!(digest(left), digest(right));
            }
        }
    }
}
