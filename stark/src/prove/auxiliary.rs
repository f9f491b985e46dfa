//! Fills the bus's columns: see [`crate::bus`].

use plonky2::field::extension::Extendable;
use plonky2::field::packed::PackedField;
use plonky2::field::types::Field;
use rayon::prelude::*;

use crate::builder::Row;
use crate::bus::{BusChallenges, BusPlan, PackedChallenge};
use crate::error::Error;
use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::packed::Packed;
use crate::table::{AnyTable, InteractionsOnly};
use crate::trace::Trace;

use super::lanes::{from_lanes, gather};
use super::{ProveError, row_selectors};

/// Rows that one task fills, sharing one inversion per lane.
const ROWS_PER_TASK: usize = 256;

/// A table's columns of the bus and their sum.
pub(super) struct Filled {
    /// Base-field columns: for each helper and then the running sum, coefficients of 1 and of `X`.
    pub(super) columns: Vec<Vec<Felt>>,
    /// The sum of all helpers on all rows.
    pub(super) sum: Challenge,
}

/// Fills the columns of `table`.
///
/// # Errors
/// When a fingerprint is zero.
pub(super) fn fill(
    table: &dyn AnyTable,
    trace: &Trace,
    fixed: &Trace,
    plan: &BusPlan,
    challenges: &BusChallenges<Challenge>,
) -> Result<Filled, Error> {
    if plan.is_silent() {
        return Ok(Filled {
            columns: Vec::new(),
            sum: Challenge::ZERO,
        });
    }
    let height = trace.height();
    let challenges = BusChallenges {
        beta_powers: challenges
            .beta_powers
            .iter()
            .map(|&power| PackedChallenge::broadcast(power))
            .collect(),
        gamma: PackedChallenge::broadcast(challenges.gamma),
    };
    let step = ROWS_PER_TASK.max(Packed::WIDTH).min(height);
    let blocks: Option<Vec<Block>> = (0..height / step)
        .into_par_iter()
        .map(|block| fill_block(table, trace, fixed, plan, &challenges, block * step, step))
        .collect();
    let blocks = blocks.ok_or(ProveError::Fingerprint {
        table: table.name(),
    })?;

    let mut columns: Vec<Vec<Felt>> = (0..2 * plan.helpers.len())
        .into_par_iter()
        .map(|column| {
            let mut values = Vec::with_capacity(height);
            for block in &blocks {
                values.extend_from_slice(&block.columns[column]);
            }
            values
        })
        .collect();
    let steps = || blocks.iter().flat_map(|block| &block.steps).copied();
    let sum: Challenge = steps().sum();
    let share = sum * Challenge::from(Felt::from_canonical_usize(height).inverse());
    let mut phi = Challenge::ZERO;
    let mut low = Vec::with_capacity(height);
    let mut high = Vec::with_capacity(height);
    for step in steps() {
        low.push(phi.0[0]);
        high.push(phi.0[1]);
        phi += step - share;
    }
    debug_assert_eq!(phi, Challenge::ZERO);
    columns.push(low);
    columns.push(high);
    Ok(Filled { columns, sum })
}

/// Some consecutive rows of the columns.
struct Block {
    /// The helpers' base-field columns.
    columns: Vec<Vec<Felt>>,
    /// Sum of each row's helpers.
    steps: Vec<Challenge>,
}

/// Fills rows `start..start + count`; none if a fingerprint is zero.
fn fill_block(
    table: &dyn AnyTable,
    trace: &Trace,
    fixed: &Trace,
    plan: &BusPlan,
    challenges: &BusChallenges<PackedChallenge>,
    start: usize,
    count: usize,
) -> Option<Block> {
    let height = trace.height();
    let (width, fixed_width) = (trace.width(), fixed.width());
    let (mut local, mut next, mut fixed_cells) = (Vec::new(), Vec::new(), Vec::new());
    let mut said = InteractionsOnly(Vec::new());
    let mut fractions = Vec::new();
    for first in (start..start + count).step_by(Packed::WIDTH) {
        // A table lower than a vector repeats its rows; the repetitions are dropped below.
        let index = |lane: usize| (first + lane) % height;
        gather(&mut local, width, |lane| trace.row(index(lane)));
        gather(&mut next, width, |lane| {
            trace.row((index(lane) + 1) % height)
        });
        gather(&mut fixed_cells, fixed_width, |lane| fixed.row(index(lane)));
        said.0.clear();
        let row = Row {
            local: &local,
            next: &next,
            fixed: &fixed_cells,
            first: from_lanes(|lane| row_selectors(index(lane), height).first),
            last: from_lanes(|lane| row_selectors(index(lane), height).last),
            transition: from_lanes(|lane| row_selectors(index(lane), height).transition),
        };
        table.interactions_of_packed(row, &mut said);
        let groups = plan.helpers.iter();
        fractions.extend(groups.map(|&group| challenges.fraction(&said.0, group)));
    }
    divide(&mut fractions)?;

    let helpers = plan.helpers.len();
    let mut columns: Vec<Vec<Felt>> = (0..2 * helpers)
        .map(|_| Vec::with_capacity(count))
        .collect();
    let mut steps = Vec::with_capacity(count);
    for (group, row) in fractions.chunks_exact(helpers).enumerate() {
        let lanes = Packed::WIDTH.min(count - group * Packed::WIDTH);
        let mut step = PackedChallenge::zero();
        for (pair, &(helper, _)) in columns.chunks_exact_mut(2).zip(row) {
            pair[0].extend_from_slice(&helper.low.0.as_slice()[..lanes]);
            pair[1].extend_from_slice(&helper.high.0.as_slice()[..lanes]);
            step = step + helper;
        }
        let (low, high) = (step.low.0, step.high.0);
        let sums = low.as_slice().iter().zip(high.as_slice()).take(lanes);
        steps.extend(sums.map(|(&low, &high)| challenge(low, high)));
    }
    Some(Block { columns, steps })
}

fn challenge(low: Felt, high: Felt) -> Challenge {
    plonky2::field::extension::quadratic::QuadraticExtension([low, high])
}

/// Replaces each numerator by its quotient with the denominator; none if a denominator is zero.
///
/// Inverts through the norm, `1 / (a + b X) = (a - b X) / (a^2 - 7 b^2)`, and all norms of a lane with one inversion.
fn divide(fractions: &mut [(PackedChallenge, PackedChallenge)]) -> Option<()> {
    let seven = Packed::constant(<Felt as Extendable<2>>::W);
    let norm = |d: &PackedChallenge| d.low * d.low - seven * (d.high * d.high);
    let mut products = Vec::with_capacity(fractions.len());
    let mut product = Packed::one();
    for (_, denominator) in fractions.iter() {
        products.push(product);
        product = product * norm(denominator);
    }
    let mut inverse = product;
    for lane in inverse.0.as_slice_mut() {
        *lane = lane.try_inverse()?;
    }
    for ((numerator, denominator), before) in fractions.iter_mut().zip(products).rev() {
        let scale = inverse * before;
        inverse = inverse * norm(denominator);
        let conjugate = PackedChallenge {
            low: denominator.low * scale,
            high: -(denominator.high * scale),
        };
        *numerator = *numerator * conjugate;
    }
    Some(())
}
