use std::path::Path;

use alloy_primitives::{B256, keccak256};
use plonky2::field::types::{Field, Field64, PrimeField64};

use super::encoding::{decode, encode};
use super::*;
use crate::config::F;
use crate::security::PINNED_WRAP;
use crate::{Proof, ProofSecurity, PublicValues};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A real proof of a real block: `examples/proofs/README.md` says how it is made.
pub(super) fn sample() -> (WrapKey, WrappedProof) {
    let file = std::fs::read(root().join("examples/proofs/transfers.wrapped.json")).unwrap();
    (
        WrapKey::pinned().unwrap(),
        WrappedProof::from_json(&file).unwrap(),
    )
}

/// Where things are in the bytes, as `docs/on-chain.md` says, for the pinned key.
mod layout {
    pub const CAP: usize = 16 * 32;
    pub const OPENINGS: usize = 3 * CAP;
    pub const FRI_CAP: usize = OPENINGS + 16 * (47 + 80 + 15 + 24 + 3);
    pub const FINAL: usize = FRI_CAP + CAP;
    pub const QUERIES: usize = FINAL + 256 * 16 + 8;
    pub const LEAVES: usize = 8 * (47 + 80 + 15 + 24);
    pub const PATHS: usize = 4 * 16 * 32;
    pub const QUERY: usize = LEAVES + PATHS + 16 * 16 + 12 * 32;
    pub const END: usize = QUERIES + 10 * QUERY;

    /// Whether a byte belongs to a path, whose digests may have any value.
    pub fn is_path(position: usize) -> bool {
        let Some(in_queries) = position.checked_sub(QUERIES) else {
            return false;
        };
        let in_query = in_queries % QUERY;
        (LEAVES..LEAVES + PATHS).contains(&in_query) || in_query >= QUERY - 12 * 32
    }
}

#[test]
fn the_sample_is_a_proof() {
    let (key, proof) = sample();
    let values = verify_wrapped(&key, &proof).unwrap();
    let file = std::fs::read(root().join("examples/proofs/transfers.proof.json")).unwrap();
    assert_eq!(values, Proof::from_json(&file).unwrap().public_values);
    assert_eq!(key.security(), ProofSecurity::whole(PINNED_WRAP));
    assert_eq!(key.layer().conjectured() as u32, 100);
    assert_eq!(proof.proof.len(), layout::END);
    let read = decode(key.common(), &proof.proof).unwrap();
    assert_eq!(encode(&read).unwrap(), proof.proof.to_vec());
}

#[test]
fn the_pinned_key_survives_its_file_only_under_its_hash() {
    let key = WrapKey::pinned().unwrap();
    assert_eq!(key.hash(), PINNED_WRAP_KEY_HASH);
    assert_eq!(
        WrapKey::from_bytes(key.to_bytes(), key.hash()).unwrap(),
        key
    );
    assert_eq!(WrapKey::new(key.data().clone()).unwrap(), key);
    let mut bytes = key.to_bytes().to_vec();
    let error = WrapKey::from_bytes(&bytes, B256::ZERO).unwrap_err();
    assert!(error.is_wrong_key());
    for position in [0, 20, 100, bytes.len() - 1] {
        bytes[position] ^= 1;
        let error = WrapKey::from_bytes(&bytes, key.hash()).unwrap_err();
        assert!(error.is_wrong_key());
        let error = WrapKey::from_bytes(&bytes, super::key::hash_of(&bytes)).unwrap_err();
        assert!(error.is_malformed(), "{position}: {error}");
        bytes[position] ^= 1;
    }
    // Fewer queries are no wrap circuit, whoever vouches for the key.
    let mut weaker = key.data().clone();
    weaker.common.config.fri_config.num_query_rounds -= 1;
    weaker.common.fri_params.config.num_query_rounds -= 1;
    assert!(WrapKey::new(weaker).unwrap_err().is_malformed());
    let mut more = key.data().clone();
    more.common.num_public_inputs = 5;
    assert!(WrapKey::new(more).unwrap_err().is_malformed());
}

/// The transcript as the page describes it: the digest, and how many of its challenges are used.
pub(super) struct Chain(pub(super) [u8; 32], pub(super) usize);

impl Chain {
    pub(super) fn absorb(&mut self, bytes: &[u8]) {
        *self = Self(keccak256([&[1], &self.0[..], bytes].concat()).0, 0);
    }

    fn squeeze(&mut self) -> F {
        if self.1 == 2 {
            self.absorb(&[]);
        }
        let half: [u8; 16] = self.0[16 * self.1..][..16].try_into().unwrap();
        self.1 += 1;
        let order = u128::from(F::ORDER);
        F::from_canonical_u64((u128::from_be_bytes(half) % order) as u64)
    }

    pub(super) fn squeeze_many<const N: usize>(&mut self) -> [F; N] {
        core::array::from_fn(|_| self.squeeze())
    }
}

