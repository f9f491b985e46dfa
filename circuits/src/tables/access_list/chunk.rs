//! What chunks need to know of `access_list`.

use braid_stark::Trace;

use super::{AccessListTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for AccessListTable {
    fn claim(&self) -> &'static str {
        "each entry of an access list is accessed once, in its place, before the transaction runs"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(event) = part
            && event.runs_code
        {
            asked.rows(event.access_addresses().saturating_add(event.access_keys()) as usize);
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let transactions = &filling.events.transactions;
        generate(&filling.execution()?.transactions, transactions)
    }
}
