//! Filling `bits`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::WORD_BYTES;
use super::columns::BitsColumns;
use crate::error::Error;
use crate::event::opcode::*;
use crate::tables::compute::Operation;

/// The rows of `operations`, in order.
///
/// # Errors
/// When an operation is not this table's.
pub fn generate(operations: &[Operation]) -> Result<Trace, Error> {
    let mut trace = Trace::new(BitsColumns::<Felt>::WIDTH);
    for operation in operations {
        let Operation { opcode, a, b } = *operation;
        let row: &mut BitsColumns<Felt> = trace.push();
        let flag = match opcode {
            AND => &mut row.is_and,
            OR => &mut row.is_or,
            XOR => &mut row.is_xor,
            _ => return Err(operation.refused("bits")),
        };
        *flag = Felt::ONE;
        row.a = bytes(a);
        row.b = bytes(b);
        row.xor = bytes(a ^ b);
    }
    Ok(trace)
}

fn bytes(number: U256) -> [Felt; WORD_BYTES] {
    number
        .to_le_bytes::<WORD_BYTES>()
        .map(Felt::from_canonical_u8)
}
