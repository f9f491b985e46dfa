//! What chunks need to know of `string`.

use std::collections::BTreeSet;

use braid_stark::{Tag, Trace};

use super::generation::rows_of;
use super::{StringTable, generate};
use crate::bus::space;
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::CALLDATALOAD;
use crate::execution::Execution;
use crate::tables::keccak_sponge;

/// Strings that no sponge takes: their numbers, which are the clocks of steps.
fn as_they_are(execution: &Execution) -> BTreeSet<u64> {
    let steps = execution.steps.iter();
    let taken = steps.filter(|step| step.opcode == CALLDATALOAD);
    taken.map(|step| step.clock).collect()
}

impl ChunkTable for StringTable {
    fn claim(&self) -> &'static str {
        "strings are given to the sponge word by word"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let taken = as_they_are(execution);
            for copy in &execution.copies {
                let order = &copy.order;
                if order.target.space != space::MEMORY && !taken.contains(&order.clock) {
                    asked.rows(rows_of(order.length));
                    keccak_sponge::ask(asked, order.length as usize);
                }
            }
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::StringWord]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let taken = as_they_are(filling.execution()?);
        generate(filling.claims.of(&[tag::StringWord]), &taken)
    }
}
