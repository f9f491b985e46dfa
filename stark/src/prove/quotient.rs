//! Quotients: all constraints of a table on a coset of twice its height, divided by `x^N - 1`.

use plonky2::field::packed::PackedField;
use plonky2::field::polynomial::PolynomialValues;
use plonky2::field::types::Field;
use plonky2::util::reverse_index_bits_in_place;
use rayon::prelude::*;

use crate::builder::Row;
use crate::bus::{self, BusChallenges, BusPlan, BusRow, Extended, PackedChallenge};
use crate::field::{Challenge, Felt};
use crate::layout::{ORACLES, Oracle, QUOTIENT_CHUNKS, TableLayout};
use crate::packed::Packed;
use crate::table::{AnyTable, Collected};

use super::commit::Commitment;
use super::lanes::{from_lanes, gather, join};

/// Points that one task evaluates.
const POINTS_PER_TASK: usize = 256;

/// The coset `shift * H` of twice a class's height, and the selectors on it, in bit-reversed order.
///
/// Leaves are in bit-reversed order as well: whatever the rate, the first `2N` leaves are this coset, in this order.
pub(super) struct Domain {
    log_height: usize,
    first: Vec<Felt>,
    last: Vec<Felt>,
    /// `1 / (x^N - 1)` on the first half of the points, and on the second.
    inverse_vanishing: [Felt; 2],
}

impl Domain {
    pub(super) fn of(log_height: usize) -> Self {
        let height = 1 << log_height;
        let shift = Felt::coset_shift();
        let shift_power = shift.exp_power_of_2(log_height);
        // The N-th power of the 2N-th root is -1: even points are first in bit-reversed order.
        let vanishing = [shift_power - Felt::ONE, -shift_power - Felt::ONE];
        let root = Felt::primitive_root_of_unity(log_height + 1);
        let mut points: Vec<Felt> = root
            .powers()
            .take(2 * height)
            .map(|power| power * shift)
            .collect();
        reverse_index_bits_in_place(&mut points);
        let last_point = Felt::primitive_root_of_unity(log_height).inverse();
        let size = Felt::from_canonical_usize(height).inverse();
        let [first, last] = [Felt::ONE, last_point].map(|point| {
            let differences: Vec<Felt> = points.iter().map(|&x| x - point).collect();
            let mut values = Felt::batch_multiplicative_inverse(&differences);
            for (index, value) in values.iter_mut().enumerate() {
                *value *= vanishing[index / height] * point * size;
            }
            values
        });
        Self {
            log_height,
            first,
            last,
            inverse_vanishing: vanishing.map(|value| value.inverse()),
        }
    }

    fn size(&self) -> usize {
        2 << self.log_height
    }

    /// The position of the next row's point.
    fn next(&self, position: usize) -> usize {
        let bits = self.log_height + 1;
        let reverse = |value: usize| value.reverse_bits() >> (usize::BITS as usize - bits);
        reverse((reverse(position) + 2) % self.size())
    }
}

/// What a table's quotient is computed from.
pub(super) struct Inputs<'a> {
    pub(super) table: &'a dyn AnyTable,
    pub(super) layout: &'a TableLayout,
    pub(super) plan: &'a BusPlan,
    /// How many constraints the table has of its own.
    pub(super) constraints: usize,
    /// Fixed, main and auxiliary columns.
    pub(super) committed: [&'a Commitment; ORACLES - 1],
    pub(super) domain: &'a Domain,
    pub(super) bus: &'a BusChallenges<Challenge>,
    /// The table's bus sum.
    pub(super) sum: Challenge,
    pub(super) alpha: Challenge,
}

/// Challenges in every lane.
struct Broadcast {
    /// One power per constraint; the first constraint has the highest.
    alpha_powers: Vec<PackedChallenge>,
    bus: BusChallenges<PackedChallenge>,
    share: PackedChallenge,
}

