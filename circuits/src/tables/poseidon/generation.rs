//! Filling.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{PoseidonColumns, SBOXES};
use super::rounds::permute;
use crate::state_hash::{RATE, WIDTH};

/// A row for each input of the permutation, in order: [`RATE`] elements and the domain, then zeros.
pub fn generate(inputs: impl IntoIterator<Item = [Felt; WIDTH]>) -> Trace {
    let mut trace = Trace::new(PoseidonColumns::<Felt>::WIDTH);
    for state in inputs {
        let row: &mut PoseidonColumns<Felt> = trace.push();
        row.used = Felt::ONE;
        row.input.copy_from_slice(&state[..RATE]);
        row.domain = state[RATE];
        fill(row);
    }
    trace
}

/// Fills all columns that follow from the input.
pub(super) fn fill(row: &mut PoseidonColumns<Felt>) {
    let (input, domain) = (row.input, row.domain);
    let mut position = 0;
    let (sboxes, last_cubes) = (&mut row.sboxes, &mut row.last_cubes);
    row.output = permute(input, domain, |x| {
        let cube = x * x * x;
        let seventh = cube * cube * x;
        if let Some(columns) = sboxes.get_mut(position) {
            columns.cube = cube;
            columns.seventh = seventh;
        } else {
            last_cubes[position - SBOXES] = cube;
        }
        position += 1;
        seventh
    });
}
