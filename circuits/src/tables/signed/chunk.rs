//! What chunks need to know of `signed`.

use braid_stark::{Tag, Trace};

use super::{Signed, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{SDIV, SMOD};
use crate::tables::compute::performed;

impl ChunkTable for Signed {
    fn claim(&self) -> &'static str {
        "SDIV and SMOD give these words"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // No shape runs code yet.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let operations = performed(execution);
            let own = operations.filter(|operation| matches!(operation.opcode, SDIV | SMOD));
            asked.rows(own.count());
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn passes_on(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[SDIV, SMOD]))
    }
}
