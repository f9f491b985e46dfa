//! What chunks need to know of `transfer`.

use braid_stark::Trace;

use super::{TransferTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::AccountUse;

impl ChunkTable for TransferTable {
    fn claim(&self) -> &'static str {
        "value moves when frames open, and accounts have so much or have it not"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for touch in &execution.accounts.touches {
                // Each sum shows what one account has left, or that it has too little.
                let sums = match touch.by {
                    AccountUse::Debit => 2,
                    AccountUse::Funds(_) => 1,
                    _ => continue,
                };
                asked.rows(1);
                asked.claims(tag::Add, sums);
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
