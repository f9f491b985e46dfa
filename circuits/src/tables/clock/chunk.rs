//! What chunks need to know of `clock`.

use braid_stark::{Columns, Felt, Trace};

use super::{Clock, ClockColumns};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Clock {
    fn claim(&self) -> &'static str {
        "gaps between timestamps are not negative"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers show their order by 16-bit limbs.
        None
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(Trace::new(ClockColumns::<Felt>::WIDTH))
    }
}
