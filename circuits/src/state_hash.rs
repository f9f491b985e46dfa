//! Hashes of the state tree, and of logs ([`logs`]): Poseidon over Goldilocks with domains in the capacity. `docs/statement.md` describes the tree.
//!
//! Every hash is one application of plonky2's permutation of 12 elements: 8 elements of input, then the capacity
//! `(domain, 0, 0, 0)`; its digest is the first 4 elements of the output. This is a sponge that absorbs one block, so that a
//! collision costs about 2^128 applications. It would cost nothing if any part of the capacity were free: the permutation
//! can be run backwards, so whoever chooses all 12 inputs can choose two outputs with the same first 4 elements and compute
//! the inputs that lead to them. Hence the fixed capacity, in all hashes and in all constraints.
//!
//! Longer input goes through several hashes, each of its own domain. Numbers are cut into pieces well below the
//! field's order, so that each input has exactly one form.
//!
//! No leaf, or an empty subtree, is the all-zero digest. A hash that comes out zero is a preimage, which costs about 2^256.

mod block_hashes;
pub mod logs;

use alloy_primitives::{Address, B256, U256, b256};
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::hash::poseidon::Poseidon;

use crate::event::{Account, Code};
use braid_stark::Felt;

pub use block_hashes::{BLOCK_HASHES, block_hash_index, block_hash_key, block_hash_value};

/// Four field elements in canonical form.
pub type Digest = [u64; 4];

/// No leaf, or the root of an empty subtree.
pub const EMPTY: Digest = [0; 4];

/// Elements that one hash takes in.
pub const RATE: usize = 8;
/// Elements that the permutation works on.
pub const WIDTH: usize = 12;

/// What is hashed: the first element of the capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u64)]
pub enum Domain {
    /// An inner node of the tree: `left, right`.
    Node = 1,
    /// A leaf: `key, value hash`.
    Leaf = 2,
    /// The key of an account: the address in 5 limbs of 32 bits, then zeros.
    AccountKey = 3,
    /// The key of a storage slot: the slot in 5 pieces of 56 bits, then the address in 3.
    StorageKey = 4,
    /// `nonce * 2^256 + balance` in 7 pieces of 48 bits, then zero.
    AccountNumbers = 5,
    /// The value of an account: digest of its numbers, digest of its code.
    AccountValue = 6,
    /// The value of a storage slot: 8 limbs of 32 bits.
    StorageValue = 7,
    /// The Keccak-256 hash of bytecode in 6 pieces of 48 bits, its size in bytes, then zero.
    CodeIdentity = 8,
    /// The code of an account: digest of its identity, Poseidon hash of the bytecode.
    Code = 9,
    /// A step of the hash of bytecode: digest so far, 28 bytes as 4 big-endian numbers of 7 bytes.
    Bytecode = 10,
    /// The start of a log: chain over the logs before, digest of its data.
    Log = 11,
    /// The key of a block hash: the block's number modulo 256, then zeros.
    BlockHashKey = 12,
    /// A block hash: 8 limbs of 32 bits.
    BlockHash = 13,
    /// The value of a block hash: digest of the hash, the block's number in 2 limbs of 32 bits, then zeros.
    NumberedHash = 14,
    /// A word of a log: digest so far, the word in 4 numbers of 64 bits. The 16 domains from here on: one is added for each high half that is full ([`logs`]).
    LogWord = 16,
}

/// The input of one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashInput {
    /// What is hashed.
    pub domain: Domain,
    /// The elements, canonical.
    pub elements: [u64; RATE],
}

impl HashInput {
    /// Two digests.
    fn pair(domain: Domain, left: Digest, right: Digest) -> Self {
        let mut elements = [0; RATE];
        elements[..4].copy_from_slice(&left);
        elements[4..].copy_from_slice(&right);
        Self { domain, elements }
    }

    /// An inner node.
    pub fn node(left: Digest, right: Digest) -> Self {
        Self::pair(Domain::Node, left, right)
    }

    /// A leaf.
    pub fn leaf(key: Digest, value_hash: Digest) -> Self {
        Self::pair(Domain::Leaf, key, value_hash)
    }

    /// The key of an account.
    pub fn account_key(address: Address) -> Self {
        let number = U256::from_be_bytes(address.into_word().0);
        Self {
            domain: Domain::AccountKey,
            elements: pieces(number, 32),
        }
    }

    /// The key of a storage slot.
    pub fn storage_key(address: Address, slot: U256) -> Self {
        let mut elements: [u64; RATE] = pieces(slot, 56);
        let address: [u64; 3] = pieces(U256::from_be_bytes(address.into_word().0), 56);
        elements[5..].copy_from_slice(&address);
        Self {
            domain: Domain::StorageKey,
            elements,
        }
    }

    /// Nonce and balance of an account.
    pub fn account_numbers(nonce: u64, balance: U256) -> Self {
        let mut elements: [u64; RATE] = pieces(balance, 48);
        // 256 bits fill five pieces and 16 bits of the sixth.
        elements[5] += (nonce & 0xffff_ffff) << 16;
        elements[6] = nonce >> 32;
        Self {
            domain: Domain::AccountNumbers,
            elements,
        }
    }

