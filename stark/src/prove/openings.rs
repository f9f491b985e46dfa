//! Openings at `zeta` and the low-degree test.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::packed::PackedField;
use plonky2::field::types::Field;
use plonky2::fri::structure::{FriInstanceInfo, FriPolynomialInfo};
use plonky2::iop::challenger::Challenger;
use rayon::prelude::*;

use crate::bus::{Extended, PackedChallenge};
use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::layout::{ORACLES, Oracle, TableOpenings};
use crate::packed::{Lanes, Packed};
use crate::proof::{Hasher, LowDegreeProof};
use crate::protocol::Protocol;

use super::commit::{Commitment, Roots, extend};
use super::fri;

/// Coefficients that one task combines.
const COEFFICIENTS_PER_TASK: usize = 1 << 9;

/// A polynomial over F_p^2 as two over F_p.
struct Split {
    low: Vec<Felt>,
    high: Vec<Felt>,
}

impl Split {
    fn from_iter(values: impl Iterator<Item = Challenge>) -> Self {
        let (low, high) = values.map(|value| (value.0[0], value.0[1])).unzip();
        Self { low, high }
    }
}

/// `1, point, point^2, ...`
fn powers(point: Challenge, count: usize) -> Split {
    Split::from_iter(point.powers().take(count))
}

/// `sum left[i] right[i]`.
fn dot(left: &[Felt], right: &[Felt]) -> Felt {
    let vectors = left.len() / Packed::WIDTH * Packed::WIDTH;
    let (left, left_rest) = left.split_at(vectors);
    let (right, right_rest) = right.split_at(vectors);
    let pairs = Lanes::pack_slice(left).iter().zip(Lanes::pack_slice(right));
    let sum = pairs.fold(Lanes::ZEROS, |sum, (&a, &b)| sum + a * b);
    let rest = left_rest.iter().zip(right_rest).map(|(&a, &b)| a * b);
    sum.as_slice().iter().copied().chain(rest).sum()
}

/// All columns at `zeta`, and some at the next row's point.
pub(super) fn open(
    protocol: &Protocol,
    oracles: &[&Commitment; ORACLES],
    zeta: Challenge,
) -> Vec<TableOpenings<Challenge>> {
    let layout = &protocol.layout;
    let points: Vec<[Split; 2]> = layout
        .classes
        .iter()
        .enumerate()
        .map(|(class, of)| {
            let next = zeta * Challenge::from(protocol.generator(class));
            [zeta, next].map(|point| powers(point, 1 << of.log_height))
        })
        .collect();
    let tables = layout.tables.iter();
    tables
        .map(|table| {
            let [here, next] = &points[table.class];
            let at = |point: &Split, oracle: Oracle, columns: &[usize]| -> Vec<Challenge> {
                let first = table.first_polynomials[oracle as usize];
                let polynomials = &oracles[oracle as usize].polynomials[first..];
                columns
                    .par_iter()
                    .map(|&column| {
                        let polynomial = &polynomials[column];
                        let low = dot(polynomial, &point.low);
                        QuadraticExtension([low, dot(polynomial, &point.high)])
                    })
                    .collect()
            };
            let all = |oracle: Oracle| {
                let columns: Vec<usize> = (0..table.widths[oracle as usize]).collect();
                at(here, oracle, &columns)
            };
            let phi: Vec<usize> = table.phi_columns().collect();
            TableOpenings {
                fixed: all(Oracle::Fixed),
                main: all(Oracle::Main),
                auxiliary: all(Oracle::Auxiliary),
                quotient: all(Oracle::Quotient),
                main_next: at(next, Oracle::Main, &table.next_columns),
                phi_next: at(next, Oracle::Auxiliary, &phi),
            }
        })
        .collect()
}

