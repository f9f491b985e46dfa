//! Filling `refund`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::RefundColumns;
use crate::execution::RefundChange;
use crate::limbs::signed_felt;

/// A row for each change.
pub fn generate(changes: &[RefundChange]) -> Trace {
    let felt = Felt::from_noncanonical_u64;
    let mut trace = Trace::new(RefundColumns::<Felt>::WIDTH);
    for change in changes {
        let undone_at = change
            .undone
            .map_or(0, |undo| undo.timestamp + change.number);
        let row: &mut RefundColumns<Felt> = trace.push();
        *row = RefundColumns {
            used: Felt::ONE,
            clock: felt(change.clock),
            transaction: felt(change.transaction),
            undone_at: felt(undone_at),
            number: felt(change.number),
            change: signed_felt(change.change.into()),
            before: signed_felt(change.before.into()),
            accessed: felt(change.accessed),
            undoing: change.undone.into(),
        };
    }
    trace
}
