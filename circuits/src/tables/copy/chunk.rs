//! What chunks need to know of `copy`.

use braid_stark::Trace;

use super::generation::{cuts, keeps};
use super::{Copy, generate};
use crate::bus::space;
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::execution::{PerformedCopy, ReadWord};
use crate::tables::code_words;

/// What a copy takes.
fn ask(asked: &mut Asked<'_>, copy: &PerformedCopy) {
    let order = &copy.order;
    let words = copy.rows.len() - usize::from(order.leads());
    asked.rows(copy.rows.len());
    if !order.carried().is_multiple_of(4) {
        asked.claims(tag::ByteShift, words);
    }
    let cut = copy.rows.iter().filter(|row| cuts(order, row));
    let kept = keeps(order).map(usize::from);
    asked.claims(tag::Merge, cut.count() + kept.iter().sum::<usize>());
    for row in &copy.rows {
        if let (ReadWord::Constant(_), space::CODE) = (&row.read, order.source.space) {
            code_words::ask(asked, order.source.id, row.index);
        }
    }
}

impl ChunkTable for Copy {
    fn claim(&self) -> &'static str {
        "bytes of memory, calldata or code are now in memory or in a string"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for copy in &execution.copies {
                ask(asked, copy);
            }
            if !execution.copies.is_empty() {
                asked.rows(1);
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(generate(&filling.execution()?.copies))
    }
}
