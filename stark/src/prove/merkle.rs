//! Merkle trees with many Poseidon hashes at a time, one per vector lane: the same trees that plonky2 builds one hash at a time.

use plonky2::field::packed::PackedField;
use plonky2::field::types::Field;
use plonky2::hash::batch_merkle_tree::BatchMerkleTree;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, N_ROUNDS, Poseidon, SPONGE_RATE,
    SPONGE_WIDTH,
};
use plonky2::plonk::config::Hasher as _;
use plonky2::util::log2_strict;
use rayon::prelude::*;

use crate::expression::Expression;
use crate::field::Felt;
use crate::packed::Packed;
use crate::proof::{Digest, Hasher};

use super::integers::Integers;

/// Vectors of at least this many lanes are worth it; shorter ones are no faster than plonky2's scalar code.
const LEAST_LANES: usize = 8;

/// Elements of a digest.
const DIGEST: usize = 4;

/// Hashes that one task computes.
const HASHES_PER_TASK: usize = 256;

/// The Merkle tree over leaves of several heights, from the highest.
pub(super) fn tree(
    leaves: Vec<Vec<Vec<Felt>>>,
    cap_height: usize,
) -> BatchMerkleTree<Felt, Hasher> {
    if Packed::WIDTH < LEAST_LANES {
        BatchMerkleTree::new(leaves, cap_height)
    } else {
        vector_tree(leaves, cap_height)
    }
}

fn vector_tree(leaves: Vec<Vec<Vec<Felt>>>, cap_height: usize) -> BatchMerkleTree<Felt, Hasher> {
    let leaf_heights: Vec<usize> = leaves.iter().map(|rows| log2_strict(rows.len())).collect();
    let zero = HashOut::<Felt>::ZERO;
    let total = leaves.first().map_or(0, Vec::len);
    let mut digests = vec![zero; 2 * (total - (1 << cap_height))];
    let mut layer: Vec<Digest> = Vec::new();
    let mut start = 0;
    for (class, rows) in leaves.iter().enumerate() {
        let below = leaf_heights.get(class + 1).copied().unwrap_or(cap_height);
        let layers = leaf_heights[class] - below;
        // Below the top, the digest of the subtree so far is hashed together with this class's leaf.
        layer = hash_leaves(&layer, rows);
        // plonky2's order of digests: each of the `2^below` subtrees is contiguous; within one, pair `p` of layer `i`
        // (from the leaves) is at pair position `2^(i+1) p + 2^i - 1`.
        let subtree = (2 << layers) - 2;
        for depth in 0..layers {
            let bits = layers - depth;
            for (index, digest) in layer.iter().enumerate() {
                let (tree, inside) = (index >> bits, index & ((1 << bits) - 1));
                let pair = ((inside >> 1) << (depth + 1)) + (1 << depth) - 1;
                digests[start + tree * subtree + 2 * pair + (inside & 1)] = *digest;
            }
            layer = hash_pairs(&layer);
        }
        start += subtree << below;
    }
    BatchMerkleTree {
        leaves,
        digests,
        cap: MerkleCap(layer),
        leaf_heights,
    }
}

/// Digests of leaves, each preceded by the digest in `prefixes` if there are any.
fn hash_leaves(prefixes: &[Digest], rows: &[Vec<Felt>]) -> Vec<Digest> {
    let prefix = if prefixes.is_empty() { 0 } else { DIGEST };
    let width = prefix + rows.first().map_or(0, Vec::len);
    let mut digests = vec![HashOut::ZERO; rows.len()];
    digests
        .par_chunks_mut(HASHES_PER_TASK)
        .enumerate()
        .for_each(|(task, digests)| {
            let mut input = Vec::new();
            for (group, digests) in digests.chunks_mut(Packed::WIDTH).enumerate() {
                let first = task * HASHES_PER_TASK + group * Packed::WIDTH;
                if digests.len() < Packed::WIDTH || width <= DIGEST {
                    for (offset, digest) in digests.iter_mut().enumerate() {
                        let prefix = prefixes.get(first + offset);
                        let mut cells: Vec<Felt> = prefix
                            .map(|digest| digest.elements.to_vec())
                            .unwrap_or_default();
                        cells.extend_from_slice(&rows[first + offset]);
                        *digest = Hasher::hash_or_noop(&cells);
                    }
                    continue;
                }
                input.clear();
                input.resize(width, Packed::zero());
                for lane in 0..Packed::WIDTH {
                    if let Some(digest) = prefixes.get(first + lane) {
                        set_lane(&mut input[..prefix], lane, &digest.elements);
                    }
                    set_lane(&mut input[prefix..], lane, &rows[first + lane]);
                }
                let mut state = [Packed::zero(); SPONGE_WIDTH];
                for block in input.chunks(SPONGE_RATE) {
                    state[..block.len()].copy_from_slice(block);
                    permute(&mut state);
                }
                take_digests(&state, digests);
            }
        });
    digests
}

