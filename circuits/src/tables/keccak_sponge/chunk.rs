//! What chunks need to know of `keccak_sponge`.

use std::collections::BTreeMap;

use braid_stark::{Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::{HashRequest, KeccakSponge, ROWS_PER_BLOCK, blocks, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Claims, Filling, Part, ShapeSize};
use crate::error::Error;

/// Blocks that a plain transfer takes: its published bytes, signing payload, public key and step of the transaction chain.
pub(crate) const BLOCKS_PER_TRANSFER: usize = 4;

/// Says that a string of `length` bytes is hashed.
pub(crate) fn ask(asked: &mut Asked<'_>, length: usize) {
    asked.claims(tag::KeccakInput, blocks(length));
}

impl ChunkTable for KeccakSponge {
    fn claim(&self) -> &'static str {
        "byte strings have these Keccak-256 digests"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_transfer(BLOCKS_PER_TRANSFER * ROWS_PER_BLOCK)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::KeccakInput).saturating_mul(ROWS_PER_BLOCK)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::HashByte, tag::HashLimb]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&strings(&filling.claims)?)
    }
}

/// A byte string that is to be hashed, piece by piece in any order.
#[derive(Debug, Default)]
struct Pieces {
    bytes: BTreeMap<u64, u8>,
    by_limbs: bool,
}

/// The strings that were given, by kind and index.
///
/// # Errors
/// [`Error::Events`] when a string has a gap.
fn strings(claims: &Claims) -> Result<Vec<HashRequest>, Error> {
    let mut strings: BTreeMap<(u64, u64), Pieces> = BTreeMap::new();
    for message in claims.of(&[tag::HashByte, tag::HashLimb]) {
        let numbers = message.payload.iter().map(|x| x.to_canonical_u64());
        let &[kind, index, position, piece] = numbers.collect::<Vec<_>>().as_slice() else {
            continue;
        };
        let string = strings.entry((kind, index)).or_default();
        let [.., b0, b1, b2, b3] = piece.to_be_bytes();
        if message.tag == tag::HashLimb {
            string.by_limbs = true;
            string.bytes.extend((position..).zip([b0, b1, b2, b3]));
        } else {
            string.bytes.insert(position, b3);
        }
    }
    let requests = strings.into_iter().map(|((kind, index), string)| {
        let length = string.bytes.len() as u64;
        if !string.bytes.keys().copied().eq(0..length) {
            let fault = format!("byte string {kind}/{index} has gaps");
            return Err(Error::Events(fault));
        }
        Ok(HashRequest {
            kind,
            index,
            bytes: string.bytes.into_values().collect(),
            by_limbs: string.by_limbs,
        })
    });
    requests.collect()
}
