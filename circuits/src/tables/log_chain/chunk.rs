//! What chunks need to know of `log_chain`.

use braid_stark::{Tag, Trace};

use super::{LogChain, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Hashes that a log claims at most: its start, its address and number of topics, and each of four topics.
const HASHES: usize = 6;

impl ChunkTable for LogChain {
    fn claim(&self) -> &'static str {
        "the chain over logs goes on with these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            // At most: those that are undone have no row.
            asked.rows(execution.logs.len());
            asked.claims(tag::Poseidon, HASHES * execution.logs.len());
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::LogRecord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let start = filling.events.start.log_chain;
        generate(filling.claims.of(&[tag::LogRecord]), start)
    }
}
