//! What chunks need to know of `storage`.

use braid_stark::Trace;

use super::{Storage, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;

/// Hashes of a slot: its key, and its value before and after.
const HASHES: usize = 3;

impl ChunkTable for Storage {
    fn claim(&self) -> &'static str {
        "each slot has one first and one last version, tied to its value hashes before and after"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_steps(16)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        match part {
            Part::Slot => {
                asked.rows(1);
                asked.claims(tag::Poseidon, HASHES);
            }
            Part::Run(execution) => {
                let touched = execution.storage.touched.iter();
                let transient = touched.filter(|slot| slot.key.space != 0);
                asked.rows(transient.count());
            }
            _ => {}
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        let touched = &filling.execution()?.storage.touched;
        generate(&events.slots, touched, events.first_slot_update())
    }
}
