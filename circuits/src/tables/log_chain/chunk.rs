//! What chunks need to know of `log_chain`.

use braid_stark::{Tag, Trace};

use super::{LogChain, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for LogChain {
    fn claim(&self) -> &'static str {
        "the chain over logs goes on with these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.of(tag::LogRecord)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::LogRecord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let start = filling.events.start.log_chain;
        generate(filling.claims.of(&[tag::LogRecord]), start)
    }
}
