//! 256-bit words, addresses and 64-bit numbers as little-endian limbs of 32 bits.

use alloy_primitives::{Address, B256, U256};
use braid_stark::{Expression, Felt};
use plonky2::field::types::{Field, PrimeField64};

/// Limbs of a 256-bit word.
pub const WORD_LIMBS: usize = 8;
/// Limbs of an address.
pub const ADDRESS_LIMBS: usize = 5;
/// Limbs of a 64-bit number.
pub const U64_LIMBS: usize = 2;

/// A 256-bit word, least significant limb first.
pub type Word<X> = [X; WORD_LIMBS];
/// An address as a 160-bit number, least significant limb first.
pub type AddressLimbs<X> = [X; ADDRESS_LIMBS];
/// A 64-bit number, least significant limb first.
pub type U64Limbs<X> = [X; U64_LIMBS];

/// The limbs of a number, as numbers.
pub fn limbs32(value: U256) -> Word<u64> {
    let limbs = value.as_limbs();
    core::array::from_fn(|i| (limbs[i / 2] >> (32 * (i % 2))) & 0xffff_ffff)
}

/// The limbs of a number.
pub fn word(value: U256) -> Word<Felt> {
    limbs32(value).map(Felt::from_canonical_u64)
}

/// The limbs of a hash, read as a big-endian number.
pub fn hash_word(hash: B256) -> Word<Felt> {
    word(U256::from_be_bytes(hash.0))
}

/// The limbs of an address, read as a big-endian number.
pub fn address(address: Address) -> AddressLimbs<Felt> {
    let word = hash_word(address.into_word());
    core::array::from_fn(|i| word[i])
}

/// The limbs of a 64-bit number.
pub fn u64_limbs(value: u64) -> U64Limbs<Felt> {
    [
        Felt::from_canonical_u64(value & 0xffff_ffff),
        Felt::from_canonical_u64(value >> 32),
    ]
}

/// The number with these limbs of 32 bits; what is above 256 bits is lost.
pub fn number_of(limbs: &[Felt]) -> U256 {
    let shifted = (0..).step_by(32).zip(limbs);
    shifted.fold(U256::ZERO, |sum, (shift, limb)| {
        sum.wrapping_add(U256::from(limb.to_canonical_u64()) << shift)
    })
}

/// The 64-bit number with these limbs; what is above is lost.
pub fn u64_of(limbs: &[Felt]) -> u64 {
    number_of(limbs).as_limbs()[0]
}

/// The address with these limbs.
pub fn address_of(limbs: &[Felt]) -> Address {
    Address::from_word(number_of(limbs).into())
}

/// Limbs with zeros above, as a word.
///
/// # Panics
/// If there are more than [`WORD_LIMBS`] limbs.
pub fn widen<X: Expression>(limbs: &[X]) -> Word<X> {
    let mut word = [X::zero(); WORD_LIMBS];
    word[..limbs.len()].copy_from_slice(limbs);
    word
}
