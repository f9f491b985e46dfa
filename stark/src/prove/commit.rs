//! Interpolation, low-degree extension, Merkle trees.

use std::collections::BTreeMap;

use plonky2::field::fft::{FftRootTable, fft_root_table, ifft_with_options};
use plonky2::field::polynomial::{PolynomialCoeffs, PolynomialValues};
use plonky2::field::types::Field;
use plonky2::hash::batch_merkle_tree::BatchMerkleTree;
use plonky2::util::{log2_strict, reverse_index_bits_in_place};
use rayon::prelude::*;

use crate::field::Felt;
use crate::layout::Oracle;
use crate::proof::Hasher;
use crate::protocol::Protocol;
use crate::shape::Shape;
use crate::trace::Trace;

/// How many columns are extended at once: bounds the memory that is needed besides the leaves.
const COLUMNS_AT_ONCE: usize = 64;

/// Columns that are read together from a row-major trace: a cache line.
const COLUMNS_PER_LINE: usize = 8;

/// Rows that one task moves.
const ROWS_PER_TASK: usize = 1 << 10;

/// Roots of unity for every transform size of a shape.
pub(super) struct Roots(BTreeMap<usize, FftRootTable<Felt>>);

impl Roots {
    pub(super) fn of(shape: &Shape) -> Self {
        Self::for_heights(shape.class_heights(), shape.fri.rate_bits)
    }

    /// For polynomials of these heights (log2) and the domains that are `2^rate_bits` times as large.
    pub(super) fn for_heights(heights: impl IntoIterator<Item = usize>, rate_bits: usize) -> Self {
        let heights = heights.into_iter();
        let sizes = heights.flat_map(|height| [height, height + rate_bits]);
        Self(
            sizes
                .map(|log_size| (log_size, fft_root_table(1 << log_size)))
                .collect(),
        )
    }

    /// The table for transforms of `size` values, if it was made.
    pub(super) fn get(&self, size: usize) -> Option<&FftRootTable<Felt>> {
        self.0.get(&log2_strict(size))
    }
}

/// Polynomials of all classes of an oracle, in the layout's order, and the Merkle tree of their evaluations.
pub(super) struct Commitment {
    /// Coefficients.
    pub(super) polynomials: Vec<Vec<Felt>>,
    /// Evaluations on the shifted domain in bit-reversed order, per class.
    pub(super) tree: BatchMerkleTree<Felt, Hasher>,
}

/// The columns of a trace.
pub(super) fn columns_of(trace: &Trace) -> Vec<Vec<Felt>> {
    let (width, height) = (trace.width(), trace.height());
    let mut columns: Vec<Vec<Felt>> = (0..width).map(|_| Vec::with_capacity(height)).collect();
    columns
        .par_chunks_mut(COLUMNS_PER_LINE)
        .enumerate()
        .for_each(|(position, columns)| {
            let start = position * COLUMNS_PER_LINE;
            for row in trace.cells().chunks_exact(width) {
                for (column, &value) in columns.iter_mut().zip(&row[start..]) {
                    column.push(value);
                }
            }
        });
    columns
}

/// Coefficients of the polynomials with the given values on the rows.
pub(super) fn interpolate(columns: Vec<Vec<Felt>>, roots: &Roots) -> Vec<Vec<Felt>> {
    columns
        .into_par_iter()
        .map(|values| {
            let table = roots.get(values.len());
            ifft_with_options(PolynomialValues::new(values), None, table).coeffs
        })
        .collect()
}

/// Values of a polynomial on the shifted domain that is `2^rate_bits` times as large, in order.
pub(super) fn extend(coefficients: &[Felt], rate_bits: usize, roots: &Roots) -> Vec<Felt> {
    let size = coefficients.len() << rate_bits;
    let mut shifted = Vec::with_capacity(size);
    let powers = Felt::coset_shift().powers();
    shifted.extend(coefficients.iter().zip(powers).map(|(&c, power)| c * power));
    shifted.resize(size, Felt::ZERO);
    PolynomialCoeffs::new(shifted)
        .fft_with_options(Some(rate_bits), roots.get(size))
        .values
}

/// Commits to the tables' columns, given as coefficients.
pub(super) fn commit(
    protocol: &Protocol,
    roots: &Roots,
    oracle: Oracle,
    mut tables: Vec<Vec<Vec<Felt>>>,
) -> Commitment {
    let fri = &protocol.shape.fri;
    let mut polynomials = Vec::new();
    let mut leaves = Vec::new();
    for class in &protocol.layout.classes {
        let start = polynomials.len();
        for &table in &class.tables {
            polynomials.append(&mut tables[table]);
        }
        if polynomials.len() == start {
            // Every class needs a leaf.
            polynomials.push(vec![Felt::ZERO; 1 << class.log_height]);
        }
        debug_assert_eq!(polynomials.len() - start, class.widths[oracle as usize]);
        leaves.push(leaves_of(&polynomials[start..], fri.rate_bits, roots));
    }
    Commitment {
        polynomials,
        tree: super::merkle::tree(leaves, fri.cap_height),
    }
}

/// Extends polynomials of one height and groups their values by point, points in bit-reversed order.
pub(super) fn leaves_of(
    polynomials: &[Vec<Felt>],
    rate_bits: usize,
    roots: &Roots,
) -> Vec<Vec<Felt>> {
    let size = polynomials[0].len() << rate_bits;
    let width = polynomials.len();
    let mut leaves: Vec<Vec<Felt>> = (0..size)
        .into_par_iter()
        .map(|_| Vec::with_capacity(width))
        .collect();
    for polynomials in polynomials.chunks(COLUMNS_AT_ONCE) {
        let columns: Vec<Vec<Felt>> = polynomials
            .par_iter()
            .map(|coefficients| {
                let mut values = extend(coefficients, rate_bits, roots);
                reverse_index_bits_in_place(&mut values);
                values
            })
            .collect();
        leaves
            .par_chunks_mut(ROWS_PER_TASK)
            .enumerate()
            .for_each(|(task, leaves)| {
                let start = task * ROWS_PER_TASK;
                for (offset, leaf) in leaves.iter_mut().enumerate() {
                    leaf.extend(columns.iter().map(|column| column[start + offset]));
                }
            });
    }
    leaves
}
