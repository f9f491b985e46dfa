//! Filling `cells`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::CellsColumns;
use crate::execution::Cell;
use crate::word::word;

/// A row for each word; they are ascending by frame and index.
pub fn generate(cells: &[Cell]) -> Trace {
    let mut trace = Trace::new(CellsColumns::<Felt>::WIDTH);
    let mut before: Option<&Cell> = None;
    for cell in cells {
        let same = before.filter(|before| before.frame == cell.frame);
        let least = same.map_or(0, |before| before.index + 1);
        let gap = cell.index.wrapping_sub(least);
        let row: &mut CellsColumns<Felt> = trace.push();
        *row = CellsColumns {
            used: Felt::ONE,
            continues: Felt::from_bool(same.is_some()),
            frame: Felt::from_noncanonical_u64(cell.frame),
            index: Felt::from_noncanonical_u64(cell.index),
            gap: [gap & 0xffff, gap >> 16].map(Felt::from_noncanonical_u64),
            last: word(cell.last.value),
            accessed: Felt::from_noncanonical_u64(cell.last.timestamp),
        };
        before = Some(cell);
    }
    trace
}
