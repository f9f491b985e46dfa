//! What chunks need to know of `product`.

use braid_stark::{Tag, Trace};

use super::{Product, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{DIV, MOD, MUL, SDIV, SMOD};
use crate::execution::powers;
use crate::tables::compute::performed;
use crate::tables::exp::products_of;

impl ChunkTable for Product {
    fn claim(&self) -> &'static str {
        "MUL, DIV and MOD give these words"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let operations = performed(execution);
            let own = operations.filter(|operation| {
                // Signed division asks for the division of magnitudes.
                matches!(operation.opcode, MUL | DIV | MOD | SDIV | SMOD)
            });
            asked.rows(own.count());
            let powers = powers(execution).map(products_of);
            asked.rows(powers.sum());
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.claims.computations(&[MUL, DIV, MOD]))
    }
}
