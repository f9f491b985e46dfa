//! What chunks need to know of `call`.

use braid_stark::Trace;

use super::{Call, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::trace::Halt;
use crate::execution::calls;
use crate::tables::growth;

impl ChunkTable for Call {
    fn claim(&self) -> &'static str {
        "calls open the frames that they should, pay for them, and take their results"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(4)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for call in calls(execution) {
                asked.rows(1);
                if call.step.halt == Some(Halt::StaticViolation) {
                    continue;
                }
                let Some([(next_words, _), _]) = call.growth() else {
                    continue;
                };
                let words = [call.step.before.words, next_words];
                for (words, bytes) in words.into_iter().zip(call.regions()) {
                    if let Some(bytes) = bytes {
                        growth::ask(asked, call.step, words, bytes);
                    }
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let codes = &filling.events.codes;
        generate(filling.execution()?, codes)
    }
}
