//! What chunks need to know of `product`.

use braid_stark::{Tag, Trace};

use super::{Product, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{DIV, MOD, MUL};

impl ChunkTable for Product {
    fn claim(&self) -> &'static str {
        "MUL, DIV and MOD give these words"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    // A row for each claim of its opcodes: that needs claims counted by opcode, which are counted by kind today.
    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[MUL, DIV, MOD]))
    }
}
