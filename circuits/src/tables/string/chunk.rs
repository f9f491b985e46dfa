//! What chunks need to know of `string`.

use braid_stark::{Tag, Trace};

use super::{StringTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::KECCAK256;

impl ChunkTable for StringTable {
    fn claim(&self) -> &'static str {
        "strings are given to the sponge word by word"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(256)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        8 * claims.of(tag::StringWord)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::StringWord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let steps = filling.execution()?.steps.iter();
        let hashed = steps.filter(|step| step.opcode == KECCAK256);
        let hashed = hashed.map(|step| step.clock).collect();
        generate(filling.claims.of(&[tag::StringWord]), &hashed)
    }
}
