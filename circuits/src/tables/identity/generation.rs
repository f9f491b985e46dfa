//! Filling `identity`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::IdentityColumns;
use super::{CALL_GAS, WORD_GAS};
use crate::error::Error;
use crate::execution::{Execution, IDENTITY, PerformedFrame, WORD_BYTES, precompile_calls};
use crate::gas::{TOP, gas_limbs, little_limbs};
use crate::limbs::low_limbs;

/// A row for each call.
///
/// # Errors
/// [`Error::Events`] when a call ends otherwise than it can.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(IdentityColumns::<Felt>::WIDTH);
    for frame in precompile_calls(execution, IDENTITY) {
        let number = frame.number;
        fill(trace.push(), frame).ok_or_else(|| {
            let why = format!("frame {number} of the chunk is no call of the identity");
            Error::Events(why)
        })?;
    }
    Ok(trace)
}

/// Fills a row; `None` if the call does something else.
fn fill(row: &mut IdentityColumns<Felt>, frame: &PerformedFrame) -> Option<()> {
    let felt = Felt::from_noncanonical_u64;
    let input = frame.input;
    row.frame = felt(frame.number);
    row.clock = felt(frame.opened);
    row.gas = felt(frame.gas);
    row.writes = felt(frame.first_writes);
    row.transaction = felt(frame.transaction);
    row.input_frame = felt(input.frame);
    row.frame_inverse = row.input_frame.try_inverse()?;
    row.offset = felt(input.offset);
    row.length = felt(input.length);
    row.length_inverse = row.length.try_inverse().unwrap_or_default();
    if let Some(before_last) = input.length.checked_sub(1) {
        row.has_bytes = Felt::ONE;
        row.last = low_limbs(before_last / WORD_BYTES);
        row.rest = felt(before_last % WORD_BYTES);
    }
    let cost = CALL_GAS + WORD_GAS * input.length.div_ceil(WORD_BYTES);
    row.difference = match frame.result.is_success() {
        true => {
            row.done = Felt::ONE;
            let left = frame.gas.checked_sub(cost)?;
            gas_limbs((left == frame.gas_left).then_some(left)?, TOP)
        }
        false => {
            row.lacks = Felt::ONE;
            little_limbs(cost.checked_sub(frame.gas.checked_add(1)?)?)
        }
    };
    Some(())
}
