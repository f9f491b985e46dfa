//! Filling `access_list`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::AccessListColumns;
use crate::access::{AccountFields, SlotFields};
use crate::error::Error;
use crate::event::TransactionEvent;
use crate::execution::{ListedTouch, PerformedTransaction};
use crate::word::{address, widen, word};

/// Rows for the entries of the access lists of all transactions that run code.
///
/// # Errors
/// [`Error::Events`] when a transaction with entries is none of the chunk's.
pub fn generate(
    performed: &[PerformedTransaction],
    events: &[TransactionEvent],
) -> Result<Trace, Error> {
    let mut trace = Trace::new(AccessListColumns::<Felt>::WIDTH);
    for performed in performed.iter().filter(|sent| !sent.listed.is_empty()) {
        let place = usize::try_from(performed.ordinal).ok();
        let event = place.and_then(|place| events.get(place)).ok_or_else(|| {
            Error::Events(format!(
                "the chunk has no transaction {}",
                performed.ordinal
            ))
        })?;
        for (index, touch) in (0..).zip(&performed.listed) {
            let row: &mut AccessListColumns<Felt> = trace.push();
            row.transaction = Felt::from_noncanonical_u64(performed.ordinal);
            row.index = Felt::from_noncanonical_u64(index);
            row.start = Felt::from_noncanonical_u64(performed.lists_from());
            row.bytes = Felt::from_canonical_usize(event.data.len());
            fill(row, touch);
        }
    }
    Ok(trace)
}

/// What is accessed, and how it was.
fn fill(row: &mut AccessListColumns<Felt>, touch: &ListedTouch) {
    let (stamp, accessed) = match touch {
        ListedTouch::Account(touch) => {
            row.account = Felt::ONE;
            row.address = address(touch.address);
            row.entry = widen(&row.address);
            let fields = AccountFields::from(&touch.before.account);
            row.amount = fields.balance;
            let ([low, high], [first, second, third, fourth]) = (fields.nonce, fields.code);
            row.rest = widen(&[low, high, first, second, third, fourth]);
            (touch.before.transaction, touch.before.timestamp)
        }
        ListedTouch::Slot(access) => {
            row.key = Felt::ONE;
            row.address = address(access.key.address);
            row.entry = word(access.key.slot);
            let fields = SlotFields::from(&access.before);
            row.amount = fields.value;
            row.rest = fields.original;
            (access.before.transaction, access.before.timestamp)
        }
    };
    row.stamp = Felt::from_noncanonical_u64(stamp);
    row.accessed = Felt::from_noncanonical_u64(accessed);
}
