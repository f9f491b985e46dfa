//! Merkle trees with many Poseidon hashes at a time, one per vector lane: the same trees that plonky2 builds one hash at a time.

use plonky2::field::packed::PackedField;
use plonky2::hash::batch_merkle_tree::BatchMerkleTree;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::hash::poseidon::{SPONGE_RATE, SPONGE_WIDTH};
use plonky2::plonk::config::Hasher as _;
use plonky2::util::log2_strict;
use rayon::prelude::*;

use crate::expression::Expression;
use crate::field::Felt;
use crate::packed::Packed;
use crate::proof::{Digest, Hasher};

use super::poseidon::permute;

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

#[cfg(test)]
mod tests {
    use plonky2::field::types::Sample;

    use super::*;

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
