//! What chunks need to know of `clock`.

use braid_stark::{Columns, Felt, Trace};

use super::{Clock, ClockColumns};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;

/// Timestamps of a clock.
const ROWS_PER_CLOCK: usize = 2;
/// Clocks of a transaction without code.
const TRANSFER_CLOCKS: usize = 2;

impl ChunkTable for Clock {
    fn claim(&self) -> &'static str {
        "gaps between timestamps are not negative"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers show their order by 16-bit limbs.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        match part {
            Part::Chunk => asked.claims(tag::Clock, 2),
            Part::Transaction(event) if !event.runs_code => {
                asked.claims(tag::Clock, TRANSFER_CLOCKS * ROWS_PER_CLOCK);
            }
            Part::Run(execution) => {
                let runs = execution.transactions.iter();
                for run in runs.filter(|transaction| transaction.run.is_some()) {
                    let clocks = (run.ends + 1).saturating_sub(run.begins) as usize;
                    asked.claims(tag::Clock, clocks.saturating_mul(ROWS_PER_CLOCK));
                }
                asked.claims(tag::Opcode, 1);
            }
            _ => {}
        }
    }

    /// Gaps are below twice the chunk's last clock. Claims are counts of timestamps here, not of messages.
    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        match claims.of(tag::Opcode) {
            // Nothing runs code: nobody asks.
            0 => 0,
            _ => claims.of(tag::Clock),
        }
    }

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(Trace::new(ClockColumns::<Felt>::WIDTH))
    }
}
