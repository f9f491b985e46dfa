//! The table of Poseidon's constants, eight bytes each, in the order in which the contract reads them.

use braid_verifier::config::F;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, Poseidon, SPONGE_WIDTH,
};

/// The parts of the table.
pub(super) struct Tables {
    /// Constants of the full rounds before the partial ones, round by round.
    pub(super) first_rounds: Vec<u64>,
    /// Constants of the full rounds after the partial ones.
    pub(super) last_rounds: Vec<u64>,
    /// Constants before the first partial round.
    pub(super) first_constants: Vec<u64>,
    /// The matrix before the first partial round, column by column, without its first row and column.
    pub(super) initial_matrix: Vec<u64>,
    /// For each partial round: a constant, the matrix' first row, its first column without the first element.
    pub(super) partial_rounds: Vec<u64>,
}

impl Tables {
    pub(super) fn new() -> Self {
        let full = HALF_N_FULL_ROUNDS * SPONGE_WIDTH;
        let last = (HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS) * SPONGE_WIDTH;
        let rounds = |skip: usize| ALL_ROUND_CONSTANTS.iter().copied().skip(skip).take(full);
        let matrix = <F as Poseidon>::FAST_PARTIAL_ROUND_INITIAL_MATRIX;
        let column = |column: usize| matrix.map(|row| row.get(column).copied().unwrap_or_default());
        Self {
            first_rounds: rounds(0).collect(),
            last_rounds: rounds(last).collect(),
            first_constants: <F as Poseidon>::FAST_PARTIAL_FIRST_ROUND_CONSTANT.to_vec(),
            initial_matrix: (0..SPONGE_WIDTH - 1).flat_map(column).collect(),
            partial_rounds: partial_rounds(),
        }
    }
}

fn partial_rounds() -> Vec<u64> {
    let [circulant, ..] = <F as Poseidon>::MDS_MATRIX_CIRC;
    let [diagonal, ..] = <F as Poseidon>::MDS_MATRIX_DIAG;
    let rows = <F as Poseidon>::FAST_PARTIAL_ROUND_W_HATS;
    let columns = <F as Poseidon>::FAST_PARTIAL_ROUND_VS;
    // What would be the last round's constant is part of the full round that follows.
    let constants = <F as Poseidon>::FAST_PARTIAL_ROUND_CONSTANTS;
    let constants = constants.into_iter().take(N_PARTIAL_ROUNDS - 1).chain([0]);
    let mut table = Vec::new();
    for ((constant, row), column) in constants.zip(rows).zip(columns) {
        table.extend([constant, circulant + diagonal]);
        table.extend(row);
        table.extend(column);
    }
    table
}
