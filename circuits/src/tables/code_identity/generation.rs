//! Filling `code_identity`.

use std::collections::{BTreeMap, BTreeSet};

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::air::CodeIdentityColumns;
use crate::error::Error;
use crate::event::{ChunkEvents, Code};
use crate::limbs::{felts, limbs16, low_limbs};
use crate::state_hash::{HashInput, code_digest};

/// A row for each distinct digest that is asked for.
///
/// # Errors
/// [`Error::Events`] when no account of the chunk has such a code part.
pub fn generate<'a>(
    claims: impl Iterator<Item = &'a Message<Felt>>,
    events: &ChunkEvents,
) -> Result<Trace, Error> {
    let accounts = events.accounts.iter();
    let codes = accounts.filter_map(|event| Some(event.before?.code));
    let codes = codes.chain([Code::NONE]);
    let codes: BTreeMap<_, _> = codes.map(|code| (code_digest(&code), code)).collect();
    let digest = |claim: &Message<Felt>| claim.payload.first_chunk().copied();
    let asked = claims.filter_map(digest);
    let asked = asked.map(|digest: [Felt; 4]| digest.map(|element| element.to_canonical_u64()));
    let mut trace = Trace::new(CodeIdentityColumns::<Felt>::WIDTH);
    for digest in BTreeSet::from_iter(asked) {
        let code = codes.get(&digest).ok_or_else(|| {
            Error::Events(format!("no account has a code with digest {digest:?}"))
        })?;
        let row: &mut CodeIdentityColumns<Felt> = trace.push();
        row.used = Felt::ONE;
        row.keccak = felts(limbs16(code.keccak.into()));
        row.size = low_limbs(code.size.into());
        row.identity = felts(HashInput::code_identity(code.keccak, code.size).digest());
        row.poseidon = felts(code.poseidon);
        row.digest = felts(digest);
    }
    Ok(trace)
}
