//! Filling `account`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{AccountColumns, AddressKind};
use crate::access::{AccountFields, StampedFields, Undoing};
use crate::error::Error;
use crate::execution::{AccountTouch, AccountUse, Execution, LAST_PRECOMPILE, precompile};
use crate::limbs::low_limbs;
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::word::{AddressLimbs, address};

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
        fill(row, touch, frame.transaction, frame.undone_at);
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn fill(row: &mut AccountColumns<Felt>, touch: &AccountTouch, transaction: u64, undone_at: u64) {
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
    row.kind = kind_of(touch, &row.address);
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

fn kind_of(touch: &AccountTouch, limbs: &AddressLimbs<Felt>) -> AddressKind<Felt> {
    let mut kind = *AddressKind::from_slice(&[Felt::ZERO; AddressKind::<Felt>::WIDTH]);
    let [low, high @ ..] = *limbs;
    let high: Felt = high.into_iter().sum();
    if let Some(number) = precompile(touch.address) {
        kind.is_precompile = Felt::ONE;
        kind.distance = low_limbs(LAST_PRECOMPILE - number);
    } else if let Some(inverse) = high.try_inverse() {
        kind.is_high = Felt::ONE;
        kind.high_inverse = inverse;
    } else if low == Felt::ZERO {
        kind.is_zero = Felt::ONE;
    } else {
        kind.is_above = Felt::ONE;
        let above = low - felt(LAST_PRECOMPILE + 1);
        kind.distance = crate::limbs::halves(above);
    }
    kind
}
