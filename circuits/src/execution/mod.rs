//! What the traces of a chunk's transactions are to the tables of contract execution: steps with their place in the chunk's time, and the versions of words that they take and leave.
//!
//! One pass over the decoded traces ([`Execution::of`]) gives every step its clock, every frame and bytecode its number, and every word that is popped the time at which it was pushed, and every word of memory that is accessed the time of the
//! access before. Tables are filled from what it finds.

mod calls;
mod frame;
mod memory;
mod registers;
mod stack;
mod step;
mod walk;

pub use calls::{
    CALL_VALUE, COLD_ACCESS, DEEPEST, NEW_ACCOUNT, PerformedCall, STIPEND, SeenAccount,
    WARM_ACCESS, calls,
};
pub use frame::{
    CallInput, FrameOpening, LAST_PRECOMPILE, PerformedFrame, Returned, TRANSFER_WRITES, precompile,
};
pub use memory::{
    Cell, MemoryAccess, TouchedWord, Version, WORD_BYTES, accessed_bytes, accesses_memory,
};
pub use registers::return_data;
pub use stack::{Left, Popped};
pub use step::{PerformedStep, Registers, is_call, takes_words_without_gas, writes_of};

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
    /// Words of memory that steps with a [`MemoryAccess`] touched, by frame and index.
    pub cells: Vec<Cell>,
    /// Changes of such words by steps whose accesses to memory no table makes yet (copies and calls), noted where the next access meets them, at a time in between.
    pub changed_elsewhere: Vec<TouchedWord>,
    /// In the order in which they were opened.
    pub frames: Vec<PerformedFrame>,
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