/// The columns of a table's quotient as coefficients, in the order of [`crate::layout::QUOTIENT_COLUMNS`].
pub(super) fn compute(inputs: &Inputs<'_>) -> Vec<Vec<Felt>> {
    let domain = inputs.domain;
    let height = domain.size() / QUOTIENT_CHUNKS;
    let of_bus = inputs.plan.extension_columns();
    let mut alpha_powers: Vec<_> = inputs
        .alpha
        .powers()
        .take(inputs.constraints + of_bus)
        .map(PackedChallenge::broadcast)
        .collect();
    alpha_powers.reverse();
    let size = Challenge::from(Felt::from_canonical_usize(height));
    let beta_powers = inputs.bus.beta_powers.iter();
    let broadcast = Broadcast {
        alpha_powers,
        bus: BusChallenges {
            beta_powers: beta_powers
                .map(|&power| PackedChallenge::broadcast(power))
                .collect(),
            gamma: PackedChallenge::broadcast(inputs.bus.gamma),
        },
        share: PackedChallenge::broadcast(inputs.sum * size.inverse()),
    };

    let mut low = vec![Felt::ZERO; domain.size()];
    let mut high = vec![Felt::ZERO; domain.size()];
    let step = POINTS_PER_TASK.max(Packed::WIDTH);
    low.par_chunks_mut(step)
        .zip(high.par_chunks_mut(step))
        .enumerate()
        .for_each(|(task, (low, high))| {
            evaluate(inputs, &broadcast, task * step, low, high);
        });

    let mut parts: Vec<Vec<Felt>> = [low, high]
        .into_par_iter()
        .map(|mut values| {
            reverse_index_bits_in_place(&mut values);
            PolynomialValues::new(values)
                .coset_ifft(Felt::coset_shift())
                .coeffs
        })
        .collect();
    let mut columns = Vec::new();
    for part in &mut parts {
        let upper = part.split_off(height);
        columns.push(core::mem::take(part));
        columns.push(upper);
    }
    columns
}

/// Evaluates the quotient on the points from position `start` on.
fn evaluate(
    inputs: &Inputs<'_>,
    broadcast: &Broadcast,
    start: usize,
    low: &mut [Felt],
    high: &mut [Felt],
) {
    let (domain, layout) = (inputs.domain, inputs.layout);
    let size = domain.size();
    let cells = |oracle: Oracle, position: usize| {
        let leaf = &inputs.committed[oracle as usize].tree.leaves[layout.class][position];
        let offset = layout.leaf_offsets[oracle as usize];
        &leaf[offset..offset + layout.widths[oracle as usize]]
    };
    let [fixed_width, main_width, auxiliary_width, _] = layout.widths;
    let phi_columns = layout.phi_columns();
    let (mut local, mut next, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut auxiliary, mut phi_next) = (Vec::new(), Vec::new());
    let (mut helpers, mut phi_next_joined) = (Vec::new(), Vec::new());
    let mut collected = Collected::default();
    for offset in (0..low.len()).step_by(Packed::WIDTH) {
        // A domain smaller than a vector repeats its points; the repetitions are dropped below.
        let position = |lane: usize| (start + offset + lane) % size;
        let following = |lane: usize| domain.next(position(lane));
        gather(&mut local, main_width, |l| cells(Oracle::Main, position(l)));
        gather(&mut next, main_width, |l| cells(Oracle::Main, following(l)));
        gather(&mut fixed, fixed_width, |l| {
            cells(Oracle::Fixed, position(l))
        });
        gather(&mut auxiliary, auxiliary_width, |l| {
            cells(Oracle::Auxiliary, position(l))
        });
        gather(&mut phi_next, phi_columns.len(), |l| {
            &cells(Oracle::Auxiliary, following(l))[phi_columns.clone()]
        });
        let last = from_lanes(|lane| domain.last[position(lane)]);
        let row = Row {
            local: &local,
            next: &next,
            fixed: &fixed,
            first: from_lanes(|lane| domain.first[position(lane)]),
            last,
            transition: crate::expression::Expression::not(last),
        };
        collected.clear();
        inputs.table.eval_packed(row, &mut collected);

        let mut powers = broadcast.alpha_powers.iter();
        let mut sum = PackedChallenge::zero();
        for ((_, value), power) in collected.constraints.iter().zip(powers.by_ref()) {
            sum = sum + power.times(*value);
        }
        join(&mut helpers, &auxiliary);
        if let Some(phi) = helpers.pop() {
            join(&mut phi_next_joined, &phi_next);
            let bus_row = BusRow {
                helpers: &helpers,
                phi,
                phi_next: phi_next_joined[0],
                share: broadcast.share,
            };
            let interactions = &collected.interactions;
            let of_bus = bus::constraints(inputs.plan, &broadcast.bus, interactions, &bus_row);
            for (value, &power) in of_bus.into_iter().zip(powers) {
                sum = sum + power * value;
            }
        }
        let half = size / 2;
        let quotient = sum.times(from_lanes(|l| domain.inverse_vanishing[position(l) / half]));
        let lanes = Packed::WIDTH.min(low.len() - offset);
        let range = offset..offset + lanes;
        low[range.clone()].copy_from_slice(&quotient.low.0.as_slice()[..lanes]);
        high[range].copy_from_slice(&quotient.high.0.as_slice()[..lanes]);
    }
}
