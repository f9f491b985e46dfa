//! Filling `log_data`.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::LogDataColumns;
use crate::execution::{Execution, PerformedCopy, WORD_BYTES};
use crate::log_word::FullHalf;
use crate::state_hash::logs::log_word;
use crate::tables::merge::merged;
use crate::word::word;

/// A row for each word of the data of all logs, those that are undone included.
pub fn generate(execution: &Execution) -> Trace {
    let mut trace = Trace::new(LogDataColumns::<Felt>::WIDTH);
    copies(execution).for_each(|copy| fill(&mut trace, copy));
    trace
}

/// The copies of data that is logged.
pub(super) fn copies(execution: &Execution) -> impl Iterator<Item = &PerformedCopy> {
    let logs: BTreeSet<_> = execution.logs.iter().map(|log| log.clock).collect();
    let copies = execution.copies.iter();
    copies.filter(move |copy| logs.contains(&copy.order.clock))
}

fn fill(trace: &mut Trace, copy: &PerformedCopy) {
    let (string, length) = (copy.order.target.id, copy.order.length);
    let mut digest = [length, 0, 0, 0];
    let words = copy.rows.iter().skip(usize::from(copy.order.leads()));
    for (position, copied) in (0..).step_by(WORD_BYTES as usize).zip(words) {
        let left = length.saturating_sub(position);
        let cuts = left < WORD_BYTES;
        let taken = match cuts {
            true => merged(left as usize, copied.window, U256::ZERO),
            false => copied.window,
        };
        let before = digest;
        digest = log_word(before, taken);
        let row: &mut LogDataColumns<Felt> = trace.push();
        *row = LogDataColumns {
            used: Felt::ONE,
            continues: Felt::from_bool(position > 0),
            cuts: Felt::from_bool(cuts),
            string: Felt::from_noncanonical_u64(string),
            position: Felt::from_noncanonical_u64(position),
            left: Felt::from_noncanonical_u64(left),
            value: word(copied.window),
            word: word(taken),
            halves: FullHalf::of(&word(taken)),
            before: before.map(Felt::from_noncanonical_u64),
            after: digest.map(Felt::from_noncanonical_u64),
        };
    }
}
