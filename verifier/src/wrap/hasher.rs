//! Hashes of wrapped proofs, laid out for the EVM.
//!
//! ```text
//! leaf = keccak256(0x00 ‖ word_0 ‖ ... ‖ word_(n-1))     words of 8 bytes, big-endian, below p: 1 + 8 n bytes
//! node = keccak256(left ‖ right)                         64 bytes
//! ```
//!
//! A leaf never has 64 bytes, so no leaf is a node; the transcript's inputs have another tag and 33 + 8 n bytes
//! ([`super::transcript`]). Leaves of any length are hashed, also those that plonky2 would take as they are.
//!
//! Digests in a Merkle cap enter the transcript as four words. A word of a digest can be p or more, though only
//! once in 2^32; as a field element it would then stand for another digest as well. [`Digest::is_canonical`] says
//! whether it does not, and verifiers refuse caps that have other digests.

use alloy_primitives::{Keccak256, keccak256};
use plonky2::field::extension::Extendable;
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::hash::hash_types::{HashOut, RichField};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::config::{AlgebraicHasher, GenericConfig, GenericHashOut, Hasher};
use serde::{Deserialize, Serialize};

use super::transcript::Transcript;
use crate::config::{C, D, F};

/// First byte of a Merkle leaf.
pub const LEAF_TAG: u8 = 0x00;

/// A Keccak-256 digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    fn words(&self) -> impl Iterator<Item = u64> {
        let (words, _) = self.0.as_chunks::<8>();
        words.iter().map(|word| u64::from_be_bytes(*word))
    }

    /// Whether each of the four big-endian words is below the field's order, so that the digest as field elements
    /// stands for itself only.
    pub fn is_canonical(&self) -> bool {
        self.words().all(|word| word < F::ORDER)
    }
}

impl GenericHashOut<F> for Digest {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// What is missing is zero, what is left over is ignored; plonky2 gives exactly 32 bytes.
    fn from_bytes(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self(digest)
    }

    fn to_vec(&self) -> Vec<F> {
        self.words().map(F::from_noncanonical_u64).collect()
    }
}

/// Hashes Merkle leaves and nodes of wrapped proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvmHash;

impl Hasher<F> for EvmHash {
    const HASH_SIZE: usize = 32;
    type Hash = Digest;
    type Permutation = Transcript;

    fn hash_no_pad(input: &[F]) -> Digest {
        let mut hasher = Keccak256::new();
        hasher.update([LEAF_TAG]);
        for element in input {
            hasher.update(element.to_canonical_u64().to_be_bytes());
        }
        Digest(hasher.finalize().0)
    }

    /// The length is bound as it is.
    fn hash_pad(input: &[F]) -> Digest {
        Self::hash_no_pad(input)
    }

    fn hash_or_noop(input: &[F]) -> Digest {
        Self::hash_no_pad(input)
    }

    fn two_to_one(left: Digest, right: Digest) -> Digest {
        let mut both = [0; 64];
        both[..32].copy_from_slice(&left.0);
        both[32..].copy_from_slice(&right.0);
        Digest(keccak256(both).0)
    }
}

/// The "hash" of the wrap circuit's public inputs: the public inputs themselves, of which there are at most four.
///
/// plonky2 hashes public inputs in circuit and out of it, with the same algebraic hash. Four elements need no hash:
/// they are what the transcript and the public-input gate take. More than four are refused by [`super::WrapKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verbatim;

/// The permutation of [`Verbatim`], which changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unchanged<T: Copy + Default>([T; 4]);

impl<T: Copy + Default> AsRef<[T]> for Unchanged<T> {
    fn as_ref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Copy + Default + core::fmt::Debug + Eq + Send + Sync> PlonkyPermutation<T>
    for Unchanged<T>
{
    const RATE: usize = 4;
    const WIDTH: usize = 4;

    fn new<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut state = Self::default();
        state.set_from_iter(elements, 0);
        state
    }

    fn set_elt(&mut self, element: T, position: usize) {
        self.0[position] = element;
    }

    fn set_from_iter<I: IntoIterator<Item = T>>(&mut self, elements: I, start: usize) {
        for (to, from) in self.0[start..].iter_mut().zip(elements) {
            *to = from;
        }
    }

