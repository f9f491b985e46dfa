//! What chunks need to know of `environment`.

use braid_stark::{Tag, Trace};

use super::generation::Asked as AskedValues;
use super::{EnvironmentTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for EnvironmentTable {
    fn claim(&self) -> &'static str {
        "frames are told their own addresses, callers, values, sizes, and what their transaction says"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(32)
    }

    // Claims of one kind are proved by several tables: rows follow once claims are counted by opcode.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let asked = AskedValues::of(filling.claims.of(&[tag::Compute]));
        let codes = &filling.events.codes;
        generate(&asked, filling.execution()?, codes)
    }
}
