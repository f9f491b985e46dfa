//! What chunks need to know of `environment`.

use std::collections::BTreeSet;

use braid_stark::{Tag, Trace};

use super::generation::Asked as AskedValues;
use super::{EnvironmentTable, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::tables::opcode::Class;

impl ChunkTable for EnvironmentTable {
    fn claim(&self) -> &'static str {
        "frames are told their own addresses, callers, values, sizes, and what their transaction says"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            let steps = execution.steps.iter().filter(|step| {
                step.halt.is_none() && Class::of(step.opcode) == Some(Class::Environment)
            });
            let asks = steps.map(|step| (step.opcode, step.frame));
            asked.rows(BTreeSet::from_iter(asks).len());
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let asked = AskedValues::of(filling.claims.of(&[tag::Compute]));
        let codes = &filling.events.codes;
        generate(&asked, filling.execution()?, codes)
    }
}
