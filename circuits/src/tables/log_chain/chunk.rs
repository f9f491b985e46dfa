//! What chunks need to know of `log_chain`.

use braid_stark::{Tag, Trace};

use super::{LogChain, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::topics_of;

/// Hashes that a log claims beside one for each topic: its start, and its address with the number of topics.
const HASHES: usize = 2;

/// Topics of a log whose step is not known.
const MOST_TOPICS: u8 = 4;

impl ChunkTable for LogChain {
    fn claim(&self) -> &'static str {
        "the chain over logs goes on with these"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let steps = &execution.steps;
            for log in execution.logs.iter().filter(|log| log.survives.is_some()) {
                let place = steps.binary_search_by_key(&log.clock, |step| step.clock);
                let step = place.ok().and_then(|place| steps.get(place));
                let topics = step.and_then(|step| topics_of(step.opcode));
                asked.rows(1);
                asked.claims(
                    tag::Poseidon,
                    HASHES + usize::from(topics.unwrap_or(MOST_TOPICS)),
                );
            }
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
