//! Filling `transfer`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Side, TransferColumns};
use crate::access::{StampedFields, Undoing};
use crate::error::Error;
use crate::execution::{AccountTouch, AccountUse, Execution};
use crate::word::{address, word};

/// A row for each transfer, and for each look at what an account could pay.
///
/// # Errors
/// [`Error::Events`] when a transfer has one side only, or is made by a frame that there is not.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(TransferColumns::<Felt>::WIDTH);
    let mut touches = execution.accounts.touches.iter();
    while let Some(touch) = touches.next() {
        let row: &mut TransferColumns<Felt> = match touch.by {
            AccountUse::Debit | AccountUse::Funds(_) => trace.push(),
            _ => continue,
        };
        row.opened = felt(touch.clock);
        row.payer = side(touch);
        let has = touch.before.account.balance;
        if let AccountUse::Funds(value) = touch.by {
            row.value = word(value);
            asked(row, has, value);
            continue;
        }
        let paid = touches.next();
        let paid = paid.filter(|paid| paid.by == AccountUse::Credit);
        let paid = paid.ok_or_else(|| Error::Events("value goes to nobody".to_owned()))?;
        let frame = execution.frame(touch.frame)?;
        row.moves = Felt::ONE;
        row.frame = felt(touch.frame);
        row.transaction = felt(frame.transaction);
        row.undone_at = felt(frame.undone_at);
        row.writes = felt(frame.writes);
        row.value = word(frame.value);
        row.difference = word(touch.after.account.balance);
        row.payee = side(paid);
        row.balance = word(paid.after.account.balance);
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn side(touch: &AccountTouch) -> Side<Felt> {
    Side {
        address: address(touch.address),
        before: StampedFields::from(&touch.before),
        accessed: felt(touch.before.timestamp),
        undoing: Undoing::from(touch.undone),
    }
}

fn asked(row: &mut TransferColumns<Felt>, has: U256, value: U256) {
    let enough = has >= value;
    row.enough = Felt::from_bool(enough);
    row.lacks = Felt::from_bool(!enough);
    row.difference = word(has.abs_diff(value));
    let sum: Felt = row.difference.into_iter().sum();
    if !enough {
        row.inverse = sum.try_inverse().unwrap_or_default();
    }
}
