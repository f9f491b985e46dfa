//! Filling `external_code`.

use std::collections::HashMap;

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::WORD_GAS;
use super::columns::ExternalCodeColumns;
use crate::access::AccountFields;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::opcode::{EXTCODECOPY, gas_of};
use crate::event::trace::Halt;
use crate::execution::{AccountTouch, AccountUse, Execution, PerformedStep, WORD_BYTES};
use crate::limbs::low_limbs;
use crate::region::Region;
use crate::tables::account_read::COLD_GAS;
use crate::tables::growth::growth;
use crate::word::word;

/// Whether this table does the step, or shows that it lacks gas.
pub(super) fn has_row(step: &PerformedStep) -> bool {
    step.opcode == EXTCODECOPY && matches!(step.halt, None | Some(Halt::OutOfGas))
}

/// A row for each step that this table does, or shows to lack gas.
///
/// # Errors
/// [`Error::Events`] when a step does what its opcode cannot do.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let touches = execution.accounts.touches.iter();
    let touches = touches.filter(|touch| matches!(touch.by, AccountUse::Step | AccountUse::View));
    let touches: HashMap<u64, &AccountTouch> = touches.map(|touch| (touch.clock, touch)).collect();
    let mut trace = Trace::new(ExternalCodeColumns::<Felt>::WIDTH);
    for step in execution.steps.iter().filter(|step| has_row(step)) {
        let touch = touches.get(&step.clock).copied();
        let filled = touch.and_then(|touch| fill(trace.push(), step, touch));
        filled.ok_or_else(|| step.refused())?;
    }
    Ok(trace)
}

/// Fills a row; `None` if the step is another.
fn fill(
    row: &mut ExternalCodeColumns<Felt>,
    step: &PerformedStep,
    touch: &AccountTouch,
) -> Option<()> {
    let felt = Felt::from_noncanonical_u64;
    let [target, offset, source, length] = step.popped.as_slice() else {
        return None;
    };
    row.used = Felt::ONE;
    row.at = Delegated::of(step);
    (row.target, row.target_pushed) = (word(target.value), felt(target.pushed));
    (row.source, row.source_pushed) = (word(source.value), felt(source.pushed));
    row.region = Region::new(offset, length);
    let before = &touch.before.account;
    row.account.was_warm = Felt::from_bool(touch.was_warm());
    row.account.is_precompile = Felt::from_bool(touch.is_precompile);
    row.account.exists = Felt::from_bool(!before.is_empty());
    row.account.balance = word(before.balance);
    row.account.digest = AccountFields::from(before).code;
    row.next_words = row.at.words;
    let cold = if touch.was_warm() { 0 } else { COLD_GAS };
    let mut cost = gas_of(EXTCODECOPY) + cold;
    let near = row.region.near == Felt::ONE;
    if near {
        let start = row.region.start.to_canonical_u64();
        let bytes = row.region.bytes().to_canonical_u64();
        let (next_words, grown) = growth(step.before.words, start, bytes)?;
        (row.next_words, row.growth) = (felt(next_words), felt(grown));
        row.last = low_limbs((bytes - 1) / WORD_BYTES);
        row.rest = felt((bytes - 1) % WORD_BYTES);
        cost += grown + WORD_GAS * bytes.div_ceil(WORD_BYTES);
    }
    match step.halt {
        Some(_) if row.region.far == Felt::ONE => row.region.show_far(step.before.gas)?,
        Some(_) => {
            row.lacks = Felt::ONE;
            row.missing = low_limbs(cost.checked_sub(step.before.gas.checked_add(1)?)?);
        }
        None => {
            row.done = Felt::ONE;
            let after = step.after?;
            let paid = after.gas.checked_add(cost) == Some(step.before.gas);
            if !paid || felt(after.words) != row.next_words || row.region.far == Felt::ONE {
                return None;
            }
        }
    }
    if near && step.halt.is_none() {
        row.account.keccak = word(before.code.keccak.into());
        row.account.size = Felt::from_canonical_u32(before.code.size);
        let high: Felt = row.source.into_iter().skip(1).sum();
        match (high.try_inverse(), step.copied) {
            (Some(inverse), _) => (row.distant, row.high_inverse) = (Felt::ONE, inverse),
            (None, 0) => row.no_code = Felt::ONE,
            (None, code) => (row.reads, row.account.code) = (Felt::ONE, felt(code)),
        }
    }
    Some(())
}
