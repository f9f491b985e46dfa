//! Execution of blocks: what transactions read and write, and the machine that runs them.

pub mod baseline;
pub mod blocks;
pub mod changed;
pub mod inclusion;
pub mod machine;
pub mod outcome;
pub mod parallel;
pub mod reader;
pub mod reference;
pub mod seal;
pub mod statistics;
pub mod system_call;
pub mod timeline;

pub use blocks::{
    Durations, ExecutedBlock, Execution, Settings, execute_file, execute_next, execute_on,
};
pub use machine::{BlockContext, Machine};
pub use outcome::{
    Access, AccountState, AccountStateChange, Detail, Read, Receipt, SlotChange, StateChanges,
    Status, TransactionOutcome,
};
pub use parallel::{BlockExecution, Options, Stop, execute_block};
pub use reader::{BLOCK_HASHES, BlockHashes, StateReader};
pub use statistics::{Location, Statistics};
pub use timeline::{Activity, Ending, Span, Timeline};
