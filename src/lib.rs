//! Braid proves that a block of signed Ethereum transactions, executed on a known state, gives the state that is claimed.
//!
//! A [`BlockFile`] goes in, a [`Proof`] comes out, and anyone verifies it in milliseconds.
//!
//! # Proving
//!
//! ```no_run
//! # fn main() -> Result<(), braid::Error> {
//! let block = braid::BlockFile::read(std::path::Path::new("examples/blocks/transfers.json"))?;
//! let prover = braid::Prover::builder()
//!     .shape(braid::ShapeChoice::Tiny)
//!     .max_memory(8 << 30)
//!     .cache_dir("circuits")
//!     .build()?;
//! let proved = prover.prove_block(&block)?;
//! let json = proved.proof.to_json()?;
//! # let _ = json;
//! # Ok(())
//! # }
//! ```
//!
//! # Verifying
//!
//! ```no_run
//! # fn main() -> Result<(), braid::Error> {
//! # let json = Vec::new();
//! let key = braid::VerifyingKey::pinned()?;
//! let proof = braid::Proof::from_json(&json)?;
//! let values = braid::verify(&key, &proof)?;
//! println!("state root {} after block {}", values.state_root, values.last_block);
//! # Ok(())
//! # }
//! ```
//!
//! # Executing
//!
//! Execution alone tells whether a block is valid and can be proved:
//!
//! ```
//! # fn main() -> Result<(), braid::Error> {
//! use braid::sample::{SampleConfig, sample};
//!
//! let block = sample(&SampleConfig::new(7, 5))?;
//! let executed = braid::Prover::builder().threads(1).build()?.execute(&block)?;
//! assert_eq!(executed.transaction_count(), 5);
//!
//! let error = braid::BlockFile::from_json(b"{").unwrap_err();
//! assert_eq!(braid::Error::from(error).exit_code(), braid::exit::MALFORMED);
//! # Ok(())
//! # }
//! ```
//!
//! # In a crate of your own
//!
//! plonky2's field arithmetic uses an unstable feature of Rust. A crate that depends on this one builds on stable Rust (1.95 or later) with this in its
//! `.cargo/config.toml`, which lets that one crate use it and no other:
//!
//! ```toml
//! # .cargo/config.toml
//! [env]
//! RUSTC_BOOTSTRAP = "plonky2_field"
//! ```
//!
//! For proving add what this repository has beside it: proofs take half the time with the vector instructions of the machine at hand.
//!
//! ```toml
//! [build]
//! rustflags = ["-C", "target-cpu=native"]
//! ```

mod cost;
mod cutting;
mod engine;
mod error;
mod executor;
mod files;
mod keys;
mod prover;
pub mod security;
pub mod settlement;
mod shape;
mod tables;

use alloy_primitives::B256;

pub use braid_circuits::event::{Checkpoint, ChunkEvents, TreePath};
pub use braid_circuits::state_hash::{Digest, account_key, storage_key};
pub use braid_contract as contract;
pub use braid_prover::schedule::panic_message;
pub use braid_prover::{memory, progress};
pub use braid_verifier::wrap::{WrapKey, WrappedProof, verify_wrapped};
pub use braid_verifier::{Proof, ProofSecurity, PublicValues, Rules, VerifyingKey, verify};
pub use braid_witness::block_file::{AllocAccount, Block};
pub use braid_witness::chain::{Chain, MemoryChain};
pub use braid_witness::error::NotProvable;
pub use braid_witness::execution;
pub use braid_witness::provable::{ExecutedBlock, ExecutedTransaction, Provability, provability};
pub use braid_witness::refusals::Refusals;
pub use braid_witness::trace;
pub use braid_witness::transaction::SignedTransaction;
pub use braid_witness::{BlockFile, ExecutedBlocks, import, sample, workload};

pub use braid_prover::cache_files;
pub use cutting::PlannedChunk;
pub use engine::KeyInfo;
pub use error::{Access, Error, Fault, Piece, Refused, Result, exit, refused};
pub use executor::{Comparison, Executor, ExecutorBuilder};
pub use files::{OutFile, keep_apart, read_file, write_file};
pub use keys::{are_circuit_keys, circuit_keys};
pub use prover::{Builder, CheckedChunk, Plan, Proved, Prover, Summary, read_key};
pub use shape::ShapeChoice;
pub use tables::{Shape, TableInfo, TableRows, fullest, stark_memory, table_infos};

pub use braid_witness::execution::seal::digest_bytes;
pub use braid_witness::store::{self, Store, StoreReader, StoreView};
pub use braid_witness::tree::root_of_path;

/// A checkpoint's state root in the public form: see [`digest_bytes`].
pub fn state_root_bytes(checkpoint: &Checkpoint) -> B256 {
    digest_bytes(&checkpoint.state_root)
}