    /// The value of an account from the digests of its numbers and its code.
    pub fn account_value(numbers: Digest, code: Digest) -> Self {
        Self::pair(Domain::AccountValue, numbers, code)
    }

    /// The value of a storage slot.
    pub fn storage_value(value: U256) -> Self {
        Self {
            domain: Domain::StorageValue,
            elements: pieces(value, 32),
        }
    }

    /// Keccak-256 hash and size of bytecode.
    pub fn code_identity(keccak: B256, size: u32) -> Self {
        let mut elements: [u64; RATE] = pieces(U256::from_be_bytes(keccak.0), 48);
        elements[6] = u64::from(size);
        Self {
            domain: Domain::CodeIdentity,
            elements,
        }
    }

    /// The code of an account from the digest of its identity and the Poseidon hash of the bytecode.
    pub fn code(identity: Digest, poseidon: Digest) -> Self {
        Self::pair(Domain::Code, identity, poseidon)
    }

    /// The next 28 bytes (fewer at the end) of bytecode.
    pub fn bytecode(so_far: Digest, chunk: &[u8]) -> Self {
        let mut words = [0u64; 4];
        for (index, byte) in chunk.iter().take(BYTECODE_CHUNK).enumerate() {
            let shift = 8 * (BYTECODE_WORD - 1 - index % BYTECODE_WORD);
            words[index / BYTECODE_WORD] |= u64::from(*byte) << shift;
        }
        Self::pair(Domain::Bytecode, so_far, words)
    }

    /// The 12 elements that the permutation starts from.
    pub fn state(&self) -> [Felt; WIDTH] {
        let mut state = [Felt::ZERO; WIDTH];
        for (cell, element) in state.iter_mut().zip(self.elements) {
            *cell = Felt::from_noncanonical_u64(element);
        }
        state[RATE] = Felt::from_canonical_u64(self.domain as u64);
        state
    }

    /// The hash.
    pub fn digest(&self) -> Digest {
        let output = Felt::poseidon(self.state());
        core::array::from_fn(|i| output[i].to_canonical_u64())
    }
}

/// The least significant `N * bits` bits of `number` in pieces of `bits` bits, least significant first.
fn pieces<const N: usize>(number: U256, bits: usize) -> [u64; N] {
    let mask = U256::from((1u64 << bits) - 1);
    core::array::from_fn(|i| {
        let piece: U256 = if i * bits < 256 {
            (number >> (i * bits)) & mask
        } else {
            U256::ZERO
        };
        piece.as_limbs()[0]
    })
}

/// Whether all elements are below the field's order.
pub fn is_canonical(digest: &Digest) -> bool {
    digest.iter().all(|element| *element < Felt::ORDER)
}

/// Levels of the tree: the bits of a key.
pub const LEVELS: usize = 256;

/// The way that `key` takes at the node of depth `level` (the root: 0): `true` is right. The bits of each element come in
/// order from the least significant; levels from [`LEVELS`] on are `false`.
pub fn path_bit(key: &Digest, level: usize) -> bool {
    key.get(level / 64)
        .is_some_and(|element| (element >> (level % 64)) & 1 == 1)
}

/// Hash of an inner node.
pub fn node(left: Digest, right: Digest) -> Digest {
    HashInput::node(left, right).digest()
}

/// Hash of a leaf.
pub fn leaf(key: Digest, value_hash: Digest) -> Digest {
    HashInput::leaf(key, value_hash).digest()
}

/// Key of an account.
pub fn account_key(address: Address) -> Digest {
    HashInput::account_key(address).digest()
}

/// Key of a storage slot.
pub fn storage_key(address: Address, slot: U256) -> Digest {
    HashInput::storage_key(address, slot).digest()
}

/// Value hash of an account: [`EMPTY`] for an empty account (EIP-161), which has no leaf.
pub fn account_value(account: &Account) -> Digest {
    if account.is_empty() {
        return EMPTY;
    }
    let numbers = HashInput::account_numbers(account.nonce, account.balance).digest();
    HashInput::account_value(numbers, code_digest(&account.code)).digest()
}

/// Value hash of a storage slot: [`EMPTY`] for zero, which has no leaf.
pub fn storage_value(value: U256) -> Digest {
    if value.is_zero() {
        return EMPTY;
    }
    HashInput::storage_value(value).digest()
}

/// Digest of the code part of an account: [`EMPTY_CODE_DIGEST`] for [`Code::NONE`].
pub fn code_digest(code: &Code) -> Digest {
    let identity = HashInput::code_identity(code.keccak, code.size).digest();
    HashInput::code(identity, code.poseidon).digest()
}

/// Bytes of bytecode that are one element of a hash's input: the most that always are below the field's order.
pub const BYTECODE_WORD: usize = 7;

/// Bytes of bytecode that one hash takes in beside the digest so far.
pub const BYTECODE_CHUNK: usize = BYTECODE_WORD * (RATE - 4);

