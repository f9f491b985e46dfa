//! What chunks need to know of `moves`.

use braid_stark::Trace;

use super::generation::{has_row, held};
use super::{Moves, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::growth;

impl ChunkTable for Moves {
    fn claim(&self) -> &'static str {
        "copies to memory, KECCAK256, CALLDATALOAD and RETURNDATASIZE do what they should, or halt as they must"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(32)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in execution.steps.iter().filter(|step| has_row(step)) {
                asked.rows(1);
                if let Some(bytes) = held(step) {
                    growth::ask(asked, step, step.before.words, bytes);
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let codes = &filling.events.codes;
        generate(filling.execution()?, codes)
    }
}