    fn set_from_slice(&mut self, elements: &[T], start: usize) {
        self.set_from_iter(elements.iter().copied(), start);
    }

    fn permute(&mut self) {}

    fn squeeze(&self) -> &[T] {
        &self.0
    }
}

impl<F: RichField> Hasher<F> for Verbatim {
    const HASH_SIZE: usize = 32;
    type Hash = HashOut<F>;
    type Permutation = Unchanged<F>;

    fn hash_no_pad(input: &[F]) -> HashOut<F> {
        assert!(input.len() <= 4, "more than four are not told apart");
        HashOut::from_partial(input)
    }

    /// Nothing is hashed with this: it has no collisions only because nothing is compressed.
    fn two_to_one(_left: HashOut<F>, _right: HashOut<F>) -> HashOut<F> {
        unreachable!("public inputs have no Merkle tree")
    }
}

impl<F: RichField> AlgebraicHasher<F> for Verbatim {
    type AlgebraicPermutation = Unchanged<Target>;

    fn permute_swapped<const D: usize>(
        inputs: Self::AlgebraicPermutation,
        _swap: BoolTarget,
        _builder: &mut CircuitBuilder<F, D>,
    ) -> Self::AlgebraicPermutation
    where
        F: RichField + Extendable<D>,
    {
        inputs
    }
}

/// plonky2's configuration of wrapped proofs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvmConfig;

impl GenericConfig<D> for EvmConfig {
    type F = F;
    type FE = <C as GenericConfig<D>>::FE;
    type Hasher = EvmHash;
    type InnerHasher = Verbatim;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(count: u64) -> Vec<F> {
        (1..=count).map(F::from_canonical_u64).collect()
    }

    #[test]
    fn leaves_and_nodes_are_as_documented() {
        let mut bytes = vec![0];
        bytes.extend(1u64.to_be_bytes());
        bytes.extend((F::ORDER - 1).to_be_bytes());
        let leaf = [F::ONE, F::NEG_ONE];
        assert_eq!(EvmHash::hash_or_noop(&leaf).0, keccak256(&bytes).0);
        let (left, right) = (Digest([1; 32]), Digest([2; 32]));
        let both = [[1; 32], [2; 32]].concat();
        assert_eq!(EvmHash::two_to_one(left, right).0, keccak256(both).0);
        assert_ne!(
            EvmHash::two_to_one(left, right),
            EvmHash::two_to_one(right, left)
        );
    }

    /// Eight words have as many bytes as two digests.
    #[test]
    fn a_leaf_is_no_node() {
        let leaf = elements(8);
        let bytes: Vec<u8> = leaf
            .iter()
            .flat_map(|word| word.to_canonical_u64().to_be_bytes())
            .collect();
        let digest = |half: &[u8]| Digest::from_bytes(half);
        assert_ne!(
            EvmHash::hash_or_noop(&leaf),
            EvmHash::two_to_one(digest(&bytes[..32]), digest(&bytes[32..]))
        );
    }

    #[test]
    fn short_leaves_are_hashed_with_their_length() {
        let mut padded = elements(2);
        padded.push(F::ZERO);
        assert_ne!(
            EvmHash::hash_or_noop(&elements(2)),
            EvmHash::hash_or_noop(&padded)
        );
        assert_ne!(EvmHash::hash_pad(&elements(2)), EvmHash::hash_pad(&padded));
    }

    #[test]
    fn digests_that_are_no_field_elements_are_told() {
        let mut digest = Digest([0xff; 32]);
        assert!(!digest.is_canonical());
        for word in 0..4 {
            digest.0[8 * word..8 * (word + 1)].copy_from_slice(&(F::ORDER - 1).to_be_bytes());
        }
        assert!(digest.is_canonical());
        assert_eq!(digest.to_vec(), [F::NEG_ONE; 4]);
        digest.0[16..24].copy_from_slice(&F::ORDER.to_be_bytes());
        assert!(!digest.is_canonical());
        assert_eq!(Digest::from_bytes(&digest.to_bytes()), digest);
    }

    #[test]
    fn four_public_inputs_are_their_own_hash() {
        let inputs = elements(4);
        assert_eq!(Verbatim::hash_no_pad(&inputs).elements.to_vec(), inputs);
    }
}
