//! Filling `invocation`.

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::FIFTH_TOP;
use super::columns::{InvocationColumns, Opening, Refund};
use crate::bus::outcome;
use crate::error::Error;
use crate::event::code::DELEGATION;
use crate::event::opcode::{GASPRICE, ORIGIN};
use crate::event::trace::FrameResult;
use crate::event::{ChunkEvents, TransactionEvent};
use crate::execution::{
    Execution, GasPrice, PerformedFrame, PerformedRun, PerformedTransaction, floor_gas,
    intrinsic_gas, mul,
};
use crate::gas::{TOP, gas_limbs};
use crate::state_hash::code_digest;
use crate::tables::block::working_block;
use crate::tables::transaction::{REFUND_QUOTIENT, Touch, inverse_below, spent_by};
use crate::word::{address, hash_word, u64_limbs, word};
use alloy_primitives::U256;

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// A row for each transaction that runs code; `asked` are the messages that ask for values of transactions.
///
/// # Errors
/// [`Error::Events`] when the chunk lacks a bytecode, or what is paid does not fit a word.
pub fn generate<'a>(
    events: &ChunkEvents,
    execution: &Execution,
    asked: impl Iterator<Item = &'a Message<Felt>>,
) -> Result<Trace, Error> {
    let asked = asked.filter_map(|message| match message.payload.as_slice() {
        [transaction, opcode, ..] => {
            Some((transaction.to_canonical_u64(), opcode.to_canonical_u64()))
        }
        _ => None,
    });
    let asked = Vec::from_iter(asked);
    let mut trace = Trace::new(InvocationColumns::<Felt>::WIDTH);
    for (event, performed) in events.transactions.iter().zip(&execution.transactions) {
        let Some(run) = &performed.run else { continue };
        let row: &mut InvocationColumns<Felt> = trace.push();
        fill(events, execution, (event, performed, run), row)?;
        let count = |opcode: u8| {
            let this = |said: &&(u64, u64)| **said == (performed.ordinal, opcode.into());
            Felt::from_canonical_usize(asked.iter().filter(this).count())
        };
        (row.origin_asked, row.price_asked) = (count(ORIGIN), count(GASPRICE));
    }
    Ok(trace)
}

fn fill(
    events: &ChunkEvents,
    execution: &Execution,
    (event, performed, run): (&TransactionEvent, &PerformedTransaction, &PerformedRun),
    row: &mut InvocationColumns<Felt>,
) -> Result<(), Error> {
    let block = working_block(events);
    let frame = execution.frame(run.frame)?;
    let counter = execution.refund_of(performed.ordinal);
    let spent = spent_by(event, frame.gas_left, counter);
    let used = spent.max(floor_gas(event, events.rules));
    let unused = event.gas_limit.saturating_sub(used);
    let GasPrice { tip, price, .. } = GasPrice::of(event, block.base_fee)?;
    let changed = execution.refund_changed(performed.ordinal);
    *row = InvocationColumns {
        used: Felt::ONE,
        ordinal: felt(performed.ordinal),
        clock: felt(performed.begins),
        listed: Felt::from_canonical_usize(performed.listed.len()),
        gas_limit: felt(event.gas_limit),
        opening: opening(events, event, performed, frame)?,
        frame: felt(frame.number),
        outcome: felt(match frame.result {
            FrameResult::Success => outcome::SUCCESS,
            FrameResult::Revert | FrameResult::Refused(_) => outcome::REVERT,
            FrameResult::Halt(_) => outcome::HALT,
        }),
        gas_left: felt(frame.gas_left),
        writes: felt(frame.end_writes),
        offset: felt(frame.returned.offset),
        length: felt(frame.returned.length),
        closed: felt(frame.closed),
        refund: refund(
            event.gas_limit.saturating_sub(frame.gas_left),
            counter,
            changed,
        ),
        spent: felt(spent),
        unused: u64_limbs(unused),
        unused_inverse: inverse_below(u64_limbs(unused)[1]),
        price: word(price),
        back: word(mul(U256::from(unused), price, "what is paid back")?),
        reward: word(mul(U256::from(used), tip, "the tip")?),
        coinbase: address(block.coinbase),
        sender_paid: Touch::from(&run.sender),
        coinbase_paid: Touch::from(&run.coinbase),
        origin_asked: Felt::ZERO,
        price_asked: Felt::ZERO,
    };
    Ok(())
}

fn opening(
    events: &ChunkEvents,
    event: &TransactionEvent,
    performed: &PerformedTransaction,
    frame: &PerformedFrame,
) -> Result<Opening<Felt>, Error> {
    let missing = || Error::Events("a transaction runs a bytecode that the chunk lacks".to_owned());
    let place = usize::try_from(frame.code).ok();
    let place = place.and_then(|number| number.checked_sub(1));
    let code = place.and_then(|place| events.codes.get(place));
    let code = code.ok_or_else(missing)?;
    let part = performed.recipient.before.account.code;
    let first_byte = Felt::from_canonical_u8(code.bytes.first().copied().unwrap_or(0));
    let value = word(event.value);
    let sum: Felt = value.into_iter().sum();
    let other = first_byte - Felt::from_canonical_u8(DELEGATION);
    Ok(Opening {
        sender: address(event.sender),
        to: address(event.to),
        value,
        moves: Felt::from_bool(!event.value.is_zero()),
        value_inverse: sum.try_inverse().unwrap_or(Felt::ZERO),
        digest: code_digest(&part).map(felt),
        keccak: hash_word(part.keccak),
        size: Felt::from_canonical_u32(part.size),
        code: felt(frame.code),
        first_byte,
        byte_inverse: other.try_inverse().unwrap_or(Felt::ZERO),
        input_length: Felt::from_canonical_usize(event.data.len()),
        gas: felt(event.gas_limit.wrapping_sub(intrinsic_gas(event))),
    })
}

fn refund(consumed: u64, counter: u64, changed: u64) -> Refund<Felt> {
    let fifth = consumed / REFUND_QUOTIENT;
    Refund {
        counter: felt(counter),
        changed: felt(changed),
        fifth: gas_limbs(fifth, FIFTH_TOP),
        rest: felt(consumed % REFUND_QUOTIENT),
        is_capped: Felt::from_bool(fifth < counter),
        beyond: gas_limbs(fifth.abs_diff(counter), TOP),
    }
}
