//! Filling `block_value`.

use std::collections::BTreeMap;

use braid_stark::{Columns, Felt, Message, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::BlockValueColumns;
use crate::event::opcode::{BASEFEE, BLOBBASEFEE, BLOBHASH, CHAINID, COINBASE};
use crate::word::WORD_LIMBS;

/// Whether the opcode asks for a value of the block, or for a blob's hash.
pub(super) fn is_here(opcode: u8) -> bool {
    matches!(
        opcode,
        COINBASE..=CHAINID | BASEFEE | BLOBBASEFEE | BLOBHASH
    )
}

/// A row for each value that is asked for among claims of kind `Compute`; the claims say what it is.
pub fn generate<'a>(claims: impl Iterator<Item = &'a Message<Felt>>) -> Trace {
    let mut asked: BTreeMap<(u8, [u64; WORD_LIMBS]), ([Felt; WORD_LIMBS], u64)> = BTreeMap::new();
    for claim in claims {
        let Some((opcode, words)) = claim.payload.split_first() else {
            continue;
        };
        let opcode = u8::try_from(opcode.to_canonical_u64()).unwrap_or_default();
        if let (true, Some(a), Some(c)) = (is_here(opcode), words.first_chunk(), words.last_chunk())
        {
            let index: [Felt; WORD_LIMBS] = *a;
            let key = (opcode, index.map(|limb| limb.to_canonical_u64()));
            asked.entry(key).or_insert((*c, 0)).1 += 1;
        }
    }
    let mut trace = Trace::new(BlockValueColumns::<Felt>::WIDTH);
    for ((opcode, index), (value, count)) in asked {
        let row: &mut BlockValueColumns<Felt> = trace.push();
        let of_blob = opcode == BLOBHASH;
        row.of_block = Felt::from_bool(!of_blob);
        row.of_blob = Felt::from_bool(of_blob);
        row.count = Felt::from_noncanonical_u64(count);
        row.opcode = Felt::from_canonical_u8(opcode);
        row.index = index.map(Felt::from_noncanonical_u64);
        if !of_blob {
            row.value = value;
        }
    }
    trace
}