/// `sum alpha^i polynomial_i`.
fn combine(polynomials: &[&[Felt]], alpha: Challenge) -> Vec<Challenge> {
    let height = polynomials[0].len();
    let weights: Vec<Challenge> = alpha.powers().take(polynomials.len()).collect();
    let mut sums = vec![Challenge::ZERO; height];
    sums.par_chunks_mut(COEFFICIENTS_PER_TASK)
        .enumerate()
        .for_each(|(task, sums)| {
            let start = task * COEFFICIENTS_PER_TASK;
            let range = start..start + sums.len();
            if sums.len().is_multiple_of(Packed::WIDTH) {
                let mut packed = vec![PackedChallenge::zero(); sums.len() / Packed::WIDTH];
                for (polynomial, &weight) in polynomials.iter().zip(&weights) {
                    let weight = PackedChallenge::broadcast(weight);
                    let values = Lanes::pack_slice(&polynomial[range.clone()]);
                    for (sum, &value) in packed.iter_mut().zip(values) {
                        *sum = *sum + weight.times(Packed(value));
                    }
                }
                for (sums, packed) in sums.chunks_exact_mut(Packed::WIDTH).zip(packed) {
                    let low = packed.low.0.as_slice().iter();
                    let pairs = low.zip(packed.high.0.as_slice());
                    for (sum, (&low, &high)) in sums.iter_mut().zip(pairs) {
                        *sum = QuadraticExtension([low, high]);
                    }
                }
            } else {
                for (polynomial, &weight) in polynomials.iter().zip(&weights) {
                    for (sum, &value) in sums.iter_mut().zip(&polynomial[range.clone()]) {
                        *sum += weight * Challenge::from(value);
                    }
                }
            }
        });
    sums
}

/// `(f(x) - f(point)) / (x - point)`, with as many coefficients as `f`.
fn divide_by_linear(mut polynomial: Vec<Challenge>, point: Challenge) -> Vec<Challenge> {
    let mut carry = Challenge::ZERO;
    for coefficient in polynomial.iter_mut().rev() {
        let quotient = carry;
        carry = *coefficient + carry * point;
        *coefficient = quotient;
    }
    polynomial
}

/// The codeword that shows that values opened of one height's polynomials are theirs: on the domain that is `2^rate_bits` times as large, shifted, in its order. `polynomial` gives coefficients.
pub(super) fn codeword<'a>(
    instance: &FriInstanceInfo<Felt, CHALLENGE_DEGREE>,
    polynomial: impl Fn(&FriPolynomialInfo) -> &'a [Felt],
    alpha: Challenge,
    rate_bits: usize,
    roots: &Roots,
) -> Vec<Challenge> {
    let mut sum: Vec<Challenge> = Vec::new();
    for batch in &instance.batches {
        let polynomials: Vec<&[Felt]> = batch.polynomials.iter().map(&polynomial).collect();
        let quotient = divide_by_linear(combine(&polynomials, alpha), batch.point);
        if sum.is_empty() {
            sum = quotient;
        } else {
            // Batches use disjoint powers of alpha: those before are moved up.
            let shift = alpha.exp_u64(polynomials.len() as u64);
            for (sum, quotient) in sum.iter_mut().zip(quotient) {
                *sum = *sum * shift + quotient;
            }
        }
    }
    // The shift and the roots are in the base field, so the two coefficients transform independently.
    let split = Split::from_iter(sum.into_iter());
    let (low, high) = rayon::join(
        || extend(&split.low, rate_bits, roots),
        || extend(&split.high, rate_bits, roots),
    );
    let pairs = low.into_iter().zip(high);
    pairs
        .map(|(low, high)| QuadraticExtension([low, high]))
        .collect()
}

/// Proves that the opened values are those of the committed polynomials.
pub(super) fn low_degree(
    protocol: &Protocol,
    roots: &Roots,
    oracles: &[&Commitment; ORACLES],
    zeta: Challenge,
    challenger: &mut Challenger<Felt, Hasher>,
) -> LowDegreeProof {
    let rate_bits = protocol.shape.fri.rate_bits;
    let alpha = challenger.get_extension_challenge::<CHALLENGE_DEGREE>();
    let polynomial =
        |info: &FriPolynomialInfo| &*oracles[info.oracle_index].polynomials[info.polynomial_index];
    let instances = protocol.instances(zeta);
    let codewords = instances
        .iter()
        .map(|instance| codeword(instance, polynomial, alpha, rate_bits, roots))
        .collect();
    fri::prove(&protocol.fri_params, codewords, challenger, |position| {
        let trees = oracles.iter().map(|oracle| &oracle.tree);
        trees
            .map(|tree| (tree.values(position).concat(), tree.open_batch(position)))
            .collect()
    })
}
