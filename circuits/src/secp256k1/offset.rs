//! Points whose discrete logarithms nobody knows, and the fixed points of the ladder.
//!
//! The ladder starts from one of four offsets `K`, at the prover's choice. All that it adds is a combination of `K`, the
//! generator and the signature's R (the public key is a combination of the last two), and `K` always has a part in the sum
//! or difference of the operands of an addition. So if an addition meets operands of the same x, `K` is a known combination
//! of R and the generator. Whoever makes a signature for which that happens with two offsets knows a relation between them
//! and the generator, that is, has solved a discrete logarithm: at most one offset can be made to fail, and the prover takes
//! another.

use std::sync::LazyLock;

use alloy_primitives::{U256, keccak256};

use super::{Affine, GENERATOR, P};

/// How many offsets there are to choose from.
pub const CHOICES: usize = 4;

/// What an offset `K` brings into the ladder.
#[derive(Clone, Copy, Debug)]
pub struct Offset {
    /// `K`: what the ladder must end with.
    pub end: Affine,
    /// `4 K`: what it starts from.
    pub start: Affine,
    /// `-3 K`: what each window adds, so that four times `K` becomes `K` again.
    pub window: Affine,
}

/// The first point, over counters from 0, with an even y and `x = keccak256("braid/secp256k1/offset" || choice || counter)`,
/// one byte each. About half of all x are on the curve, so that 256 counters never run out.
fn hash_to_point(choice: u8) -> Affine {
    (0..=u8::MAX)
        .find_map(|counter| {
            let mut text = b"braid/secp256k1/offset".to_vec();
            text.extend([choice, counter]);
            Affine::decompress(U256::from_be_bytes(keccak256(text).0) % P, false)
        })
        .unwrap_or(GENERATOR)
}

/// The offsets. None of the sums below meets an exception: the points have large prime order.
pub static OFFSETS: LazyLock<[Offset; CHOICES]> = LazyLock::new(|| {
    core::array::from_fn(|choice| {
        let end = hash_to_point(choice as u8);
        let double = end.doubled().unwrap_or(end);
        let triple = double.plus(&end).unwrap_or(end);
        Offset {
            end,
            start: double.doubled().unwrap_or(end),
            window: triple.negated(),
        }
    })
});

/// Values of a base digit.
pub const DIGITS: usize = 16;

/// `BASE_POINTS[high][low] = (low + 1) G + (high + 1) 2^128 G`.
pub static BASE_POINTS: LazyLock<[[Affine; DIGITS]; DIGITS]> = LazyLock::new(|| {
    let mut shifted = GENERATOR;
    for _ in 0..128 {
        shifted = shifted.doubled().unwrap_or(shifted);
    }
    let multiples = |point: Affine| {
        let mut all = [point; DIGITS];
        for k in 1..DIGITS {
            let before = all[k - 1];
            // k + 1 is 2: a tangent; beyond, the points differ.
            let next = if k == 1 {
                before.doubled()
            } else {
                before.plus(&point)
            };
            all[k] = next.unwrap_or(point);
        }
        all
    };
    let (low, high) = (multiples(GENERATOR), multiples(shifted));
    high.map(|h| low.map(|l| h.plus(&l).unwrap_or(h)))
});
