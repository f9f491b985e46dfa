//! What chunks need to know of `block_hash`.

use braid_stark::{Tag, Trace};

use super::{BlockHashTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::compute::Operation;

/// Hashes of a row: the key, and the value in two.
const HASHES: usize = 3;

impl ChunkTable for BlockHashTable {
    fn claim(&self) -> &'static str {
        "hashes of earlier blocks are these, and zero where the state tree does not have them"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(1)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::BlockHash = part {
            asked.rows(1);
            asked.claims(tag::Poseidon, HASHES);
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        let claims = filling.claims.of(&[tag::Compute]);
        let claims = claims.filter_map(Operation::of_claim);
        let first_step = events.first_block_hash_update();
        generate(&events.block_hashes, claims, first_step)
    }
}
