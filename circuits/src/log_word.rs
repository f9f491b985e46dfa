//! Words that are taken into the hashes of logs: [`crate::state_hash::logs`].

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::Message;
use crate::state_hash::logs::WORD_NUMBERS;
use crate::state_hash::{Domain, RATE, WIDTH};
use crate::word::Word;

braid_stark::columns! {
    /// Whether the high half of a number of 64 bits is full.
    pub struct FullHalf<T> {
        /// It is 2^32 - 1.
        pub is_full: T,
        /// The inverse of what it is more than that, if it is not.
        pub inverse: T,
    }
}

/// What a full half is.
const FULL: u64 = u32::MAX as u64;

/// Where `used`, which is boolean and of degree 1, is 1: claims that `after` is the digest `before` after `word`, whose limbs are below 2^32. Halves that `halves` has no place for cannot be full, as the caller vouches.
///
/// `is_full` is exact: where it is 1 the half is full, and where it is 0 the difference has an inverse. Where `used` is 0 the constraints do not bind and nothing is claimed, if the word is zero.
pub fn take_word<B: ConstraintBuilder>(
    builder: &mut B,
    label: &'static str,
    used: B::X,
    before: [B::X; WORD_NUMBERS],
    word: Word<B::X>,
    halves: &[FullHalf<B::X>],
    after: [B::X; WORD_NUMBERS],
) {
    let mut domain = B::X::from_u64(Domain::LogWord as u64);
    let highs = word.into_iter().skip(1).step_by(2);
    for ((place, half), high) in (0..).zip(halves).zip(highs) {
        let more = high - used.scale(FULL);
        let not_full = used - half.is_full;
        builder.assert_eq(label, more * half.inverse, not_full);
        builder.assert_zero(label, more * half.is_full);
        domain = domain + half.is_full.scale(1 << place);
    }
    let mut input = [B::X::zero(); WIDTH];
    let numbers = word.chunks(2).map(|half| B::X::from_limbs(half, 32));
    let elements = before.into_iter().chain(numbers);
    for (cell, element) in input.iter_mut().zip(elements) {
        *cell = element;
    }
    input[RATE] = domain;
    let output = after;
    builder.send(Message::Poseidon { input, output }, used);
}

impl FullHalf<Felt> {
    /// Those of a word.
    pub fn of<const N: usize>(word: &Word<Felt>) -> [Self; N] {
        core::array::from_fn(|place| {
            let high = word.get(2 * place + 1).copied().unwrap_or_default();
            let more = high - Felt::from_canonical_u64(FULL);
            Self {
                is_full: Felt::from_bool(high.to_canonical_u64() == FULL),
                inverse: more.try_inverse().unwrap_or_default(),
            }
        })
    }
}
