//! What the traces of a chunk's transactions are to the tables of contract execution: steps with their place in the chunk's time, and the versions of words that they take and leave.
//!
//! One pass over the decoded traces ([`Execution::of`]) gives every step its clock, every frame and bytecode its number, and every word that is popped the time at which it was pushed, and every word of memory that is accessed the time of the
//! access before. Tables are filled from what it finds.

mod accounts;
mod calls;
mod copies;
mod far;
mod fees;
mod frame;
mod logs;
mod memory;
mod precompiles;
mod recoveries;
mod registers;
mod stack;
mod step;
mod storage;
mod storage_gas;
mod transaction;
mod walk;

pub use accounts::{AccountAccesses, AccountTouch, AccountUse, AccountVersion, reads_account};
pub use calls::{CALL_VALUE, COLD_ACCESS, DEEPEST, NEW_ACCOUNT, PerformedCall, STIPEND, calls};
pub use copies::{CopiedWord, CopyOrder, PerformedCopy, Place, ReadWord, moves_bytes, window};
pub use far::lacks_unshown;
pub use fees::{FLOOR_GAS, GAS_CAP, GasPrice, INTRINSIC_GAS, floor_gas, intrinsic_gas};
pub(crate) use fees::{add, mul, sub};

pub use frame::{CallInput, FrameOpening, PerformedFrame, Returned, TRANSFER_WRITES};
pub use logs::{EmittedLog, LOG_BYTE_GAS, LOG_GAS, topics_of};
pub use memory::{
    Cell, MemoryAccess, TouchedWord, Version, WORD_BYTES, accessed_bytes, accesses_memory,
};
pub use precompiles::{ECRECOVER, IDENTITY, precompile_calls};
pub use recoveries::{LowSignature, PerformedRecovery};
pub use registers::return_data;
pub use stack::{Left, Popped};
pub use step::{PerformedStep, Registers, is_call, powers, takes_words_without_gas, writes_of};
pub use storage::{
    RefundChange, RefundCounter, SlotAccess, SlotKey, SlotVersion, StorageAccesses, TouchedSlot,
    Undo,
};
pub use storage_gas::{
    CLEAR_REFUND, COLD_LOAD_GAS, COLD_STORE_GAS, RESET_GAS, SENTRY_GAS, SET_GAS, WARM_GAS,
    accesses_storage, least_gas, store_gas,
};
pub use transaction::{ListedTouch, PerformedRun, PerformedTransaction};

use crate::error::Error;
use crate::event::{ChunkEvents, Rules};

/// The steps of all transactions of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Execution {
    /// The rules of the chain.
    pub rules: Rules,
    /// In the order of time.
    pub steps: Vec<PerformedStep>,
    /// Words that ended frames left on their stacks.
    pub left: Vec<Left>,
    /// Words of memory and registers that were touched, by frame and index.
    pub cells: Vec<Cell>,
    /// Copies, in the order of time.
    pub copies: Vec<PerformedCopy>,
    /// What is written to memory but by steps with a [`MemoryAccess`] and copies: what precompiled contracts hand back that no table does, from byte 0 of their frame's memory.
    pub written: Vec<TouchedWord>,
    /// Calls of ECRECOVER that have the gas for it, in the order of their frames.
    pub recoveries: Vec<PerformedRecovery>,
    /// In order, with what they access outside of their frames.
    pub transactions: Vec<PerformedTransaction>,
    /// In the order in which they were opened.
    pub frames: Vec<PerformedFrame>,
    /// Accesses to slots, and refunds.
    pub storage: StorageAccesses,
    /// In the order of time.
    pub logs: Vec<EmittedLog>,
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
        let accounts = accounts::Accounts::new(&events.accounts, block.coinbase, events.rules);
        let mut walk = walk::Walk::new(&events.codes, storages, accounts, events.rules);
        for sent in transaction::sent(events)? {
            walk.transaction(&sent)?;
        }
        Ok(walk.finish())
    }

    /// The refund counter of a transaction at its end.
    pub fn refund_of(&self, transaction: u64) -> u64 {
        let counter = self.counter(transaction);
        counter.map_or(0, |counter| u64::try_from(counter.last).unwrap_or(0))
    }

    /// When the refund counter of a transaction was changed last.
    pub fn refund_changed(&self, transaction: u64) -> u64 {
        let counter = self.counter(transaction);
        counter.map_or(0, |counter| counter.accessed)
    }

    fn counter(&self, transaction: u64) -> Option<&RefundCounter> {
        let mut counters = self.storage.counters.iter();
        counters.find(|counter| counter.transaction == transaction)
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