/// Digests of neighbours.
fn hash_pairs(layer: &[Digest]) -> Vec<Digest> {
    let mut digests = vec![HashOut::ZERO; layer.len() / 2];
    digests
        .par_chunks_mut(HASHES_PER_TASK)
        .zip(layer.par_chunks(2 * HASHES_PER_TASK))
        .for_each(|(digests, layer)| {
            let groups = layer.chunks(2 * Packed::WIDTH);
            for (digests, layer) in digests.chunks_mut(Packed::WIDTH).zip(groups) {
                if digests.len() < Packed::WIDTH {
                    for (digest, pair) in digests.iter_mut().zip(layer.chunks_exact(2)) {
                        *digest = Hasher::two_to_one(pair[0], pair[1]);
                    }
                    continue;
                }
                let mut state = [Packed::zero(); SPONGE_WIDTH];
                for (lane, pair) in layer.chunks_exact(2).enumerate() {
                    set_lane(&mut state[..DIGEST], lane, &pair[0].elements);
                    set_lane(&mut state[DIGEST..2 * DIGEST], lane, &pair[1].elements);
                }
                permute(&mut state);
                take_digests(&state, digests);
            }
        });
    digests
}

fn set_lane(cells: &mut [Packed], lane: usize, values: &[Felt]) {
    for (cell, &value) in cells.iter_mut().zip(values) {
        cell.0.as_slice_mut()[lane] = value;
    }
}

fn take_digests(state: &[Packed; SPONGE_WIDTH], digests: &mut [Digest]) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        for (element, cell) in digest.elements.iter_mut().zip(state) {
            *element = cell.0.as_slice()[lane];
        }
    }
}

/// The Poseidon permutation in every lane.
fn permute(state: &mut [Packed; SPONGE_WIDTH]) {
    for (cell, &constant) in state.iter_mut().zip(&ALL_ROUND_CONSTANTS) {
        *cell = *cell + Packed::constant(Felt::from_canonical_u64(constant));
    }
    let partial = HALF_N_FULL_ROUNDS..HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS;
    for round in 0..N_ROUNDS {
        if partial.contains(&round) {
            state[0] = seventh_power(state[0]);
        } else {
            for cell in state.iter_mut() {
                *cell = seventh_power(*cell);
            }
        }
        // The next round's constants are added before the reduction.
        let next = (round + 1) * SPONGE_WIDTH;
        let constants = ALL_ROUND_CONSTANTS.get(next..next + SPONGE_WIDTH);
        mix(state, constants.unwrap_or(&[0; SPONGE_WIDTH]));
    }
}

#[inline(always)]
fn seventh_power(x: Packed) -> Packed {
    let square = x * x;
    let cube = square * x;
    let fourth = square * square;
    cube * fourth
}

/// The state times Poseidon's matrix, plus constants.
///
/// The matrix's entries are small, so the products of the low and of the high halves of all elements are summed as integers and
/// reduced once.
#[inline(always)]
fn mix(state: &mut [Packed; SPONGE_WIDTH], constants: &[u64]) {
    let mut low = [Integers::zero(); SPONGE_WIDTH];
    let mut high = [Integers::zero(); SPONGE_WIDTH];
    for index in 0..SPONGE_WIDTH {
        let integers = Integers::from_packed(state[index]);
        low[index] = integers.low();
        high[index] = integers.right::<32>();
    }
    multiply(&mut low);
    multiply(&mut high);
    for index in 0..SPONGE_WIDTH {
        let low = low[index].plus_constant(constants[index] & 0xffff_ffff);
        let high = high[index].plus_constant(constants[index] >> 32);
        // low + 2^32 high, where high = bottom + 2^32 top and 2^64 = 2^32 - 1 in the field. The sums are below 2^42, so
        // the first term is below 2^43 and the second, a multiple of 2^32, below p.
        let top = high.right::<32>();
        let small = low.plus(top.left::<32>().minus(top));
        state[index] = small.packed() + high.left::<32>().packed();
    }
}

/// Column 0 of the circulant part of Poseidon's matrix: entry `r` of the product is `sum_j kernel(r - j) v_j`.
const fn kernel(index: usize) -> u64 {
    <Felt as Poseidon>::MDS_MATRIX_CIRC[(SPONGE_WIDTH - index) % SPONGE_WIDTH]
}

/// The column's polynomial modulo `x^6 + 1`.
const MODULO_SIX: [u64; 6] = {
    let mut reduced = [0; 6];
    let mut index = 0;
    while index < 6 {
        reduced[index] = kernel(index).wrapping_sub(kernel(index + 6));
        index += 1;
    }
    reduced
};

