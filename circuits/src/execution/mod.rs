//! What the traces of a chunk's transactions are to the tables of contract execution: steps with their place in the chunk's time, and the versions of words that they take and leave.
//!
//! One pass over the decoded traces ([`Execution::of`]) gives every step its clock, every frame and bytecode its number, and every word that is popped the time at which it was pushed. Tables are
//! filled from what it finds.

mod stack;
mod step;
mod walk;

pub use stack::{Left, Popped};
pub use step::{PerformedStep, Registers};

use crate::error::Error;
use crate::event::code::CodeEvent;
use crate::event::trace::TransactionTrace;

/// The steps of all transactions of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Execution {
    /// In the order of time.
    pub steps: Vec<PerformedStep>,
    /// Words that ended frames left on their stacks.
    pub left: Vec<Left>,
    /// Frames so far.
    pub frames: u64,
}

impl Execution {
    /// Goes through the traces of the transactions of a chunk that has these bytecodes.
    ///
    /// # Errors
    /// [`Error::ExecutionTrace`] if a trace contradicts itself or runs another bytecode.
    pub fn of(traces: &[TransactionTrace], codes: &[CodeEvent]) -> Result<Self, Error> {
        let mut walk = walk::Walk::new(codes);
        for trace in traces {
            walk.transaction(trace)?;
        }
        Ok(walk.finish())
    }
}
