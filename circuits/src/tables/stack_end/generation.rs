//! Filling `stack_end`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::air::StackEndColumns;
use crate::execution::Left;
use crate::word::word;

/// A row for each word.
pub fn generate(left: &[Left]) -> Trace {
    let mut trace = Trace::new(StackEndColumns::<Felt>::WIDTH);
    for Left { frame, word: left } in left {
        let row: &mut StackEndColumns<Felt> = trace.push();
        *row = StackEndColumns {
            used: Felt::ONE,
            frame: Felt::from_noncanonical_u64(*frame),
            index: Felt::from_noncanonical_u64(left.index),
            value: word(left.value),
            pushed: Felt::from_noncanonical_u64(left.pushed),
        };
    }
    trace
}
