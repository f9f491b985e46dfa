//! The permutation argument: that wires which are one have one value.
//!
//! For each challenge, `Z` starts at one and goes on by the product of `(w + beta id + gamma) / (w + beta sigma + gamma)` over a row's
//! routed wires; its partial products keep the degree of constraints down.

use braid_verifier::config::{C, D, F};
use plonky2::field::types::Field;
use plonky2::plonk::circuit_data::CircuitData;
use rayon::prelude::*;

use super::PermutationChallenges;

/// Rows that one task multiplies.
const ROWS_PER_TASK: usize = 256;

/// For each challenge `Z`, then for each challenge its partial products but the last, which is the next row's `Z`.
pub(super) fn products(
    routed: &[Vec<F>],
    challenges: &PermutationChallenges,
    data: &CircuitData<F, C, D>,
) -> Vec<Vec<F>> {
    let pairs = challenges.betas.iter().zip(&challenges.gammas);
    let (mut accumulators, mut partial) = (Vec::new(), Vec::new());
    for (&beta, &gamma) in pairs {
        let mut columns = accumulate(&ratios(routed, beta, gamma, data));
        partial.extend(columns.drain(1..));
        accumulators.append(&mut columns);
    }
    accumulators.append(&mut partial);
    accumulators
}

/// For each chunk of routed wires, the product of its ratios in every row.
fn ratios(routed: &[Vec<F>], beta: F, gamma: F, data: &CircuitData<F, C, D>) -> Vec<Vec<F>> {
    let (keys, common) = (&data.prover_only, &data.common);
    let width = common.quotient_degree_factor;
    let chunks: Vec<_> = (0..routed.len()).step_by(width).collect();
    let rows: Vec<Vec<Vec<F>>> = (0..common.degree())
        .into_par_iter()
        .step_by(ROWS_PER_TASK)
        .map(|start| {
            let rows = start..common.degree().min(start + ROWS_PER_TASK);
            let chunk = |&first: &usize| -> Vec<F> {
                let wires = first..routed.len().min(first + width);
                let numerator = |row: usize| -> F {
                    let place = beta * keys.subgroup[row];
                    let factors = wires
                        .clone()
                        .map(|wire| routed[wire][row] + place * common.k_is[wire] + gamma);
                    factors.product()
                };
                let denominator = |row: usize| -> F {
                    let sigmas = &keys.sigmas[row];
                    let factors = wires
                        .clone()
                        .map(|wire| routed[wire][row] + beta * sigmas[wire] + gamma);
                    factors.product()
                };
                let below: Vec<F> = rows.clone().map(denominator).collect();
                let inverses = F::batch_multiplicative_inverse(&below);
                rows.clone()
                    .zip(inverses)
                    .map(|(row, inverse)| numerator(row) * inverse)
                    .collect()
            };
            chunks.iter().map(chunk).collect()
        })
        .collect();
    (0..chunks.len())
        .map(|chunk| {
            let parts = rows.iter().flat_map(|task| task[chunk].iter().copied());
            parts.collect()
        })
        .collect()
}

/// `Z` of every row, then its products with the ratios of the first chunk, of the first two, and so on but for all.
fn accumulate(ratios: &[Vec<F>]) -> Vec<Vec<F>> {
    let degree = ratios.first().map_or(0, Vec::len);
    let mut columns = vec![Vec::with_capacity(degree); ratios.len()];
    let mut product = F::ONE;
    for row in 0..degree {
        for (column, ratio) in columns.iter_mut().zip(ratios) {
            column.push(product);
            product *= ratio[row];
        }
    }
    columns
}
