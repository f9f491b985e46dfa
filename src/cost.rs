//! What proving a chunk of a shape is estimated to cost, to choose between shapes: processor time, all cores together. Only ratios matter.
//!
//! Measured on 2 cores on 2026-11-30, as `docs/benchmarks.md` says: the STARK by its main cells and blow-up, the chunk circuit by its rows, and what each chunk takes besides.

use braid_circuits::shapes;
use braid_stark::Shape;

use crate::tables::heights;

/// Nanoseconds for a main cell, whatever the blow-up: filling.
const CELL: u64 = 60;
/// Nanoseconds for each evaluation of a main cell on the larger domain: transforms and hashing, with what bus and quotient take beside the main columns.
const EVALUATION: u64 = 228;
/// Nanoseconds for a row of a chunk circuit.
const CIRCUIT_ROW: u64 = 340_000;
/// Nanoseconds for shrinking a chunk's proof and folding it.
const SHRINK_AND_FOLD: u64 = 10_000_000_000;
/// Nanoseconds for loading the circuits of a shape, beside what their rows take.
const LOAD: u64 = 1_000_000_000;
/// Nanoseconds for loading a row of a chunk circuit, with the STARK's set-up.
const LOAD_ROW: u64 = 90_000;

/// What a shape costs, in nanoseconds of processor time.
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
        let stark = cells * (CELL + (EVALUATION << shape.fri.rate_bits));
        let rows = 1u64 << shapes::log_circuit_rows(shape);
        Self {
            chunk: stark + rows * CIRCUIT_ROW + SHRINK_AND_FOLD,
            load: LOAD + rows * LOAD_ROW,
        }
    }
}

#[cfg(test)]
mod tests {
    use braid_circuits::registry;

    use super::*;

    /// Twice the seconds that a chunk took with two cores: filling, STARK, chunk circuit, and two times the shrink, which a fold takes as well.
    #[test]
    fn estimates_are_near_what_was_measured() {
        let measured = [
            ("tiny", [0.10, 3.36, 11.47, 2.55]),
            ("small-calls", [0.70, 26.43, 9.93, 2.45]),
            ("standard", [1.65, 15.19, 21.94, 2.35]),
            ("standard-calls", [3.50, 51.65, 26.77, 3.05]),
            ("standard-steps", [7.43, 67.36, 21.44, 2.16]),
        ];
        let tables = registry::tables();
        for (name, [filling, stark, circuit, shrink]) in measured {
            let shape = shapes::named(&tables, name).unwrap();
            let estimate = ShapeCost::of(&shape).chunk as f64 / 1e9;
            let seconds = 2.0 * (filling + stark + circuit + 2.0 * shrink);
            let ratio = estimate / seconds;
            assert!((0.9..1.1).contains(&ratio), "{name}: {estimate} s, {ratio}");
        }
    }
}
