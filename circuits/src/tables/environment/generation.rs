//! Filling `environment`.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::EnvironmentColumns;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::opcode::{ADDRESS, CALLDATASIZE, CALLER, CALLVALUE, CODESIZE, GASPRICE, ORIGIN};
use crate::execution::{Execution, PerformedFrame};
use crate::word::{Word, address, word};

/// What is claimed: opcode and frame, with the result and how often.
#[derive(Debug, Default)]
pub struct Asked(BTreeMap<(u8, u64), (Word<Felt>, u64)>);

impl Asked {
    /// Those of the claims of kind `Compute` that this table proves.
    pub fn of<'a>(claims: impl Iterator<Item = &'a Message<Felt>>) -> Self {
        let mut asked = Self::default();
        for claim in claims {
            let Some(([opcode, frame], Some(result))) =
                claim.payload.first_chunk::<2>().map(|first| {
                    (
                        first.map(|x| x.to_canonical_u64()),
                        claim.payload.last_chunk(),
                    )
                })
            else {
                continue;
            };
            let opcode = u8::try_from(opcode).unwrap_or_default();
            let here = [
                ADDRESS,
                CALLER,
                CALLVALUE,
                CALLDATASIZE,
                CODESIZE,
                ORIGIN,
                GASPRICE,
            ];
            if here.contains(&opcode) {
                let entry = asked.0.entry((opcode, frame)).or_insert((*result, 0));
                entry.1 += 1;
            }
        }
        asked
    }
}

/// A row for each opcode and frame.
///
/// # Errors
/// [`Error::Events`] when there is no such frame.
pub fn generate(asked: &Asked, execution: &Execution, codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(EnvironmentColumns::<Felt>::WIDTH);
    for (&(opcode, number), &(result, count)) in &asked.0 {
        let frame = frame_of(execution, number);
        let frame = frame.ok_or_else(|| Error::Events(format!("there is no frame {number}")))?;
        let row: &mut EnvironmentColumns<Felt> = trace.push();
        row.count = Felt::from_noncanonical_u64(count);
        fill(row, opcode, frame);
        match opcode {
            CODESIZE => {
                let index = usize::try_from(frame.code).ok();
                let code = index.and_then(|index| codes.get(index.checked_sub(1)?));
                let size = code.map(CodeEvent::size).transpose()?;
                row.size = Felt::from_canonical_u32(size.unwrap_or_default());
            }
            ORIGIN => {
                let mut frames = execution.frames.iter();
                let own = frames.find(|own| own.transaction == frame.transaction);
                let origin = own.map(|own| own.caller).unwrap_or_default();
                row.amount = word(U256::from_be_bytes(origin.into_word().0));
            }
            // Nothing that is executed says what a transaction pays, but what is claimed does.
            GASPRICE => row.amount = result,
            _ => {}
        }
    }
    Ok(trace)
}

fn frame_of(execution: &Execution, number: u64) -> Option<&PerformedFrame> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    execution.frames.get(index)
}

fn fill(row: &mut EnvironmentColumns<Felt>, opcode: u8, frame: &PerformedFrame) {
    let felt = Felt::from_noncanonical_u64;
    let flag = match opcode {
        ADDRESS => &mut row.is_address,
        CALLER => &mut row.is_caller,
        CALLVALUE => &mut row.is_value,
        CALLDATASIZE => &mut row.is_input_size,
        CODESIZE => &mut row.is_code_size,
        ORIGIN => &mut row.is_origin,
        _ => &mut row.is_gas_price,
    };
    *flag = Felt::ONE;
    row.frame = felt(frame.number);
    row.transaction = felt(frame.transaction);
    row.depth = felt(frame.depth);
    row.is_static = Felt::from_bool(frame.is_static);
    row.undone_at = felt(frame.undone_at);
    row.input_frame = felt(frame.input.frame);
    row.input_offset = felt(frame.input.offset);
    row.size = felt(frame.input.length);
    row.code = felt(frame.code);
    row.account = address(match opcode {
        ADDRESS => frame.address,
        _ => frame.caller,
    });
    row.amount = word(frame.value);
}
