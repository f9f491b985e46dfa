//! What chunks need to know of `invocation`.

use braid_stark::{Tag, Trace};

use super::{Invocation, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Sums that a row claims.
const SUMS: usize = 2;

impl ChunkTable for Invocation {
    fn claim(&self) -> &'static str {
        "transactions that run code open their first frame, and pay for the gas that it comes to"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.log_steps.and(size.few())
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(event) = part
            && event.runs_code
        {
            asked.rows(1);
            asked.claims(tag::Add, SUMS);
            asked.claims(tag::Mul, 1);
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::TransactionValue]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let asked = filling.claims.of(&[tag::TransactionValue]);
        let asked = Vec::from_iter(asked.cloned());
        let events = filling.events;
        generate(events, filling.execution()?, asked.iter())
    }
}
