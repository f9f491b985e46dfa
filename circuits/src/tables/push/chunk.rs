//! What chunks need to know of `push`.

use std::collections::BTreeMap;

use braid_stark::{Felt, Message, Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::generation::rows_of;
use super::{Immediate, Push, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, ClaimCounts, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{PC, PUSH0, PUSH32, push_length};
use crate::tables::opcode::Class;

impl ChunkTable for Push {
    fn claim(&self) -> &'static str {
        "PUSH instructions and PC have these values"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(128)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in &execution.steps {
                if step.halt.is_none() && Class::of(step.opcode) == Some(Class::Immediate) {
                    let bytes = usize::from(push_length(step.opcode));
                    let name = [step.code, step.pc, 0, 0, 0];
                    asked.distinct(tag::Compute, name, rows_of(bytes));
                }
            }
        }
    }

    fn rows_for(&self, claims: &ClaimCounts) -> usize {
        claims.rows_of_distinct(tag::Compute)
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::Compute]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(&filling.events.codes, &immediates(&filling.claims))
    }
}

/// The instructions that are claimed, with how often each is.
pub(crate) fn immediates(claims: &Claims) -> BTreeMap<Immediate, u64> {
    let mut counts = BTreeMap::new();
    for immediate in claims.of(&[tag::Compute]).filter_map(immediate) {
        *counts.entry(immediate).or_default() += 1;
    }
    counts
}

/// What a claim asks for, if this table proves it.
fn immediate(claim: &Message<Felt>) -> Option<Immediate> {
    let numbers = claim.payload.first_chunk()?;
    let [opcode, pc, code] = numbers.map(|number: Felt| number.to_canonical_u64());
    let opcode = u8::try_from(opcode).ok()?;
    let known = matches!(opcode, PC | PUSH0..=PUSH32);
    known.then_some(Immediate { code, pc, opcode })
}
