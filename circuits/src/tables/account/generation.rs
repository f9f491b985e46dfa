//! Filling `account`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::AccountColumns;
use crate::access::{AccountFields, StampedFields, Undoing};
use crate::error::Error;
use crate::event::Rules;
use crate::execution::{AccountTouch, AccountUse, Execution};
use crate::precompile::{AddressKind, RuleFlags};
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::word::address;

/// The accesses of steps.
pub(super) fn touches_here(execution: &Execution) -> impl Iterator<Item = &AccountTouch> {
    let touches = execution.accounts.touches.iter();
    touches.filter(|touch| matches!(touch.by, AccountUse::Step | AccountUse::View))
}

/// A row for each access of a step.
///
/// # Errors
/// [`Error::Events`] when an access is made by a frame that there is not.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(AccountColumns::<Felt>::WIDTH);
    for touch in touches_here(execution) {
        let frame = execution.frame(touch.frame)?;
        let row: &mut AccountColumns<Felt> = trace.push();
        fill(
            row,
            touch,
            execution.rules,
            frame.transaction,
            frame.undone_at,
        );
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn fill(
    row: &mut AccountColumns<Felt>,
    touch: &AccountTouch,
    rules: Rules,
    transaction: u64,
    undone_at: u64,
) {
    let accesses = touch.by == AccountUse::Step;
    row.accesses = Felt::from_bool(accesses);
    row.views = Felt::from_bool(!accesses);
    row.clock = felt(touch.clock);
    row.frame = felt(touch.frame);
    row.transaction = felt(transaction);
    row.undone_at = felt(undone_at);
    row.number = felt(touch.number);
    row.address = address(touch.address);
    row.before = StampedFields::from(&touch.before);
    row.accessed = felt(touch.before.timestamp);
    row.undoing = Undoing::from(touch.undone);
    let difference = row.before.transaction - row.transaction - Felt::ONE;
    row.stamped = Felt::from_bool(difference == Felt::ZERO);
    row.stamp_inverse = difference.try_inverse().unwrap_or_default();
    (row.exists, row.factors) = existence(&row.before.account);
    let is_low;
    (row.kind, is_low) = AddressKind::of(touch.address, rules);
    row.rules = RuleFlags::of(rules);
    row.is_low = Felt::from_bool(is_low);
    row.is_precompile = Felt::from_bool(touch.is_precompile);
}

/// Whether an account exists, and the factors that show it: one of them is not zero.
fn existence(account: &AccountFields<Felt>) -> (Felt, [Felt; 5]) {
    let limbs = account.nonce.into_iter().chain(account.balance);
    let digest = account.code.into_iter().zip(EMPTY_CODE_DIGEST);
    let differences = digest.map(|(element, none)| element - felt(none));
    let mut factors = [Felt::ZERO; 5];
    let shown = core::iter::once(limbs.sum()).chain(differences);
    let inverses = shown.map(|value: Felt| value.try_inverse());
    for (factor, inverse) in factors.iter_mut().zip(inverses) {
        if let Some(inverse) = inverse {
            *factor = inverse;
            return (Felt::ONE, factors);
        }
    }
    (Felt::ZERO, factors)
}
