//! What chunks need to know of `keccak_sponge`.

use std::collections::BTreeMap;

use braid_stark::{Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::{HashRequest, KeccakSponge, RATE, ROWS_PER_BLOCK, blocks, generate};
use crate::bus::{string, tag};
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::{ChunkEvents, PublishedSponge};

/// The height of this table and of `keccak_f`, whose 24 rows a block are the more.
///
/// A plain transfer takes 2.8 blocks, which are 67 rows: its signing payload, its public key, and as many published bytes as fill 0.8 of one. The next power of two for that would stand half empty, and `keccak_f` has most of a chunk's cells; so
/// there are rows for 15 of 16 nominal transfers. A transaction that runs code takes about twice as many, as it has more bytes and its code hashes. Where
/// transactions have many steps, as swaps do, the height follows from these: 128 rows for 1,024 steps, of which swaps take 200, so that they fill these tables when two thirds of the steps are in use. Five blocks are for a header, and for the ends of the
/// published bytes.
pub(crate) fn log_height(size: ShapeSize) -> Option<usize> {
    let steps = size.per_steps(128);
    let rows = if steps.is_some() { 120 } else { 63 };
    size.per_transfer_and(rows, 5 * 24).max(steps)
}

/// Says that a string of `length` bytes is hashed.
pub(crate) fn ask(asked: &mut Asked<'_>, length: usize) {
    asked.claims(tag::KeccakInput, blocks(length));
}

/// Says that so many more bytes are published: one string for all of the chunk.
pub(crate) fn ask_published(asked: &mut Asked<'_>, length: usize) {
    asked.claims(tag::HashByte, length);
}

/// Permutations for what was asked.
pub(crate) fn permutations(claims: &ClaimCounts) -> usize {
    let published = claims.of(tag::HashByte) / RATE;
    claims.of(tag::KeccakInput).saturating_add(published)
}

impl ChunkTable for KeccakSponge {
    fn claim(&self) -> &'static str {
        "byte strings have these Keccak-256 digests"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        log_height(size)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        permutations(claims).saturating_mul(ROWS_PER_BLOCK)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::HashByte, tag::HashLimb]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&strings(&filling.claims, filling.events)?)
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
fn strings(claims: &Claims, events: &ChunkEvents) -> Result<Vec<HashRequest>, Error> {
    let mut strings: BTreeMap<(u64, u64), Pieces> = BTreeMap::new();
    let published = (string::PUBLISHED, 0);
    if events.start.open || events.opens.is_some() {
        // There may be no bytes of it.
        strings.insert(published, Pieces::default());
    }
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
        let is_published = (kind, index) == published;
        let before = if is_published {
            events.start.published
        } else {
            PublishedSponge::default()
        };
        let (start, length) = (before.position(), string.bytes.len() as u64);
        if !string.bytes.keys().copied().eq(start..start + length) {
            let fault = format!("byte string {kind}/{index} has gaps");
            return Err(Error::Events(fault));
        }
        Ok(HashRequest {
            kind,
            index,
            bytes: string.bytes.into_values().collect(),
            before,
            resumes: is_published && events.start.open,
            pauses: is_published && !events.seals,
            by_limbs: string.by_limbs,
        })
    });
    requests.collect()
}
