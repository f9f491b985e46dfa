//! What chunks need to know of `opcode`.

use braid_stark::{Columns, Felt, Trace};

use super::{OpcodeColumns, OpcodeTable};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for OpcodeTable {
    fn claim(&self) -> &'static str {
        "this is how each opcode is proved"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        // Its entries, where code runs.
        size.per_steps(1).map(|_| 0)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(Trace::new(OpcodeColumns::<Felt>::WIDTH))
    }
}
