//! What the traces of a chunk's transactions are to the tables of contract execution: steps with their place in the chunk's time, and the versions of words that they take and leave.
//!
//! One pass over the decoded traces ([`Execution::of`]) gives every step its clock, every frame and bytecode its number, and every word that is popped the time at which it was pushed, and every word of memory that is accessed the time of the
//! access before. Tables are filled from what it finds.

mod accounts;
mod calls;
mod frame;
mod memory;
mod registers;
mod stack;
mod step;
mod storage;
mod walk;

pub use accounts::{AccountAccesses, AccountTouch, AccountUse, AccountVersion, reads_account};
pub use calls::{CALL_VALUE, COLD_ACCESS, DEEPEST, NEW_ACCOUNT, PerformedCall, STIPEND, calls};
pub use frame::{
    CallInput, FrameOpening, LAST_PRECOMPILE, PerformedFrame, Returned, TRANSFER_WRITES, precompile,
};
pub use memory::{
    Cell, MemoryAccess, TouchedWord, Version, WORD_BYTES, accessed_bytes, accesses_memory,
};
pub use registers::return_data;
pub use stack::{Left, Popped};
pub use step::{PerformedStep, Registers, is_call, takes_words_without_gas, writes_of};
pub use storage::{
    CLEAR_REFUND, COLD_LOAD_GAS, COLD_STORE_GAS, RESET_GAS, RefundChange, RefundCounter,
    SENTRY_GAS, SET_GAS, SlotAccess, SlotKey, SlotVersion, StorageAccesses, TouchedSlot, Undo,
    WARM_GAS, accesses_storage, least_gas, store_gas,
};

use crate::error::Error;
use crate::event::ChunkEvents;

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
    /// Accesses to slots, and refunds.
    pub storage: StorageAccesses,
    /// Accesses to accounts.
    pub accounts: AccountAccesses,
}

impl Execution {
    /// Goes through the traces of a chunk's transactions.
    ///
    /// # Errors
    /// [`Error::ExecutionTrace`] if a trace contradicts itself or runs a bytecode that the chunk does not have.
    pub fn of(events: &ChunkEvents) -> Result<Self, Error> {
        let traces = &events.executions;
        // Slots that the chunk does not know of are as the traces say: those tell no value of a slot for which there was no gas.
        let storages = storage::Storages::new(traces, &events.slots)?;
        let block = events.opens.unwrap_or(events.start.block);
        let accounts = accounts::Accounts::new(&events.accounts, block.coinbase);
        let mut walk = walk::Walk::new(&events.codes, storages, accounts);
        for trace in traces {
            walk.transaction(trace)?;
        }
        Ok(walk.finish())
    }

    /// The frame with this number.
    ///
    /// # Errors
    /// [`Error::Events`] if there is none.
    pub fn frame(&self, number: u64) -> Result<&PerformedFrame, Error> {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        let frame = index.and_then(|index| self.frames.get(index));
        frame.ok_or_else(|| Error::Events(format!("the chunk has no frame {number}")))
    }
}
