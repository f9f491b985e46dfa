//! Commitments to polynomials of one height: the same that plonky2 makes for its circuits, with as many hashes at a time as vectors have lanes.

use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::fri::FriParams;
use plonky2::fri::oracle::PolynomialBatch;
use plonky2::fri::structure::{FriInstanceInfo, FriPolynomialInfo};
use plonky2::hash::merkle_tree::MerkleTree;
use plonky2::iop::challenger::Challenger;
use plonky2::util::log2_strict;

use crate::field::{CHALLENGE_DEGREE, Felt};
use crate::proof::{Config, Hasher, LowDegreeProof};

use super::commit::{Roots, interpolate, leaves_of};
use super::fri;
use super::openings::codeword;

/// What plonky2's prover keeps of polynomials that it has committed to.
pub type Committed = PolynomialBatch<Felt, Config, CHALLENGE_DEGREE>;

/// Commits to the polynomials of degree below `2^n` that have these values on the subgroup of `2^n` elements; at least one, all of the same length.
pub fn commit_to_columns(
    columns: Vec<Vec<Felt>>,
    rate_bits: usize,
    cap_height: usize,
) -> Committed {
    let roots = roots(&columns, rate_bits);
    let polynomials = interpolate(columns, &roots);
    committed(polynomials, rate_bits, cap_height, &roots)
}

/// Commits to polynomials by their coefficients; at least one, all of the same length, a power of two.
pub fn commit_to_polynomials(
    polynomials: Vec<Vec<Felt>>,
    rate_bits: usize,
    cap_height: usize,
) -> Committed {
    let roots = roots(&polynomials, rate_bits);
    committed(polynomials, rate_bits, cap_height, &roots)
}

fn roots(columns: &[Vec<Felt>], rate_bits: usize) -> Roots {
    let height = columns.first().map(|column| log2_strict(column.len()));
    Roots::for_heights(height, rate_bits)
}

fn committed(
    polynomials: Vec<Vec<Felt>>,
    rate_bits: usize,
    cap_height: usize,
    roots: &Roots,
) -> Committed {
    let degree_log = polynomials
        .first()
        .map_or(0, |first| log2_strict(first.len()));
    let leaves = leaves_of(&polynomials, rate_bits, roots);
    let polynomials = polynomials.into_iter().map(PolynomialCoeffs::new);
    PolynomialBatch {
        polynomials: polynomials.collect(),
        merkle_tree: tree(leaves, cap_height),
        degree_log,
        rate_bits,
        blinding: false,
    }
}

/// Proves that values opened of committed polynomials are theirs: the proof that plonky2 makes of an instance of its low-degree test without hiding, with these commitments as oracles.
pub fn open_commitments(
    instance: &FriInstanceInfo<Felt, CHALLENGE_DEGREE>,
    oracles: &[&Committed],
    challenger: &mut Challenger<Felt, Hasher>,
    params: &FriParams,
) -> LowDegreeProof {
    let rate_bits = params.config.rate_bits;
    let roots = Roots::for_heights([params.degree_bits], rate_bits);
    let alpha = challenger.get_extension_challenge::<CHALLENGE_DEGREE>();
    let polynomial = |info: &FriPolynomialInfo| {
        &*oracles[info.oracle_index].polynomials[info.polynomial_index].coeffs
    };
    let codeword = codeword(instance, polynomial, alpha, rate_bits, &roots);
    fri::prove(params, vec![codeword], challenger, |position| {
        let trees = oracles.iter().map(|oracle| &oracle.merkle_tree);
        trees
            .map(|tree| (tree.get(position).to_vec(), tree.prove(position)))
            .collect()
    })
}

/// A tree of one height is laid out as the trees of several heights are.
pub(super) fn tree(leaves: Vec<Vec<Felt>>, cap_height: usize) -> MerkleTree<Felt, Hasher> {
    let tree = super::merkle::tree(vec![leaves], cap_height);
    MerkleTree {
        leaves: tree.leaves.into_iter().next().unwrap_or_default(),
        digests: tree.digests,
        cap: tree.cap,
    }
}

#[cfg(test)]
mod tests {
    use plonky2::field::polynomial::PolynomialValues;
    use plonky2::field::types::Sample;
    use plonky2::util::timing::TimingTree;

    use super::*;

    #[test]
    fn commitments_are_those_of_plonky2() {
        // Widths: shorter than a digest, not a multiple of the rate, and as wide as circuits are.
        for (width, log_height) in [(1, 3), (4, 6), (20, 6), (135, 7)] {
            let columns: Vec<Vec<Felt>> = (0..width)
                .map(|_| Felt::rand_vec(1 << log_height))
                .collect();
            let values = columns.iter().cloned().map(PolynomialValues::new).collect();
            let mut timing = TimingTree::default();
            let expected = Committed::from_values(values, 3, false, 2, &mut timing, None);
            let found = commit_to_columns(columns, 3, 2);
            assert!(found == expected, "{width} columns");
            let polynomials = expected.polynomials.iter().map(|it| it.coeffs.clone());
            assert!(commit_to_polynomials(polynomials.collect(), 3, 2) == expected);
        }
    }
}
