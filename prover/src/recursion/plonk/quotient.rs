//! The quotient of all constraints, combined by powers of the verifier's challenges, by the polynomial that vanishes on the rows.

use anyhow::{anyhow, ensure};
use braid_verifier::config::F;
use plonky2::field::packable::Packable;
use plonky2::field::packed::PackedField;
use plonky2::field::polynomial::PolynomialValues;
use plonky2::field::types::Field;
use plonky2::field::zero_poly_coset::ZeroPolyOnCoset;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::vars::EvaluationVarsBaseBatch;
use plonky2::util::log2_ceil;
use rayon::prelude::*;

use super::selectors::{self, Selector};
use super::{Committed, Common, Oracles, PermutationChallenges};

type Packed = <F as Packable>::Packing;

/// Points that gates are evaluated at together: a multiple of the lanes of all vectors.
const BATCH: usize = 32;

/// The quotient of each challenge, cut into polynomials of the circuit's degree.
///
/// # Errors
/// If the circuit is none of ours in its sizes, or a quotient shows by its degree alone that some constraint does not hold.
pub(super) fn parts(
    common: &Common,
    oracles: &Oracles<'_>,
    public_inputs_hash: &HashOut<F>,
    challenges: &PermutationChallenges,
    alphas: &[F],
) -> anyhow::Result<Vec<Vec<F>>> {
    let blowup = log2_ceil(common.quotient_degree_factor);
    let rate_bits = common.config.fri_config.rate_bits;
    ensure!(
        blowup <= rate_bits,
        "the degree of constraints is above the rate"
    );
    let log_size = common.degree_bits() + blowup;
    ensure!(1 << log_size >= BATCH, "the circuit has too few rows");
    let domain = Domain {
        common,
        oracles,
        step: 1 << (rate_bits - blowup),
        next: 1 << blowup,
        points: F::two_adic_subgroup(log_size),
        vanishing: ZeroPolyOnCoset::new(common.degree_bits(), blowup),
        selectors: selectors::of_gates(common)
            .map_err(|_| anyhow!("the selectors cannot be read"))?,
        public_inputs_hash,
        challenges,
        alphas,
    };
    let batches: Vec<Vec<[F; BATCH]>> = (0..domain.points.len())
        .into_par_iter()
        .step_by(BATCH)
        .map(|start| domain.batch(start))
        .collect();
    let quotient = |challenge: usize| -> anyhow::Result<Vec<Vec<F>>> {
        let values = batches.iter().flat_map(|batch| batch[challenge]).collect();
        let mut quotient = PolynomialValues::new(values).coset_ifft(F::coset_shift());
        // Of a degree that is no power of two, it has room for more than it may have.
        quotient.trim_to_len(common.quotient_degree())?;
        let parts = quotient.chunks(common.degree()).into_iter();
        Ok(parts.map(|part| part.coeffs).collect())
    };
    let quotients: anyhow::Result<Vec<_>> =
        (0..alphas.len()).into_par_iter().map(quotient).collect();
    Ok(quotients?.concat())
}

/// Where quotients are evaluated, and by what.
struct Domain<'a> {
    common: &'a Common,
    oracles: &'a Oracles<'a>,
    /// The committed points are so many times as dense.
    step: usize,
    /// Points from one row to the next.
    next: usize,
    /// The points before the coset's shift.
    points: Vec<F>,
    vanishing: ZeroPolyOnCoset<F>,
    selectors: Vec<Selector>,
    public_inputs_hash: &'a HashOut<F>,
    challenges: &'a PermutationChallenges,
    alphas: &'a [F],
}

/// Values at a batch's points: column by column, points of a column side by side.
struct Columns(Vec<F>);

impl Columns {
    /// The columns of an oracle from point `start` on, going round.
    fn of(oracle: &Committed, start: usize, domain: &Domain<'_>) -> Self {
        let rows: [&[F]; BATCH] = core::array::from_fn(|offset| {
            let index = (start + offset) % domain.points.len();
            oracle.get_lde_values(index, domain.step)
        });
        let width = rows[0].len();
        let mut cells = vec![F::ZERO; width * BATCH];
        for (column, cells) in cells.chunks_exact_mut(BATCH).enumerate() {
            for (cell, row) in cells.iter_mut().zip(&rows) {
                *cell = row[column];
            }
        }
        Self(cells)
    }

    fn range(&self, columns: core::ops::Range<usize>) -> &[F] {
        &self.0[columns.start * BATCH..columns.end * BATCH]
    }

    /// A column's points, `lanes` of them together: the vector at place `vector`.
    fn at(&self, column: usize, vector: usize) -> Packed {
        Packed::pack_slice(self.range(column..column + 1))[vector]
    }
}

