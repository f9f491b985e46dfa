//! Which polynomials are opened where, in the order in which plonky2's verifier reads them.

use std::ops::Range;

use braid_verifier::config::{D, F};
use plonky2::fri::structure::{
    FriBatchInfo, FriInstanceInfo, FriOpeningBatch, FriOpenings, FriOracleInfo, FriPolynomialInfo,
};
use plonky2::plonk::proof::OpeningSet;

use super::{Challenge, Common};

/// Places of plonky2's oracles.
#[derive(Clone, Copy)]
enum Oracle {
    ConstantsSigmas,
    Wires,
    Products,
    Quotients,
}

fn polynomials(oracle: Oracle, range: Range<usize>) -> Vec<FriPolynomialInfo> {
    FriPolynomialInfo::from_range(oracle as usize, range)
}

/// What FRI shows: all polynomials at `point`, the permutation argument's accumulators at the next one too.
pub(super) fn instance(
    common: &Common,
    point: Challenge,
    generator: Challenge,
) -> FriInstanceInfo<F, D> {
    let config = &common.config;
    let oracles = [
        (Oracle::ConstantsSigmas, common.sigmas_range().end),
        (Oracle::Wires, config.num_wires),
        (Oracle::Products, common.partial_products_range().end),
        (
            Oracle::Quotients,
            config.num_challenges * common.quotient_degree_factor,
        ),
    ];
    let all = oracles.map(|(oracle, count)| polynomials(oracle, 0..count));
    let next = polynomials(Oracle::Products, common.zs_range());
    FriInstanceInfo {
        // Blinding is one of zero-knowledge circuits; the flag is not read for others.
        oracles: oracles
            .map(|(_, num_polys)| FriOracleInfo {
                num_polys,
                blinding: false,
            })
            .to_vec(),
        batches: vec![
            FriBatchInfo {
                point,
                polynomials: all.concat(),
            },
            FriBatchInfo {
                point: generator * point,
                polynomials: next,
            },
        ],
    }
}

/// The opened values in the order of [`instance`].
pub(super) fn values(openings: &OpeningSet<F, D>) -> FriOpenings<F, D> {
    let here = [
        &openings.constants,
        &openings.plonk_sigmas,
        &openings.wires,
        &openings.plonk_zs,
        &openings.partial_products,
        &openings.quotient_polys,
    ];
    let here = here.into_iter().flatten().copied().collect();
    let next = openings.plonk_zs_next.clone();
    FriOpenings {
        batches: [here, next].map(|values| FriOpeningBatch { values }).into(),
    }
}
