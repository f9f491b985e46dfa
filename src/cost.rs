//! What proving a chunk of a shape is estimated to cost, to choose between shapes: processor time, all cores together. Only ratios matter.
//!
//! Measured on 2 cores with AVX-512 (`docs/benchmarks.md`): the STARK by its main cells and blow-up, the chunk circuit by its rows, and what each chunk takes besides.

use braid_circuits::shapes;
use braid_stark::Shape;

use crate::tables::heights;

/// Nanoseconds for a main cell, whatever the blow-up: filling, constraints, copies.
const CELL: u64 = 100;
/// The same for each evaluation of a cell on the larger domain: transforms and hashing, with what bus and quotient take beside the main columns.
const EVALUATION: u64 = 130;
/// For a row of a chunk circuit.
const CIRCUIT_ROW: u64 = 380_000;
/// Milliseconds for shrinking a chunk's proof and folding it.
const SHRINK_AND_FOLD: u64 = 15_000;
/// Milliseconds for loading the circuits of a shape: those that every shape has, and for each thousand rows.
const LOAD: u64 = 2_000;
/// See [`LOAD`].
const LOAD_THOUSAND_ROWS: u64 = 40;

/// What a shape costs, in milliseconds of processor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeCost {
    /// Proving a chunk, until it is folded.
    pub chunk: u64,
    /// Loading the shape's circuits.
    pub load: u64,
}

impl ShapeCost {
    /// The estimate for a shape.
    pub fn of(shape: &Shape) -> Self {
        let tables = heights(shape);
        let cells: u64 = tables
            .iter()
            .map(|table| (table.columns * table.height) as u64)
            .sum();
        let stark = cells * (CELL + (EVALUATION << shape.fri.rate_bits)) / 1_000_000;
        let rows = 1u64 << shapes::log_circuit_rows(shape);
        Self {
            chunk: stark + rows * CIRCUIT_ROW / 1_000_000 / 1_000 + SHRINK_AND_FOLD,
            load: LOAD + rows * LOAD_THOUSAND_ROWS / 1_000,
        }
    }
}
