//! What chunks need to know of `log`.

use braid_stark::Trace;

use super::generation::topics_here;
use super::{Log, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::trace::Halt;
use crate::region::near_bytes;
use crate::tables::growth;

impl ChunkTable for Log {
    fn claim(&self) -> &'static str {
        "LOG0 to LOG4 cost what they should, and those that are not undone are logs, in order"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(8)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in &execution.steps {
                if topics_here(step).is_none() {
                    continue;
                }
                asked.rows(1);
                if let [offset, length, ..] = step.popped.as_slice()
                    && step.halt != Some(Halt::StaticViolation)
                    && let Some(bytes) = near_bytes(offset.value, length.value)
                {
                    growth::ask(asked, step, step.before.words, bytes);
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
