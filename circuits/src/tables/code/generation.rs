//! Filling.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{CodeColumns, Fixed};
use super::padded_size;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::opcode::push_length;
use crate::state_hash::{BYTECODE_CHUNK, BYTECODE_WORD};

/// The rows of `codes`, between an unused row before and one after; none for none. Counts of lookups are filled later.
///
/// # Errors
/// [`Error::Events`] when a bytecode is too long.
pub fn generate(codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(CodeColumns::<Felt>::WIDTH);
    if codes.is_empty() {
        return Ok(trace);
    }
    trace.push::<CodeColumns<Felt>>();
    for (id, code) in (1..).zip(codes) {
        code.size()?;
        fill(&mut trace, Felt::from_canonical_u64(id), &code.bytes);
    }
    let after: &mut CodeColumns<Felt> = trace.push();
    after.code = Felt::from_canonical_usize(codes.len() + 1);
    Ok(trace)
}

/// The rows of one code.
fn fill(trace: &mut Trace, code: Felt, bytes: &[u8]) {
    let (mut remaining, mut word) = (0_u8, 0);
    for position in 0..padded_size(bytes.len()) {
        let byte = bytes.get(position).copied().unwrap_or(0);
        if position % BYTECODE_WORD == 0 {
            word = 0;
        }
        word = word << 8 | u64::from(byte);
        let row: &mut CodeColumns<Felt> = trace.push();
        row.used = Felt::ONE;
        row.code = code;
        row.position = Felt::from_canonical_usize(position);
        row.byte = Felt::from_canonical_u8(byte);
        row.push_length = Felt::from_canonical_u8(push_length(byte));
        row.remaining = Felt::from_canonical_u8(remaining);
        row.starts = Felt::from_bool(remaining == 0);
        row.ended = Felt::from_bool(position >= bytes.len());
        row.word = Felt::from_canonical_u64(word);
        remaining = match remaining.checked_sub(1) {
            Some(fewer) => fewer,
            None => push_length(byte),
        };
    }
}

/// Ends of words and groups; row 0 is the last before a group.
pub(super) fn fixed(height: usize) -> Trace {
    let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
    for row in 0..height {
        let entry: &mut Fixed<Felt> = trace.push();
        entry.word_ends = Felt::from_bool(row % BYTECODE_WORD == 0);
        entry.group_ends = Felt::from_bool(row % BYTECODE_CHUNK == 0);
    }
    trace
}
