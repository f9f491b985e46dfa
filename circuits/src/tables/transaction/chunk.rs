//! What chunks need to know of `transaction`.

use braid_stark::Trace;

use super::{TransactionTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Sums that a row claims at most.
const SUMS: usize = 15;
/// Products that a row claims.
const PRODUCTS: usize = 3;

impl ChunkTable for TransactionTable {
    fn claim(&self) -> &'static str {
        "each transaction is one that Ethereum would include, with these effects on three accounts"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.few()
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(_) = part {
            asked.rows(1);
            asked.claims(tag::Add, SUMS);
            asked.claims(tag::Mul, PRODUCTS);
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        generate(events, filling.execution()?)
    }
}