/// The column's polynomial modulo `x^3 - 1` and `x^3 + 1`.
const MODULO_THREE: [[u64; 3]; 2] = {
    let mut reduced = [[0; 3]; 2];
    let mut index = 0;
    while index < 3 {
        let even = kernel(index) + kernel(index + 6);
        let odd = kernel(index + 3) + kernel(index + 9);
        reduced[0][index] = even + odd;
        reduced[1][index] = even.wrapping_sub(odd);
        index += 1;
    }
    reduced
};

/// Replaces integers below 2^32 by their product with Poseidon's matrix.
///
/// A product with a circulant matrix is one of polynomials modulo `x^12 - 1 = (x^3 - 1)(x^3 + 1)(x^6 + 1)`: three small
/// products. Differences wrap around; the final sums are the exact, non-negative entries, or twice them before halving.
#[inline(always)]
fn multiply(v: &mut [Integers; SPONGE_WIDTH]) {
    let first = v[0];
    let mut six = [Integers::zero(); 6];
    let mut three = [[Integers::zero(); 3]; 2];
    for i in 0..6 {
        six[i] = v[i].minus(v[i + 6]);
    }
    for i in 0..3 {
        let even = v[i].plus(v[i + 6]);
        let odd = v[i + 3].plus(v[i + 9]);
        three[0][i] = even.plus(odd);
        three[1][i] = even.minus(odd);
    }
    let a = convolve(&three[0], &MODULO_THREE[0], false);
    let b = convolve(&three[1], &MODULO_THREE[1], true);
    let c = convolve(&six, &MODULO_SIX, true);
    for i in 0..3 {
        let low = a[i].plus(b[i]).right::<1>();
        let high = a[i].minus(b[i]).right::<1>();
        v[i] = low.plus(c[i]).right::<1>();
        v[i + 6] = low.minus(c[i]).right::<1>();
        v[i + 3] = high.plus(c[i + 3]).right::<1>();
        v[i + 9] = high.minus(c[i + 3]).right::<1>();
    }
    // The matrix's diagonal part has one entry.
    v[0] = v[0].plus(first.times(<Felt as Poseidon>::MDS_MATRIX_DIAG[0]));
}

/// The product of polynomials modulo `x^N - 1`, or `x^N + 1` if `negated`.
#[inline(always)]
fn convolve<const N: usize>(v: &[Integers; N], kernel: &[u64; N], negated: bool) -> [Integers; N] {
    let mut product = [Integers::zero(); N];
    for r in 0..N {
        for j in 0..N {
            let factor = if j <= r {
                kernel[r - j]
            } else if negated {
                kernel[N + r - j].wrapping_neg()
            } else {
                kernel[N + r - j]
            };
            product[r] = product[r].plus(v[j].times(factor));
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use plonky2::field::types::Sample;

    use super::*;

    #[test]
    fn the_permutation_is_plonky2s() {
        let extremes = [0, 1, 0xffff_ffff, 0xffff_ffff_0000_0000];
        for attempt in 0..40 {
            let lanes: Vec<[Felt; SPONGE_WIDTH]> = (0..Packed::WIDTH)
                .map(|_| {
                    core::array::from_fn(|_| match extremes.get(attempt) {
                        Some(&value) => Felt::from_canonical_u64(value),
                        None => Felt::rand(),
                    })
                })
                .collect();
            let mut state = [Packed::zero(); SPONGE_WIDTH];
            for (lane, values) in lanes.iter().enumerate() {
                set_lane(&mut state, lane, values);
            }
            permute(&mut state);
            for (lane, &values) in lanes.iter().enumerate() {
                let expected = Felt::poseidon(values);
                let got: [Felt; SPONGE_WIDTH] =
                    core::array::from_fn(|index| state[index].0.as_slice()[lane]);
                assert_eq!(got, expected);
            }
        }
    }

    #[test]
    fn trees_are_plonky2s() {
        for (cap_height, classes) in [
            (0, vec![(0, 3)]),
            (2, vec![(2, 9)]),
            (1, vec![(7, 20), (5, 1), (1, 30)]),
            (3, vec![(9, 3), (8, 5), (3, 17)]),
            (0, vec![(6, 4), (2, 8)]),
        ] {
            let leaves: Vec<Vec<Vec<Felt>>> = classes
                .iter()
                .map(|&(height, width)| (0..1 << height).map(|_| Felt::rand_vec(width)).collect())
                .collect();
            let expected = BatchMerkleTree::new(leaves.clone(), cap_height);
            assert!(vector_tree(leaves, cap_height) == expected, "{classes:?}");
        }
    }
}
