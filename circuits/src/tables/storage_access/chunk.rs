//! What chunks need to know of `storage_access`.

use braid_stark::Trace;

use super::generation::has_row;
use super::{StorageAccessTable, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for StorageAccessTable {
    fn claim(&self) -> &'static str {
        "SLOAD, SSTORE, TLOAD and TSTORE do what they should and cost what they should, or halt"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let rows = execution.steps.iter().filter(|step| has_row(step));
            asked.rows(rows.count());
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