/// A batch's columns.
struct Batch {
    constants_sigmas: Columns,
    wires: Columns,
    products: Columns,
    next_products: Columns,
    /// The points.
    xs: Vec<F>,
    /// The polynomial that is one in the first row and zero in the others.
    first_row: Vec<F>,
    /// Gates' constraints.
    gates: Columns,
}

impl Domain<'_> {
    /// For each challenge, the quotient at the points from `start` on.
    fn batch(&self, start: usize) -> Vec<[F; BATCH]> {
        let batch = self.columns(start);
        let mut values = vec![[F::ZERO; BATCH]; self.alphas.len()];
        for vector in 0..BATCH / Packed::WIDTH {
            let mut terms = Vec::new();
            self.permutation(&batch, vector, &mut terms);
            let constraints = 0..self.common.num_gate_constraints;
            terms.extend(constraints.map(|column| batch.gates.at(column, vector)));
            let inverse = self
                .vanishing
                .eval_inverse_packed::<Packed>(start + vector * Packed::WIDTH);
            for (&alpha, values) in self.alphas.iter().zip(&mut values) {
                let sum = terms
                    .iter()
                    .rev()
                    .fold(Packed::ZEROS, |sum, &term| sum * alpha + term);
                Packed::pack_slice_mut(values)[vector] = sum * inverse;
            }
        }
        values
    }

    fn columns(&self, start: usize) -> Batch {
        let points = start..start + BATCH;
        let xs: Vec<F> = self.points[points.clone()]
            .iter()
            .map(|&point| F::coset_shift() * point)
            .collect();
        let rows = F::from_canonical_usize(self.common.degree());
        let below: Vec<F> = xs.iter().map(|&x| rows * (x - F::ONE)).collect();
        let first_row = points
            .zip(F::batch_multiplicative_inverse(&below))
            .map(|(index, inverse)| self.vanishing.eval(index) * inverse)
            .collect();
        let constants_sigmas = Columns::of(self.oracles.constants_sigmas, start, self);
        let wires = Columns::of(&self.oracles.wires, start, self);
        let gates = self.gates(&constants_sigmas, &wires);
        Batch {
            products: Columns::of(&self.oracles.products, start, self),
            next_products: Columns::of(&self.oracles.products, start + self.next, self),
            constants_sigmas,
            wires,
            xs,
            first_row,
            gates,
        }
    }

    /// Constraints of all gates: those at one place are summed, as each row has one gate.
    fn gates(&self, constants_sigmas: &Columns, wires: &Columns) -> Columns {
        let common = self.common;
        let mut sums = vec![F::ZERO; common.num_gate_constraints * BATCH];
        let vars = EvaluationVarsBaseBatch::new(
            BATCH,
            constants_sigmas.range(common.constants_range()),
            &wires.0,
            self.public_inputs_hash,
        );
        for (index, (gate, selector)) in common.gates.iter().zip(&self.selectors).enumerate() {
            let constraints = gate.0.eval_filtered_base_batch(
                vars,
                index,
                selector.column,
                selector.group.clone(),
                common.selectors_info.num_selectors(),
                common.num_lookup_selectors,
            );
            for (sum, constraint) in sums.iter_mut().zip(constraints) {
                *sum += constraint;
            }
        }
        Columns(sums)
    }

    /// Constraints of the permutation argument: that each accumulator starts at one, then that each goes on by its row's ratios.
    fn permutation(&self, batch: &Batch, vector: usize, terms: &mut Vec<Packed>) {
        let common = self.common;
        let first_row = Packed::pack_slice(&batch.first_row)[vector];
        let accumulator = |challenge| batch.products.at(challenge, vector);
        for challenge in common.zs_range() {
            terms.push(first_row * (accumulator(challenge) - F::ONE));
        }
        let x = Packed::pack_slice(&batch.xs)[vector];
        let width = common.quotient_degree_factor;
        let routed = common.config.num_routed_wires;
        for challenge in common.zs_range() {
            let (beta, gamma) = (
                self.challenges.betas[challenge],
                self.challenges.gammas[challenge],
            );
            let place = x * beta;
            let partial =
                common.partial_products_range().start + challenge * common.num_partial_products;
            let mut before = accumulator(challenge);
            for (chunk, first) in (0..routed).step_by(width).enumerate() {
                let after = if chunk < common.num_partial_products {
                    batch.products.at(partial + chunk, vector)
                } else {
                    batch.next_products.at(challenge, vector)
                };
                let (mut above, mut below) = (before, after);
                for wire in first..routed.min(first + width) {
                    let value = batch.wires.at(wire, vector) + gamma;
                    let sigma = batch
                        .constants_sigmas
                        .at(common.sigmas_range().start + wire, vector);
                    above *= value + place * common.k_is[wire];
                    below *= value + sigma * beta;
                }
                terms.push(above - below);
                before = after;
            }
        }
    }
}
