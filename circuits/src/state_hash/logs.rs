//! Hashes of logs: of their data, and the chain over the logs of a block.
//!
//! Both take in words of 32 bytes, one permutation each: the digest so far, then the word as four numbers of 64 bits. Such a number need not be below the field's order `p = 2^64 - 2^32 + 1`, so each comes with a bit that
//! tells whether its high half is full, `2^32 - 1`. If not, it is below `p`, and is its own remainder; if it is, the remainder is its low half minus 1, which tells that half. So bits and remainders tell the word.
//! The four bits are added to the domain, which has 16 numbers of its own for that: every input of the permutation has one meaning, and a digest with two meanings is a collision, as everywhere in [`crate::state_hash`].

use alloy_primitives::{Address, B256, U256};
use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::poseidon::Poseidon;

use super::{Digest, Domain, HashInput, RATE};
use braid_stark::Felt;

/// Numbers of 64 bits in a word, and halves that may be full.
pub const WORD_NUMBERS: usize = 4;

/// The digest after one more word.
pub fn log_word(so_far: Digest, word: U256) -> Digest {
    let numbers = *word.as_limbs();
    let is_full = |number: &u64| u64::from(number >> 32 == u64::from(u32::MAX));
    let full = numbers.iter().rev();
    let full = full.fold(0, |bits, number| (bits << 1) | is_full(number));
    // Those that are not below the order are reduced here.
    let mut state = HashInput::pair(Domain::LogWord, so_far, numbers).state();
    state[RATE] += Felt::from_canonical_u64(full);
    let output = Felt::poseidon(state);
    core::array::from_fn(|i| output[i].to_canonical_u64())
}

/// Digest of a log's data: starts from `(length in bytes, 0, 0, 0)` and takes in the words of 32 bytes, the last one filled up with zeros. The length comes first, so that no data is the start of other data; a digest that is such a start is a
/// preimage. No data has the digest zero.
pub fn log_data(data: &[u8]) -> Digest {
    let start = [data.len() as u64, 0, 0, 0];
    data.chunks(32).fold(start, |so_far, bytes| {
        let mut word = [0; 32];
        word[..bytes.len()].copy_from_slice(bytes);
        log_word(so_far, U256::from_be_bytes(word))
    })
}

/// The digest from which a log goes on: the chain before it, and the digest of its data.
pub fn log_start(chain: Digest, data: Digest) -> Digest {
    HashInput::pair(Domain::Log, chain, data).digest()
}

/// The word that says who logs, and with how many topics: `count * 2^160 + address`.
pub fn log_name(address: Address, topics: usize) -> U256 {
    let address = U256::from_be_bytes(address.into_word().0);
    (U256::from(topics) << 160) | address
}

/// The chain over logs after one more: [`log_start`], then the words [`log_name`] and the topics.
///
/// The last hash is that of a word. Going back from it, words come to the name after its topics and to the start before it: which of the two a digest is follows from the domain of the hash that it comes from. So a chain tells its logs, each with the chain before it.
pub fn log_chain(chain: Digest, address: Address, topics: &[B256], data: Digest) -> Digest {
    let named = log_word(log_start(chain, data), log_name(address, topics.len()));
    topics.iter().fold(named, |so_far, topic| {
        log_word(so_far, U256::from_be_bytes(topic.0))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use alloy_primitives::{address, keccak256};

    use super::*;
    use crate::state_hash::EMPTY;

    const FULL: u64 = 0xffff_ffff_0000_0000;

    #[test]
    fn data_is_bound_with_its_length() {
        let mut seen = HashSet::new();
        for length in 0..100 {
            assert!(seen.insert(log_data(&vec![0; length])), "{length} zeros");
        }
        let data: Vec<u8> = (0..70).collect();
        for position in 0..data.len() {
            let mut other = data.clone();
            other[position] ^= 0x80;
            assert!(seen.insert(log_data(&other)), "byte {position}");
        }
        assert_eq!(log_data(&[]), EMPTY);
    }

    #[test]
    fn numbers_with_the_same_remainder_are_told_apart() {
        let order = 0xffff_ffff_0000_0001;
        let mut seen = HashSet::new();
        for number in [
            0,
            1,
            5,
            FULL - 1,
            FULL,
            order,
            order + 1,
            order + 5,
            u64::MAX,
        ] {
            for place in 0..WORD_NUMBERS {
                let mut numbers = [7; WORD_NUMBERS];
                numbers[place] = number;
                let word = U256::from_limbs(numbers);
                assert!(seen.insert(log_word([1, 2, 3, 4], word)), "{word:x}");
            }
        }
    }

    /// By the permutation itself.
    #[test]
    fn a_word_is_one_permutation() {
        let numbers = [FULL + 3, 8, u64::MAX, FULL - 1];
        let state = [1, 2, 3, 4, 2, 8, 0xffff_fffe, FULL - 1, 16 + 1 + 4, 0, 0, 0];
        let output = Felt::poseidon(state.map(Felt::from_canonical_u64));
        let digest = log_word([1, 2, 3, 4], U256::from_limbs(numbers));
        assert_eq!(
            digest.map(Felt::from_canonical_u64)[..],
            output[..4],
            "{digest:?}"
        );
    }

    #[test]
    fn every_part_of_a_log_counts() {
        let who = address!("ffffffffddccbbaaffffffff7766554433221100");
        let topics: Vec<B256> = (0..4u8).map(|seed| keccak256([seed])).collect();
        let data = log_data(b"data");
        let chain = |before, who, topics: &[B256], data| log_chain(before, who, topics, data);
        let mut seen = HashSet::new();
        for count in 0..=4 {
            assert!(seen.insert(chain(EMPTY, who, &topics[..count], data)));
        }
        assert!(seen.insert(chain([1, 0, 0, 0], who, &topics, data)));
        assert!(seen.insert(chain(EMPTY, Address::ZERO, &topics, data)));
        assert!(seen.insert(chain(EMPTY, who, &topics, log_data(b"data\0"))));
        // The same words as topics, in other places.
        for other in [[1, 0, 2, 3], [0, 1, 3, 2], [0, 0, 1, 2]] {
            let topics = other.map(|index| topics[index]);
            assert!(seen.insert(chain(EMPTY, who, &topics, data)));
        }
        // A log of a zero topic is no log without topics.
        assert!(seen.insert(chain(EMPTY, who, &[B256::ZERO], data)));
        let once = chain(EMPTY, who, &[], data);
        assert!(seen.insert(chain(once, who, &[], data)));
    }
}
