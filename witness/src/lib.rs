//! From a block file to what the tables are filled from: decoding, execution, the state tree, chunks.
//!
//! [`block_file`] reads and writes the format, [`execution`] runs the blocks in parallel with revm, [`provable`] says which of them can be proved, [`chunk`] cuts them into
//! [`braid_circuits::event::ChunkEvents`]. [`import`](mod@import) reads other formats; [`sample`] and [`workload`] make block files; [`ethereum_tests`]
//! runs Ethereum's own tests.

pub mod block_file;
pub mod chain;
pub mod chunk;
pub mod error;
pub mod ethereum_tests;
pub mod execution;
pub mod files;
pub mod import;
mod ordinary;
pub mod provable;
pub mod refusals;
pub mod sample;
pub mod senders;
pub mod signature;
pub mod state;
pub mod store;
pub mod trace;
pub mod transaction;
pub mod tree;
pub mod workload;

pub use block_file::BlockFile;
pub use braid_text::Rules;
pub use chunk::{chunks, chunks_of};
pub use error::{Error, ErrorKind, Result};
pub use provable::{ExecutedBlocks, execute, execute_ahead};