/// Every challenge from the bytes alone, the way a contract does it.
#[test]
fn the_transcript_is_as_documented() {
    let (key, proof) = sample();
    let bytes = &proof.proof;
    let cap = |index: usize| &bytes[layout::CAP * index..layout::CAP * (index + 1)];
    let parameters = [8u64, 4, 22, 0, 4, 10, 0, 12, 4];
    let parameters: Vec<u8> = parameters
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    let mut digest = keccak256(proof.public_values.abi_encode()).0;
    for byte in digest.iter_mut().step_by(8) {
        *byte &= 0x7f;
    }
    let mut chain = Chain([0; 32], 0);
    let circuit = key.data().verifier_only.circuit_digest.0;
    chain.absorb(&[&parameters, &circuit[..], &digest, cap(0)].concat());
    let betas: [F; 3] = chain.squeeze_many();
    let gammas: [F; 3] = chain.squeeze_many();
    chain.absorb(cap(1));
    let alphas: [F; 3] = chain.squeeze_many();
    chain.absorb(cap(2));
    let zeta: [F; 2] = chain.squeeze_many();
    chain.absorb(&bytes[layout::OPENINGS..layout::FRI_CAP]);
    let fri_alpha: [F; 2] = chain.squeeze_many();
    chain.absorb(&bytes[layout::FRI_CAP..layout::FINAL]);
    let fri_beta: [F; 2] = chain.squeeze_many();
    chain.absorb(&bytes[layout::FINAL..layout::QUERIES]);
    let [work] = chain.squeeze_many();
    let indices: [F; 10] = chain.squeeze_many();

    let inner = plonky2::plonk::proof::ProofWithPublicInputs {
        proof: decode(key.common(), bytes).unwrap(),
        public_inputs: statement_digest(&proof.public_values).to_vec(),
    };
    let digest = &key.data().verifier_only.circuit_digest;
    let expected = inner
        .get_challenges(inner.get_public_inputs_hash(), digest, key.common())
        .unwrap();
    assert_eq!(expected.plonk_betas, betas);
    assert_eq!(expected.plonk_gammas, gammas);
    assert_eq!(expected.plonk_alphas, alphas);
    assert_eq!(expected.plonk_zeta.0, zeta);
    assert_eq!(expected.fri_challenges.fri_alpha.0, fri_alpha);
    assert_eq!(expected.fri_challenges.fri_betas[0].0, fri_beta);
    assert_eq!(expected.fri_challenges.fri_pow_response, work);
    assert!(work.to_canonical_u64() < 1 << (64 - 22));
    let indices = indices.map(|index| (index.to_canonical_u64() % (1 << 20)) as usize);
    assert_eq!(expected.fri_challenges.fri_query_indices, indices);
}

#[test]
fn every_public_value_counts() {
    let (key, proof) = sample();
    for word in 0..crate::ABI_WORDS {
        for bit in [0, 31, 63, 64, 255] {
            let mut bytes = proof.public_values.abi_encode();
            bytes[32 * word + 31 - bit / 8] ^= 1 << (bit % 8);
            // Numbers of 2^64 and more are no public values at all, nor are those of no rules.
            let Ok(public_values) = PublicValues::abi_decode(&bytes) else {
                continue;
            };
            let forged = WrappedProof {
                public_values,
                ..proof.clone()
            };
            let error = verify_wrapped(&key, &forged).unwrap_err();
            let constant = [0, 9, 10].contains(&word);
            assert_eq!(error.is_malformed(), constant, "word {word}: {error}");
            assert_eq!(error.is_invalid_proof(), !constant, "word {word}: {error}");
        }
    }
}

#[test]
fn lengths_are_exact() {
    let (key, mut proof) = sample();
    let bytes = proof.proof.to_vec();
    for length in [
        0,
        1,
        7,
        8,
        layout::OPENINGS,
        layout::QUERIES,
        layout::END - 32,
        layout::END - 1,
    ] {
        proof.proof = bytes[..length].to_vec().into();
        assert!(
            verify_wrapped(&key, &proof).unwrap_err().is_malformed(),
            "{length}"
        );
    }
    for surplus in [1, 8, 32, 4016] {
        proof.proof = [&bytes[..], &vec![0; surplus]].concat().into();
        assert!(
            verify_wrapped(&key, &proof).unwrap_err().is_malformed(),
            "{surplus}"
        );
    }
}

/// Changes the words at `positions`, each in three ways.
fn change_words(positions: impl Iterator<Item = usize>) {
    let (key, mut proof) = sample();
    let honest = proof.proof.to_vec();
    for position in positions {
        let word = &honest[8 * position..8 * position + 8];
        let number = u64::from_be_bytes(word.try_into().unwrap());
        let path = layout::is_path(8 * position);
        // Another field element, and none.
        let other = if number == 0 { 1 } else { number - 1 };
        for (changed, malformed) in [(other, false), (u64::MAX, !path), (F::ORDER, !path)] {
            let mut bytes = honest.clone();
            bytes[8 * position..8 * position + 8].copy_from_slice(&changed.to_be_bytes());
            proof.proof = bytes.into();
            let error = verify_wrapped(&key, &proof).unwrap_err();
            assert_eq!(error.is_malformed(), malformed, "word {position}: {error}");
            assert_eq!(
                error.is_invalid_proof(),
                !malformed,
                "word {position}: {error}"
            );
        }
    }
}

#[test]
fn every_word_counts() {
    change_words(0..layout::END / 8);
}

/// Digests of a path that stand for the same field elements are other digests.
#[test]
fn paths_are_bytes() {
    let (key, mut proof) = sample();
    let mut bytes = proof.proof.to_vec();
    let position = layout::QUERIES + layout::LEAVES;
    bytes[position] ^= 0x80;
    proof.proof = bytes.into();
    assert!(verify_wrapped(&key, &proof).unwrap_err().is_invalid_proof());
}
