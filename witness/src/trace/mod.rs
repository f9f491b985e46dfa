//! Execution traces: every transaction run again over its final reads, alone, and everything that it does written down.
//!
//! [`trace_block`] traces a block's transactions in parallel and hands the traces, in order, to a [`TraceSink`], with a bound on the memory of traces that
//! wait. [`TraceFiles`] writes them to a folder; docs/traces.md describes its files. What a trace holds is in [`braid_circuits::event::trace`].

mod binary;
mod files;
mod halt;
mod json;
mod recorder;
mod replay;
mod stream;
mod tracer;

use revm::state::Bytecode;

use alloy_primitives::B256;
use alloy_primitives::map::B256Map;
use braid_circuits::event::trace::TransactionTrace;

pub use binary::{BinaryReader, BinaryWriter, MAGIC, MAX_RECORD_BYTES};
pub use files::{BINARY_FILE, STEPS_FILE, TRANSACTIONS_FILE, TraceFileOptions, TraceFiles};
pub use json::{JsonLines, JsonOptions, eip3155};
pub use recorder::{Meter, Recorder};
pub use replay::ReplayDatabase;
pub use stream::{TraceOptions, TraceStatistics, trace_block};
pub use tracer::{TraceInput, Tracer};

use crate::error::{Error, Result};
use crate::execution::StateReader;

/// Where bytecode is found by its hash.
pub trait CodeSource: Sync {
    /// The bytecode with this Keccak-256.
    ///
    /// # Errors
    /// When the store cannot be read or does not have it.
    fn code(&self, hash: &B256) -> Result<Bytecode>;
}

impl CodeSource for B256Map<Bytecode> {
    fn code(&self, hash: &B256) -> Result<Bytecode> {
        let code = self.get(hash).cloned();
        code.ok_or_else(|| Error::Internal(format!("no bytecode with hash {hash}")))
    }
}

/// The bytecode that a block can run: that of the state before it, and what came into being in it.
pub struct BlockCodes<'a, S: StateReader + ?Sized> {
    /// The state before the block.
    pub state: &'a S,
    /// New bytecode in order of hash, as [`StateChanges`](crate::execution::StateChanges) has it.
    pub created: &'a [(B256, Bytecode)],
}

impl<S: StateReader + ?Sized> CodeSource for BlockCodes<'_, S> {
    fn code(&self, hash: &B256) -> Result<Bytecode> {
        let found = self.created.binary_search_by_key(hash, |(hash, _)| *hash);
        match found.ok().and_then(|index| self.created.get(index)) {
            Some((_, code)) => Ok(code.clone()),
            None => self.state.code(hash),
        }
    }
}

/// Who takes traces, in the order of their transactions.
pub trait TraceSink: Send {
    /// Takes the next trace.
    ///
    /// # Errors
    /// Its own; no more traces follow then.
    fn take(&mut self, trace: TransactionTrace) -> Result<()>;
}

impl TraceSink for Vec<TransactionTrace> {
    fn take(&mut self, trace: TransactionTrace) -> Result<()> {
        self.push(trace);
        Ok(())
    }
}
