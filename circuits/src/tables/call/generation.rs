//! Filling `call`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{CallColumns, CallResult, CalledAccount, CallingFrame, GivenGas};
use super::{KEPT_TOP, LESS_TOP};
use crate::access::StampedFields;
use crate::bus::outcome;
use crate::delegated::Delegated;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::code::DELEGATION;
use crate::event::opcode::{CALL, CALLCODE, DELEGATECALL, STATICCALL};
use crate::event::trace::{FrameResult, Halt, Refused};
use crate::execution::{Execution, FrameOpening, PerformedCall, PerformedFrame, STIPEND, calls};
use crate::gas::{TOP, gas_limbs, little_limbs};
use crate::limbs::low_limbs;
use crate::region::Region;
use crate::word::{address, hash_word, limbs32, word};

/// A row for each call.
///
/// # Errors
/// [`Error::Events`] when a call cannot be as it is said to be.
pub fn generate(execution: &Execution, codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(CallColumns::<Felt>::WIDTH);
    for call in calls(execution) {
        let row: &mut CallColumns<Felt> = trace.push();
        let filled = fill(row, &call, execution);
        let filled = filled.and_then(|()| match call.frame {
            Some(frame) => account(&mut row.account, frame, codes),
            None => Some(()),
        });
        filled.ok_or_else(|| {
            let (clock, opcode) = (call.step.clock, call.step.opcode);
            Error::Events(format!(
                "step {clock} of the chunk does not call as opcode {opcode:#x} can"
            ))
        })?;
    }
    Ok(trace)
}

fn inverse(value: Felt) -> Felt {
    value.try_inverse().unwrap_or_default()
}

/// Fills all but the account; `None` if the call is none.
fn fill(
    row: &mut CallColumns<Felt>,
    call: &PerformedCall<'_>,
    execution: &Execution,
) -> Option<()> {
    let step = call.step;
    match step.opcode {
        CALL => row.calls = Felt::ONE,
        CALLCODE => row.calls_code = Felt::ONE,
        DELEGATECALL => row.delegates = Felt::ONE,
        STATICCALL => row.calls_static = Felt::ONE,
        _ => return None,
    }
    row.at = Delegated::of(step);
    operands(row, call)?;
    let caller = usize::try_from(step.frame).ok()?.checked_sub(1)?;
    row.caller = calling(execution.frames.get(caller)?, step.opcode);
    if let Some(touch) = call.touch {
        let found = StampedFields::from(&touch.before).account;
        row.account.was_warm = Felt::from_bool(touch.was_warm());
        row.account.exists = Felt::from_bool(!touch.before.account.is_empty());
        row.account.is_precompile = Felt::from_bool(touch.is_precompile);
        row.account.balance = found.balance;
        row.account.digest = found.code;
    }
    row.input_words = row.at.words;
    row.next_words = row.at.words;
    if let (Some([input, output]), false) =
        (call.growth(), step.halt == Some(Halt::StaticViolation))
    {
        row.input_words = Felt::from_noncanonical_u64(input.0);
        row.input_growth = Felt::from_noncanonical_u64(input.1);
        row.next_words = Felt::from_noncanonical_u64(output.0);
        row.output_growth = Felt::from_noncanonical_u64(output.1);
    }
    let gas = step.before.gas;
    match (step.halt, call.cost()) {
        (Some(Halt::StaticViolation), _) => row.violates = Felt::ONE,
        (Some(_), _) if call.growth().is_none() => {
            row.far = Felt::ONE;
            let input = row.input.show_far(gas);
            input.or_else(|| row.output.show_far(gas))?;
        }
        (Some(_), cost) => {
            let cost = cost?;
            row.lacks = Felt::ONE;
            let missing = cost.checked_sub(gas)?.checked_sub(1)?;
            row.gas.difference = little_limbs(missing);
        }
        (None, cost) => {
            let frame = call.frame?;
            row.gas = given(call, frame, gas.checked_sub(cost?)?)?;
            opened(row, frame);
            row.result = result(frame, row.output.bytes().to_canonical_u64())?;
        }
    }
    Some(())
}

/// Fills what is popped.
fn operands(row: &mut CallColumns<Felt>, call: &PerformedCall<'_>) -> Option<()> {
    let popped = call.step.popped.as_slice();
    let [asked, target, rest @ ..] = popped else {
        return None;
    };
    let felt = Felt::from_noncanonical_u64;
    (row.asked, row.asked_pushed) = (word(asked.value), felt(asked.pushed));
    (row.target, row.target_pushed) = (word(target.value), felt(target.pushed));
    let rest = match call.step.opcode {
        CALL | CALLCODE => {
            let (value, rest) = rest.split_first()?;
            (row.value, row.value_pushed) = (word(value.value), felt(value.pushed));
            rest
        }
        _ => rest,
    };
    let [input, input_length, output, output_length] = rest else {
        return None;
    };
    row.input = Region::new(input, input_length);
    row.output = Region::new(output, output_length);
    let pays = call.value() != U256::ZERO;
    row.pays = Felt::from_bool(pays);
    row.value_inverse = inverse(row.value.into_iter().sum());
    row.sends = row.pays * row.calls;
    Some(())
}

