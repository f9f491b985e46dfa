//! What chunks need to know of `clock`.

use braid_stark::{Columns, Felt, Trace};

use super::{Clock, ClockColumns};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Times that a transaction without code takes.
const TRANSFER_TIMES: usize = 4;

impl ChunkTable for Clock {
    fn claim(&self) -> &'static str {
        "gaps between timestamps are not negative"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        // Two times a step, and no gap is larger than all of them.
        let steps = size.per_steps(2 * 1024);
        size.per_transfer(TRANSFER_TIMES).max(steps)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        // No gap is larger than all times of a chunk together: two a clock.
        match part {
            Part::Chunk => asked.rows(TRANSFER_TIMES),
            Part::Transaction(event) if !event.runs_code => asked.rows(TRANSFER_TIMES),
            Part::Run(execution) => {
                let runs = execution.transactions.iter();
                for run in runs.filter(|transaction| transaction.run.is_some()) {
                    let clocks = (run.ends + 1).saturating_sub(run.begins) as usize;
                    asked.rows(clocks.saturating_mul(2));
                }
            }
            _ => {}
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let mut trace = Trace::new(ClockColumns::<Felt>::WIDTH);
        let last = filling.execution()?.transactions.last();
        // Two times each clock, and a few after the last.
        let times = last.map_or(0, |last| 2 * last.ends + TRANSFER_TIMES as u64);
        for _ in 0..times {
            let _: &mut ClockColumns<Felt> = trace.push();
        }
        Ok(trace)
    }
}
