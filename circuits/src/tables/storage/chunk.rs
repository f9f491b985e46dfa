//! What chunks need to know of `storage`.

use braid_stark::Trace;

use super::{Storage, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

impl ChunkTable for Storage {
    fn claim(&self) -> &'static str {
        "each slot has one first and one last version, tied to its value hashes before and after"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        let touched = &filling.execution()?.storage.touched;
        generate(&events.slots, touched, events.accounts.len() as u64)
    }
}
