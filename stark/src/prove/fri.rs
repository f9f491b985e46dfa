//! The low-degree test of polynomials of several heights: the proof that plonky2's `batch_fri` makes, and for one height that of its `fri`.
//!
//! Codewords are folded as values, in bit-reversed order, in which the two points `x` and `-x` are neighbours: no transform is needed between rounds.

use plonky2::field::extension::{FieldExtension, flatten, unflatten};
use plonky2::field::ops::Square;
use plonky2::field::polynomial::PolynomialValues;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::fri::FriParams;
use plonky2::fri::proof::{FriInitialTreeProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleTree;
use plonky2::iop::challenger::Challenger;
use plonky2::util::{log2_strict, reverse_index_bits_in_place};
use rayon::prelude::*;

use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::proof::{Hasher, LowDegreeProof};

use super::single;

/// Values that one task folds.
const VALUES_PER_TASK: usize = 1 << 10;

/// Candidates for the proof of work that are tried before it is looked whether one is right.
const CANDIDATES_AT_ONCE: usize = 1 << 13;

/// What a committed oracle shows at a query: the values at its point, and their path.
pub(super) type Opened = (Vec<Felt>, MerkleProof<Felt, Hasher>);

/// Proves that codewords are of low degree. They are values on the shifted domains in their order, from the longest, each of another length, and all lengths are reached by the reductions. `open` gives
/// what the oracles show at a position of the longest.
pub(super) fn prove(
    params: &FriParams,
    codewords: Vec<Vec<Challenge>>,
    challenger: &mut Challenger<Felt, Hasher>,
    open: impl Fn(usize) -> Vec<Opened> + Sync,
) -> LowDegreeProof {
    let size = codewords.first().map_or(0, Vec::len);
    let (trees, final_poly) = reduce(params, codewords, challenger);
    challenger.observe_extension_elements::<CHALLENGE_DEGREE>(&final_poly);
    let pow_witness = proof_of_work(challenger, params.config.proof_of_work_bits);
    let queries = challenger.get_n_challenges(params.config.num_query_rounds);
    let rounds = queries.into_par_iter().map(|query| {
        let position = query.to_canonical_u64() % size as u64;
        query_round(params, &trees, position as usize, &open)
    });
    LowDegreeProof {
        query_round_proofs: rounds.collect(),
        commit_phase_merkle_caps: trees.into_iter().map(|tree| tree.cap).collect(),
        final_poly: final_poly.into(),
        pow_witness,
    }
}

/// Commits to the longest codeword and folds it, until all are in it and it is short. Gives the trees, and the coefficients of what is left.
fn reduce(
    params: &FriParams,
    codewords: Vec<Vec<Challenge>>,
    challenger: &mut Challenger<Felt, Hasher>,
) -> (Vec<MerkleTree<Felt, Hasher>>, Vec<Challenge>) {
    let mut codewords = codewords.into_iter().map(bit_reversed).peekable();
    let mut word = codewords.next().unwrap_or_default();
    let mut domain = Domain::of(word.len());
    let mut trees = Vec::with_capacity(params.reduction_arity_bits.len());
    for &arity_bits in &params.reduction_arity_bits {
        let leaves = word
            .par_chunks(1 << arity_bits)
            .map(flatten::<Felt, CHALLENGE_DEGREE>)
            .collect();
        let tree = single::tree(leaves, params.config.cap_height);
        challenger.observe_cap(&tree.cap);
        trees.push(tree);
        let beta = challenger.get_extension_challenge::<CHALLENGE_DEGREE>();
        let mut power = beta;
        for _ in 0..arity_bits {
            word = domain.fold(&word, power);
            power = power.square();
        }
        if let Some(next) = codewords.next_if(|next| next.len() == word.len()) {
            for (value, next) in word.iter_mut().zip(next) {
                *value = *value * beta + next;
            }
        }
    }
    debug_assert!(codewords.next().is_none());
    let values = PolynomialValues::new(bit_reversed(word));
    let mut coefficients = values.coset_ifft(domain.shift.into()).coeffs;
    coefficients.truncate(coefficients.len() >> params.config.rate_bits);
    (trees, coefficients)
}

fn bit_reversed(mut values: Vec<Challenge>) -> Vec<Challenge> {
    reverse_index_bits_in_place(&mut values);
    values
}

/// The points that a codeword has its values at.
struct Domain {
    /// All points are powers of a root of unity, times this.
    shift: Felt,
    /// Inverses of the powers that are first of their pairs, in bit-reversed order. Those of the squares, which the next domain has, are the first half.
    inverses: Vec<Felt>,
}

impl Domain {
    fn of(size: usize) -> Self {
        let inverse = Felt::primitive_root_of_unity(log2_strict(size)).inverse();
        let mut inverses: Vec<Felt> = inverse.powers().take(size / 2).collect();
        reverse_index_bits_in_place(&mut inverses);
        Self {
            shift: Felt::coset_shift(),
            inverses,
        }
    }

    /// The values of `even(x) + beta odd(x)` on the squares, where the word has those of `even(x^2) + x odd(x^2)`.
    fn fold(&mut self, word: &[Challenge], beta: Challenge) -> Vec<Challenge> {
        let half = Felt::TWO.inverse();
        let scale = half * self.shift.inverse();
        let mut folded = vec![Challenge::ZERO; word.len() / 2];
        folded
            .par_chunks_mut(VALUES_PER_TASK)
            .zip(word.par_chunks(2 * VALUES_PER_TASK))
            .zip(self.inverses.par_chunks(VALUES_PER_TASK))
            .for_each(|((folded, word), inverses)| {
                let pairs = word.chunks_exact(2).zip(inverses);
                for (value, (pair, &inverse)) in folded.iter_mut().zip(pairs) {
                    let even = scaled(pair[0] + pair[1], half);
                    let odd = scaled(pair[0] - pair[1], scale * inverse);
                    *value = even + beta * odd;
                }
            });
        self.shift = self.shift.square();
        folded
    }
}

fn scaled(value: Challenge, factor: Felt) -> Challenge {
    <Challenge as FieldExtension<CHALLENGE_DEGREE>>::scalar_mul(&value, factor)
}

/// A value after which the transcript's next challenge begins with so many zero bits: the first.
fn proof_of_work(challenger: &mut Challenger<Felt, Hasher>, bits: u32) -> Felt {
    let is_enough = |candidate: Felt| {
        let mut challenger = challenger.clone();
        challenger.observe_element(candidate);
        let response = challenger.get_challenge().to_canonical_u64();
        response.leading_zeros() >= bits
    };
    let found = (0..u64::MAX).step_by(CANDIDATES_AT_ONCE).find_map(|first| {
        let candidates = (first..first + CANDIDATES_AT_ONCE as u64).into_par_iter();
        candidates
            .map(Felt::from_noncanonical_u64)
            .find_first(|candidate| is_enough(*candidate))
    });
    let witness = found.unwrap_or_default();
    challenger.observe_element(witness);
    challenger.get_challenge();
    witness
}

/// The answer to one query.
fn query_round(
    params: &FriParams,
    trees: &[MerkleTree<Felt, Hasher>],
    mut position: usize,
    open: impl Fn(usize) -> Vec<Opened>,
) -> FriQueryRound<Felt, Hasher, CHALLENGE_DEGREE> {
    let evals_proofs = open(position);
    let steps = trees.iter().zip(&params.reduction_arity_bits);
    let steps = steps.map(|(tree, arity_bits)| {
        position >>= arity_bits;
        FriQueryStep {
            evals: unflatten::<Felt, CHALLENGE_DEGREE>(tree.get(position)),
            merkle_proof: tree.prove(position),
        }
    });
    FriQueryRound {
        steps: steps.collect(),
        initial_trees_proof: FriInitialTreeProof { evals_proofs },
    }
}

#[cfg(test)]
mod tests {
    use plonky2::batch_fri::prover::batch_fri_proof;
    use plonky2::field::polynomial::PolynomialCoeffs;
    use plonky2::field::types::Sample;
    use plonky2::fri::FriConfig;
    use plonky2::fri::reduction_strategies::FriReductionStrategy;
    use plonky2::util::timing::TimingTree;

    use super::*;
    use crate::proof::Config;

    /// Random polynomials of these heights (log2): values on the larger domain, and the coefficients of the first.
    fn random(heights: &[usize], rate_bits: usize) -> (Vec<Vec<Challenge>>, Vec<Challenge>) {
        let mut first = Vec::new();
        let mut words = Vec::new();
        for &height in heights {
            let mut coefficients = Challenge::rand_vec(1 << height);
            coefficients.resize(1 << (height + rate_bits), Challenge::ZERO);
            let polynomial = PolynomialCoeffs::new(coefficients.clone());
            words.push(polynomial.coset_fft(Felt::coset_shift().into()).values);
            if first.is_empty() {
                first = coefficients;
            }
        }
        (words, first)
    }

    #[test]
    fn messages_are_those_of_plonky2() {
        for (heights, rate_bits, reduction_arity_bits) in [
            (vec![9, 7, 6, 3], 1, vec![2, 1, 3, 1]),
            (vec![8, 5], 2, vec![3, 2]),
            (vec![7], 3, vec![4]),
            (vec![4], 1, vec![]),
        ] {
            let params = FriParams {
                config: FriConfig {
                    rate_bits,
                    cap_height: 1,
                    proof_of_work_bits: 6,
                    reduction_strategy: FriReductionStrategy::Fixed(reduction_arity_bits.clone()),
                    num_query_rounds: 3,
                },
                hiding: false,
                degree_bits: heights[0],
                reduction_arity_bits,
            };
            let (words, first) = random(&heights, rate_bits);
            let mut challenger = Challenger::new();
            let found = prove(&params, words.clone(), &mut challenger, |_| Vec::new());
            let expected = batch_fri_proof::<Felt, Config, CHALLENGE_DEGREE>(
                &[],
                PolynomialCoeffs::new(first),
                &Vec::from_iter(words.into_iter().map(PolynomialValues::new)),
                &mut Challenger::new(),
                &params,
                &mut TimingTree::default(),
            );
            assert_eq!(
                found.commit_phase_merkle_caps,
                expected.commit_phase_merkle_caps
            );
            assert_eq!(found.final_poly, expected.final_poly, "{heights:?}");
            // The transcript goes on behind the work, which may be another's.
            let mut theirs = Challenger::<Felt, Hasher>::new();
            for cap in &expected.commit_phase_merkle_caps {
                theirs.observe_cap(cap);
                theirs.get_extension_challenge::<CHALLENGE_DEGREE>();
            }
            theirs.observe_extension_elements::<CHALLENGE_DEGREE>(&expected.final_poly.coeffs);
            theirs.observe_element(found.pow_witness);
            let response = theirs.get_challenge().to_canonical_u64();
            assert!(response.leading_zeros() >= 6);
            theirs.get_n_challenges(3);
            assert_eq!(theirs.get_challenge(), challenger.get_challenge());
        }
    }
}