/// Poseidon hash of bytecode: starts from `(length in bytes, 0, 0, 0)` and takes in 28 bytes at a time, the last ones filled up
/// with zeros. The length comes first, so that no bytecode is a prefix of another. Empty bytecode has the digest zero.
pub fn bytecode(code: &[u8]) -> Digest {
    let start = [code.len() as u64, 0, 0, 0];
    code.chunks(BYTECODE_CHUNK).fold(start, |so_far, chunk| {
        HashInput::bytecode(so_far, chunk).digest()
    })
}

/// Keccak-256 of the empty string.
pub const KECCAK_EMPTY: B256 =
    b256!("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

/// [`code_digest`] of an account without code.
pub const EMPTY_CODE_DIGEST: Digest = [
    0x5b05_4b50_c971_2167,
    0x4924_fe20_8d26_1941,
    0x9dd8_37f6_3374_e789,
    0x472a_c46a_f0e5_9c59,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use alloy_primitives::{address, keccak256};
    use plonky2::hash::hash_types::HashOut;
    use plonky2::hash::poseidon::PoseidonHash;
    use plonky2::plonk::config::Hasher;

    use super::*;

    fn felts(digest: Digest) -> [Felt; 4] {
        digest.map(Felt::from_canonical_u64)
    }

    #[test]
    fn empty_code_is_the_constant() {
        assert_eq!(code_digest(&Code::NONE), EMPTY_CODE_DIGEST);
        assert_eq!(Code::of(&[]), Some(Code::NONE));
        assert_eq!(keccak256([]), KECCAK_EMPTY);
    }

    #[test]
    fn only_the_capacity_differs_from_two_to_one() {
        let (left, right) = ([1, 2, 3, 4], [5, 6, 7, Felt::ORDER - 1]);
        let mut state = HashInput::node(left, right).state();
        assert_eq!(state[RATE..], [1, 0, 0, 0].map(Felt::from_canonical_u64));
        state[RATE] = Felt::ZERO;
        let output = Felt::poseidon(state);
        let expected =
            PoseidonHash::two_to_one(HashOut::from(felts(left)), HashOut::from(felts(right)));
        assert_eq!(output[..4], expected.elements);
    }

    #[test]
    fn pieces_give_back_the_number() {
        let balance = U256::from_be_bytes(keccak256([1]).0);
        let nonce = 0xfedc_ba98_7654_3210;
        let input = HashInput::account_numbers(nonce, balance);
        let value = |elements: &[u64], bits: usize| {
            let digits = elements.iter().rev();
            digits.fold(num_bigint::BigUint::ZERO, |sum, digit| {
                assert!(*digit < 1 << bits);
                (sum << bits) + digit
            })
        };
        let expected = (num_bigint::BigUint::from(nonce) << 256u32)
            + num_bigint::BigUint::from_bytes_be(&balance.to_be_bytes::<32>());
        assert_eq!(value(&input.elements, 48), expected);

        let address = address!("ffeeddccbbaa99887766554433221100ffeeddcc");
        let input = HashInput::storage_key(address, balance);
        assert_eq!(
            value(&input.elements[..5], 56),
            num_bigint::BigUint::from_bytes_be(&balance.to_be_bytes::<32>())
        );
        assert_eq!(
            value(&input.elements[5..], 56),
            num_bigint::BigUint::from_bytes_be(address.as_slice())
        );
    }

    #[test]
    fn domains_keep_equal_input_apart() {
        let domains = [
            Domain::Node,
            Domain::Leaf,
            Domain::AccountKey,
            Domain::StorageKey,
            Domain::AccountNumbers,
            Domain::AccountValue,
            Domain::StorageValue,
            Domain::CodeIdentity,
            Domain::Code,
            Domain::Bytecode,
            Domain::Log,
            Domain::BlockHashKey,
            Domain::BlockHash,
            Domain::NumberedHash,
            Domain::LogWord,
        ];
        let digests: HashSet<_> = domains
            .iter()
            .map(|domain| {
                HashInput {
                    domain: *domain,
                    elements: [7; 8],
                }
                .digest()
            })
            .collect();
        assert_eq!(digests.len(), domains.len());
    }

    #[test]
    fn bytecode_binds_its_length_and_every_byte() {
        let mut seen = HashSet::new();
        for length in 0..90 {
            assert!(seen.insert(bytecode(&vec![0; length])), "{length} zeros");
        }
        let code: Vec<u8> = (0..60).collect();
        for position in 0..code.len() {
            let mut other = code.clone();
            other[position] ^= 0x80;
            assert!(seen.insert(bytecode(&other)), "byte {position}");
        }
        assert_eq!(bytecode(&[]), EMPTY);
    }

    #[test]
    fn empty_accounts_and_zero_slots_have_no_leaf() {
        assert_eq!(account_value(&Account::EMPTY), EMPTY);
        assert_eq!(storage_value(U256::ZERO), EMPTY);
        assert_ne!(
            account_value(&Account {
                nonce: 1,
                ..Account::EMPTY
            }),
            EMPTY
        );
        let code = Code {
            size: 1,
            ..Code::NONE
        };
        assert_ne!(
            account_value(&Account {
                code,
                ..Account::EMPTY
            }),
            EMPTY
        );
    }
}
