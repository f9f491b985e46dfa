//! Filling.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::CodeHashColumns;
use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::limbs::{felts, limbs16};
use crate::state_hash::{BYTECODE_CHUNK, Digest, HashInput};
use crate::tables::code::padded_size;

/// The rows of `codes`, between an unused row before and one after; none for none. Counts of lookups are filled later.
///
/// # Errors
/// [`Error::Events`] when a bytecode is too long or does not have the hash that the event says.
pub fn generate(codes: &[CodeEvent]) -> Result<Trace, Error> {
    let mut trace = Trace::new(CodeHashColumns::<Felt>::WIDTH);
    if codes.is_empty() {
        return Ok(trace);
    }
    trace.push::<CodeHashColumns<Felt>>();
    for (id, code) in (1..).zip(codes) {
        let size = code.size()?;
        code.check_hash()?;
        fill(&mut trace, Felt::from_canonical_u64(id), code, size);
    }
    let after: &mut CodeHashColumns<Felt> = trace.push();
    after.code = Felt::from_canonical_usize(codes.len() + 1);
    Ok(trace)
}

/// The rows of one code.
fn fill(trace: &mut Trace, id: Felt, code: &CodeEvent, size: u32) {
    let groups = padded_size(code.bytes.len()) / BYTECODE_CHUNK;
    let mut chunks = code.bytes.chunks(BYTECODE_CHUNK);
    let mut digest: Digest = [u64::from(size), 0, 0, 0];
    for group in 0..groups {
        let row: &mut CodeHashColumns<Felt> = trace.push();
        row.used = Felt::ONE;
        row.code = id;
        row.group = Felt::from_canonical_usize(group);
        row.size = Felt::from_canonical_u32(size);
        row.before = felts(digest);
        if let Some(chunk) = chunks.next() {
            let input = HashInput::bytecode(digest, chunk);
            row.hashed = Felt::ONE;
            row.words
                .copy_from_slice(&input.elements.map(Felt::from_canonical_u64)[digest.len()..]);
            digest = input.digest();
        }
        if group + 1 == groups {
            fill_identity(row, code, size, digest);
        }
    }
}

/// What the last row of a code has beside.
fn fill_identity(row: &mut CodeHashColumns<Felt>, code: &CodeEvent, size: u32, poseidon: Digest) {
    let identity = HashInput::code_identity(code.keccak, size).digest();
    row.keccak = felts(limbs16(U256::from_be_bytes(code.keccak.0)));
    row.identity = felts(identity);
    row.digest = felts(HashInput::code(identity, poseidon).digest());
}