fn calling(frame: &PerformedFrame, opcode: u8) -> CallingFrame<Felt> {
    let felt = Felt::from_noncanonical_u64;
    let delegates = opcode == DELEGATECALL;
    CallingFrame {
        transaction: felt(frame.transaction),
        depth: felt(frame.depth),
        is_static: Felt::from_bool(frame.is_static),
        address: address(frame.address),
        undone_at: felt(frame.undone_at),
        caller: if delegates {
            address(frame.caller)
        } else {
            Default::default()
        },
        value: if delegates {
            word(frame.value)
        } else {
            Default::default()
        },
    }
}

/// How what is left when the call is paid for is shared.
fn given(call: &PerformedCall<'_>, frame: &PerformedFrame, left: u64) -> Option<GivenGas<Felt>> {
    let (kept, remainder) = (left / 64, left % 64);
    let most = left - kept;
    let asked = call.step.popped.first()?.value;
    let stipend = if call.value().is_zero() { 0 } else { STIPEND };
    let given = frame.gas.checked_sub(stipend)?;
    let [_, second, ..] = limbs32(asked);
    let limit = U256::from(1u64 << 63);
    let mut gas = GivenGas {
        kept: gas_limbs(kept, KEPT_TOP),
        remainder: Felt::from_canonical_u64(remainder),
        asks_less: Felt::ZERO,
        asks_more: Felt::ZERO,
        asks_far: Felt::ZERO,
        asked_top: Felt::from_canonical_u64(second >> 31),
        asked_high: Felt::from_canonical_u64((second >> 15) & 0xffff),
        asked_inverse: Felt::ZERO,
        difference: [Felt::ZERO; 4],
        given: Felt::from_noncanonical_u64(given),
    };
    if asked >= limit {
        gas.asks_far = Felt::ONE;
        let high: Felt = word(asked)[2..].iter().copied().sum::<Felt>() + gas.asked_top;
        gas.asked_inverse = high.try_inverse()?;
        return (given == most).then_some(gas);
    }
    let asked = u64::try_from(asked).ok()?;
    let (way, top) = match asked <= most {
        true => (&mut gas.asks_less, LESS_TOP),
        false => (&mut gas.asks_more, TOP),
    };
    *way = Felt::ONE;
    gas.difference = gas_limbs(asked.abs_diff(most), top);
    (given == asked.min(most)).then_some(gas)
}

/// Fills what is opened.
fn opened(row: &mut CallColumns<Felt>, frame: &PerformedFrame) {
    row.child = Felt::from_noncanonical_u64(frame.number);
    let flag = match (frame.opening(), frame.result) {
        (_, FrameResult::Refused(Refused::Depth)) => &mut row.too_deep,
        (FrameOpening::Refused, _) => &mut row.lacks_funds,
        (FrameOpening::Code, _) => &mut row.runs,
        (FrameOpening::Empty, _) => &mut row.is_empty,
        (FrameOpening::Precompile, _) => &mut row.is_precompile,
    };
    *flag = Felt::ONE;
}

/// Fills what is called; `None` if its bytecode is not there.
fn account(
    account: &mut CalledAccount<Felt>,
    frame: &PerformedFrame,
    codes: &[CodeEvent],
) -> Option<()> {
    match frame.opening() {
        FrameOpening::Refused => return Some(()),
        FrameOpening::Precompile => {
            account.code = Felt::from_canonical_u64(frame.precompile?);
            return Some(());
        }
        FrameOpening::Empty => {}
        FrameOpening::Code => {
            let code = codes.get(usize::try_from(frame.code).ok()?.checked_sub(1)?)?;
            account.code = Felt::from_noncanonical_u64(frame.code);
            account.keccak = hash_word(code.keccak);
            account.size = Felt::from_canonical_u32(code.size().ok()?);
            account.first_byte = Felt::from_canonical_u8(*code.bytes.first()?);
            let other = account.first_byte - Felt::from_canonical_u8(DELEGATION);
            account.byte_inverse = other.try_inverse()?;
        }
    }
    Some(())
}

fn result(frame: &PerformedFrame, room: u64) -> Option<CallResult<Felt>> {
    let felt = Felt::from_noncanonical_u64;
    let noted = frame.noted?;
    let length = frame.returned.length;
    let copied = length.min(room);
    Some(CallResult {
        outcome: felt(match frame.result {
            FrameResult::Success => outcome::SUCCESS,
            FrameResult::Revert | FrameResult::Refused(_) => outcome::REVERT,
            FrameResult::Halt(_) => outcome::HALT,
        }),
        gas: felt(frame.gas_left),
        writes: felt(frame.end_writes),
        offset: felt(frame.returned.offset),
        length: felt(length),
        closed: felt(frame.closed),
        noted: word(noted.before.value),
        accessed: felt(noted.before.timestamp),
        copied: felt(copied),
        copies: Felt::from_bool(copied > 0),
        copied_inverse: inverse(felt(copied)),
        full: Felt::from_bool(room < length),
        difference: low_limbs(length.abs_diff(room)),
    })
}
