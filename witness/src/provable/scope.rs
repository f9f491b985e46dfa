//! What contract code must not do to be proved: the one list, and the search of a trace for it.

use alloy_primitives::map::AddressSet;
use alloy_primitives::{Address, B256};
use braid_circuits::event::code::DELEGATION;
use braid_circuits::event::opcode::{CREATE, CREATE2, SELFDESTRUCT, operation};
use braid_circuits::event::steps::MEMORY_LIMIT;
use braid_circuits::event::trace::{Frame, FrameResult, TransactionTrace};
use braid_circuits::execution::is_call;
use braid_circuits::precompile::precompile;
use braid_circuits::tables::transaction::GAS_LIMIT_BITS;
use braid_text::Rules;

use crate::error::{Error, NotProvable, Outside, Result};

/// Gas limits of provable transactions are below this: tables count gas in 63 bits.
pub const GAS_LIMIT_BOUND: u64 = 1 << GAS_LIMIT_BITS;

/// What no table shows, in steps and in frames.
const OUTSIDE: &[Outside] = &[
    Outside::Opcode(CREATE),
    Outside::Opcode(CREATE2),
    Outside::Opcode(SELFDESTRUCT),
    Outside::Precompile(2),
    Outside::Precompile(3),
    Outside::Precompile(5),
    Outside::Precompile(6),
    Outside::Precompile(7),
    Outside::Precompile(8),
    Outside::Precompile(9),
    Outside::Precompile(10),
    Outside::Precompile(11),
    Outside::Precompile(12),
    Outside::Precompile(13),
    Outside::Precompile(14),
    Outside::Precompile(15),
    Outside::Precompile(16),
    Outside::Precompile(17),
    Outside::Precompile(256),
];

/// The first thing that a transaction does and that cannot be proved, if there is one; `delegated` are the accounts with a delegation (EIP-7702) that it read.
///
/// # Errors
/// [`Error::Internal`] if the trace contradicts itself.
pub(super) fn outside(
    trace: &TransactionTrace,
    rules: Rules,
    delegated: &AddressSet,
) -> Result<Option<NotProvable>> {
    let frames = trace.frames.iter().zip(0..);
    let mut in_frames = frames.filter_map(|(frame, index)| {
        let what = outside_of_frame(trace, frame, rules)?;
        Some((frame.first_step, index, what))
    });
    let of_frame = in_frames.next();
    let named = |frame, what| Ok(Some(NotProvable::Outside { frame, what }));
    let mut steps = trace.steps();
    loop {
        let step = steps.next_step();
        let step = match step {
            Ok(step) => step,
            Err(braid_circuits::Error::ExecutionTrace { fault, .. }) if fault == MEMORY_LIMIT => {
                return Ok(Some(NotProvable::TooMuchMemory));
            }
            Err(fault) => return Err(Error::Internal(format!("a trace: {fault}"))),
        };
        let next = step.as_ref().map(|step| step.index);
        if let Some((first, frame, what)) = of_frame
            && next.is_none_or(|next| next >= first)
        {
            return named(frame, what);
        }
        let Some(step) = step else {
            return Ok(None);
        };
        // A step that lacks operands halts its frame, and the table of halts shows that of every opcode.
        let lacks =
            operation(step.opcode).is_none_or(|known| step.stack.len() < usize::from(known.inputs));
        let what = Outside::Opcode(step.opcode);
        if !lacks && OUTSIDE.contains(&what) {
            return named(step.frame, what);
        }
        // Whether the call gets as far as a frame or not: what a delegation costs is charged before.
        if !lacks
            && is_call(step.opcode)
            && let Some(called) = step.stack.iter().rev().nth(1)
            && let called = Address::from_word(B256::from(*called))
            && delegated.contains(&called)
        {
            return named(step.frame, Outside::Delegation(called));
        }
    }
}

/// What a frame is that cannot be proved whatever its steps are.
fn outside_of_frame(trace: &TransactionTrace, frame: &Frame, rules: Rules) -> Option<Outside> {
    if frame.has_steps() {
        let code = trace.codes.get(&frame.code_hash)?;
        let reserved = code.first() == Some(&DELEGATION);
        return reserved.then_some(Outside::ReservedCode(frame.code_address));
    }
    if frame.kind.is_create() || matches!(frame.result, FrameResult::Refused(_)) {
        return None;
    }
    let what = Outside::Precompile(precompile(frame.code_address, rules)?);
    OUTSIDE.contains(&what).then_some(what)
}

/// The name of an opcode, or its number where it has none.
pub(crate) fn opcode_name(opcode: u8) -> String {
    match operation(opcode) {
        Some(known) => known.name.to_owned(),
        None => format!("{opcode:#04x}"),
    }
}

/// The address of a precompiled contract.
pub(crate) fn precompile_address(number: u64) -> Address {
    Address::left_padding_from(&number.to_be_bytes())
}
