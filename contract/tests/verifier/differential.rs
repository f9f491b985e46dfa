//! The contract and `verify_wrapped` agree on proofs that are changed at random.

use braid_verifier::Rules;
use braid_verifier::wrap::WrappedProof;
use proptest::prelude::Rng;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::{ORDER, Verifiers, sample};

/// Bytes before the queries, and of a query.
const HEAD: usize = 8_856;
const QUERY: usize = 4_016;

/// Changes a proof in one of many ways. Some leave it as it was.
fn change(bytes: &mut Vec<u8>, values: &mut WrappedProof, random: &mut impl Rng) {
    if bytes.len() < HEAD + 10 * QUERY {
        // Cut already.
        return;
    }
    let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
    let length = bytes.len();
    match below(12) {
        // A bit, a byte, a word.
        0 => bytes[below(length)] ^= 1 << below(8),
        1 => bytes[below(HEAD)] ^= 1 << below(8),
        2 => bytes[below(length)] = below(256) as u8,
        3 => {
            let word = below(length / 8) * 8;
            let number = [0, 1, ORDER - 1, ORDER, ORDER + 1, u64::MAX][below(6)];
            bytes[word..][..8].copy_from_slice(&number.to_be_bytes());
        }
        // Two words, two elements of the extension, two digests or two queries change places.
        4 => swap(bytes, 8, below(length / 8), below(length / 8)),
        5 => swap(bytes, 16, below(HEAD / 16), below(HEAD / 16)),
        6 => swap(bytes, 32, below(HEAD / 32), below(HEAD / 32)),
        7 => {
            let (first, second) = (below(10), below(10));
            let (_, queries) = bytes.split_at_mut(HEAD);
            swap(queries, QUERY, first, second);
        }
        // Another length.
        8 => bytes.truncate(below(length)),
        9 => bytes.extend(std::iter::repeat_n(0, 1 + below(64))),
        // Another statement.
        10 => {
            let values = &mut values.public_values;
            match below(6) {
                0 => values.chain_id ^= 1 << below(64),
                1 => values.first_block ^= 1 << below(64),
                2 => values.state_root.0[below(32)] ^= 1 << below(8),
                3 => values.prev_block_hash.0[below(32)] ^= 1 << below(8),
                4 => {
                    values.rules = match values.rules {
                        Rules::Osaka => Rules::Prague,
                        _ => Rules::Osaka,
                    }
                }
                _ => values.message_root.0[below(32)] ^= 1 << below(8),
            }
        }
        // A stretch of zeros.
        _ => {
            let start = below(length);
            let end = length.min(start + below(256));
            bytes[start..end].fill(0);
        }
    }
}

fn swap(bytes: &mut [u8], size: usize, first: usize, second: usize) {
    for byte in 0..size {
        bytes.swap(size * first + byte, size * second + byte);
    }
}

fn agree(cases: usize, seed: u8) {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut verifiers = Verifiers::new();
    let honest = sample();
    let (mut accepted, mut unchanged) = (0, 0);
    for _ in 0..cases {
        let mut forged = honest.clone();
        let mut bytes = honest.proof.to_vec();
        let changes = 1 + runner.rng().next_u64() % 2;
        for _ in 0..changes {
            change(&mut bytes, &mut forged, runner.rng());
        }
        forged.proof = bytes.into();
        // Both verifiers are compared here.
        accepted += u32::from(verifiers.both(&forged).is_ok());
        unchanged += u32::from(forged == honest);
    }
    println!("{cases} cases, {accepted} accepted");
    assert_eq!(accepted, unchanged);
}

#[test]
fn on_hundreds_of_changed_proofs() {
    agree(600, 1);
}

#[test]
#[ignore = "half a minute"]
fn on_thousands_of_changed_proofs() {
    agree(10_000, 2);
}
