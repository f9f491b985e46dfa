//! Filling `storage_access`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{StorageAccessColumns, ZeroTest};
use crate::access::SlotFields;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{SLOAD, SSTORE, TLOAD, TSTORE};
use crate::event::trace::Halt;
use crate::execution::{
    COLD_LOAD_GAS, COLD_STORE_GAS, Execution, PerformedFrame, PerformedStep, SlotAccess, WARM_GAS,
    accesses_storage, least_gas, store_gas,
};
use crate::gas::{TOP, gas_limbs, little_limbs};
use crate::limbs::signed_felt;
use crate::word::{address, word};

/// Whether this table does the step, or shows that it halts.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    let other = matches!(step.halt, Some(Halt::StackUnderflow | Halt::StackOverflow));
    !other && accesses_storage(step.opcode)
}

/// A row for each step of these opcodes, but for those with too few words on the stack.
///
/// # Errors
/// [`Error::Events`] when a step leaves other registers than it can, reads another value than its slot has, or halts without reason.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(StorageAccessColumns::<Felt>::WIDTH);
    let mut accesses = execution.storage.accesses.iter().peekable();
    for step in &execution.steps {
        if !has_row(step) {
            continue;
        }
        let access = accesses.next_if(|access| access.clock == step.clock);
        let frame = (step.frame as usize).checked_sub(1);
        let frame = frame.and_then(|index| execution.frames.get(index));
        let row = trace.push();
        frame
            .and_then(|frame| fill(row, step, frame, access))
            .ok_or_else(|| {
                let (clock, opcode) = (step.clock, step.opcode);
                Error::Events(format!(
                    "step {clock} of the chunk does what opcode {opcode:#x} cannot do"
                ))
            })?;
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// Fills a row; `None` if the step is another.
fn fill(
    row: &mut StorageAccessColumns<Felt>,
    step: &PerformedStep,
    frame: &PerformedFrame,
    access: Option<&SlotAccess>,
) -> Option<()> {
    match step.opcode {
        SLOAD => row.loads = Felt::ONE,
        SSTORE => row.stores = Felt::ONE,
        TLOAD => row.loads_transient = Felt::ONE,
        TSTORE => row.stores_transient = Felt::ONE,
        _ => return None,
    }
    row.step = Delegated::of(step);
    row.transaction = felt(frame.transaction);
    row.depth = felt(frame.depth);
    row.is_static = Felt::from_bool(frame.is_static);
    row.address = address(frame.address);
    row.undone_at = felt(frame.undone_at);
    let transient = row.loads_transient + row.stores_transient;
    row.space = transient * (row.transaction + Felt::ONE);
    let gas = step.before.gas;
    match (step.halt, access) {
        (Some(Halt::StaticViolation), _) if frame.is_static => row.violates = Felt::ONE,
        (Some(Halt::OutOfGas), None) => {
            row.short = Felt::ONE;
            row.excess = little_limbs(least_gas(step.opcode).checked_sub(gas + 1)?);
        }
        (halt, Some(access)) => {
            let (cost, change) = look(row, step, access)?;
            row.cost = felt(cost);
            row.change = signed_felt(change.into());
            if halt.is_some() {
                row.lacks = Felt::ONE;
                row.excess = little_limbs(cost.checked_sub(gas + 1)?);
                return Some(());
            }
            row.changes = Felt::from_bool(step.opcode != TLOAD);
            row.refunds = Felt::from_bool(change != 0);
            row.undoing = access.undone.into();
            if step.opcode == SSTORE {
                row.excess = gas_limbs(gas.checked_sub(least_gas(SSTORE))?, TOP);
            }
            let after = step.after?;
            let writes = u64::from(step.opcode != TLOAD) + u64::from(change != 0);
            let paid = after.gas.checked_add(cost) == Some(gas);
            if !paid || after.writes != step.before.writes + writes {
                return None;
            }
            if step.pushed.is_some_and(|word| word != access.before.value) {
                return None;
            }
        }
        _ => return None,
    }
    Some(())
}

/// Fills what is found in the slot and what follows; gives what the step costs, and how the refund counter changes.
fn look(
    row: &mut StorageAccessColumns<Felt>,
    step: &PerformedStep,
    access: &SlotAccess,
) -> Option<(u64, i64)> {
    let found = access.before.value;
    let slot = step.popped.first()?;
    row.slot = word(slot.value);
    row.slot_pushed = felt(slot.pushed);
    row.value = word(found);
    if let Some(value) = step.popped.get(1) {
        row.value = word(value.value);
        row.value_pushed = felt(value.pushed);
    }
    row.before = SlotFields::from(&access.before);
    row.accessed = felt(access.before.timestamp);
    let distance = row.before.transaction - row.transaction - Felt::ONE;
    let original = match distance.try_inverse() {
        Some(inverse) => {
            (row.cold, row.cold_inverse) = (Felt::ONE, inverse);
            found
        }
        None => access.before.original,
    };
    row.original = word(original);
    let cold = row.cold == Felt::ONE;
    Some(match step.opcode {
        SLOAD if cold => (WARM_GAS + COLD_LOAD_GAS, 0),
        SSTORE => {
            let new = step.popped.get(1)?.value;
            let (more, change) = price(row, original, found, new);
            let surcharge = if cold { COLD_STORE_GAS } else { 0 };
            (WARM_GAS + surcharge + more, change)
        }
        _ => (WARM_GAS, 0),
    })
}

/// Fills how the values of a store are to each other.
fn price(
    row: &mut StorageAccessColumns<Felt>,
    original: U256,
    found: U256,
    new: U256,
) -> (u64, i64) {
    row.priced = Felt::ONE;
    row.original_zero = zero_test(original);
    row.found_zero = zero_test(found);
    row.written_zero = zero_test(new);
    if new == found {
        row.same = Felt::ONE;
    } else {
        row.first = Felt::from_bool(original == found);
        row.resets = Felt::from_bool(original == new);
        fill_factors(row, original != found && original != new);
    }
    store_gas(original, found, new)
}

fn zero_test(value: U256) -> ZeroTest<Felt> {
    let sum: Felt = word(value).into_iter().sum();
    ZeroTest {
        is_zero: Felt::from_bool(value.is_zero()),
        inverse: sum.try_inverse().unwrap_or_default(),
    }
}

/// Finds factors that tell the new value, the one found and, if it is a `third` one, the original from each other: powers of a number, as no more than 21 numbers are zeros of one of the three differences.
fn fill_factors(row: &mut StorageAccessColumns<Felt>, third: bool) {
    for base in 1..=22 {
        let powers: [Felt; 8] = core::array::from_fn(|power| felt(base).exp_u64(power as u64));
        let at = |word: &[Felt; 8]| -> Felt {
            let limbs = word.iter().zip(row.before.value);
            let terms = limbs.zip(powers);
            terms
                .map(|((limb, found), power)| (*limb - found) * power)
                .sum()
        };
        let Some(unit) = at(&row.value).try_inverse() else {
            continue;
        };
        let position = at(&row.original) * unit;
        let inverse = (position * (position - Felt::ONE)).try_inverse();
        if third && inverse.is_none() {
            continue;
        }
        row.factors = powers.map(|power| power * unit);
        row.position = position;
        if third {
            row.position_inverse = inverse.unwrap_or_default();
        }
        return;
    }
}
