//! What chunks need to know of `block_value`.

use braid_stark::{Tag, Trace};

use super::generation::is_here;
use super::{BlockValueTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::compute::{Operation, performed};

impl ChunkTable for BlockValueTable {
    fn claim(&self) -> &'static str {
        "opcodes that ask for a value of the block get it"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for Operation { opcode, a, .. } in performed(execution) {
                if is_here(opcode) {
                    let [first, second, third, fourth] = a.into_limbs();
                    let name = [opcode.into(), first, second, third, fourth];
                    asked.distinct(tag::BlockValue, name, 1);
                }
            }
        }
    }

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.rows_of_distinct(tag::BlockValue)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(filling.claims.of(&[tag::Compute])))
    }
}
