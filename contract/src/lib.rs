//! The Rust side of `verifier-contract/`: the contracts' bytecode and interfaces ([`abi`]), the bytes that are published ([`Batch`]) and sent
//! ([`call`]), and a local EVM that deploys contracts, calls them and measures gas ([`local`]).
//!
//! Nothing here needs Node or a running chain: bytecode and interfaces come from the artifacts in the repository.
//!
//! ```
//! # fn main() -> Result<(), braid_contract::Error> {
//! use braid_contract::local::{LocalChain, SENDER};
//! use braid_contract::{Batch, Checkpoint, Deployment, PublishedBlock, Rules, abi, call};
//!
//! let genesis = Checkpoint::default();
//! let mut chain = LocalChain::new(1_800_000_000);
//! // A verifier that accepts everything: `return true`.
//! let verifier = chain.deploy(call::deploying(&[0x60, 0x01, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]))?;
//! let deployment = Deployment {
//!     verifier,
//!     chain_id: 1337,
//!     rules: Rules::Cancun,
//!     genesis,
//!     proposer: SENDER,
//!     proposer_timeout: 24 * 60 * 60,
//!     owner: None,
//! };
//! let rollup = chain.deploy(call::rollup_creation(&deployment))?;
//!
//! let block = PublishedBlock { timestamp: 1_700_000_000, gas_limit: 30_000_000, ..PublishedBlock::default() };
//! let batch = Batch { chain_id: 1337, first_block: 1, previous_block_hash: genesis.block_hash, blocks: vec![block] };
//! let receipt = chain.transact(rollup, call::settle(&batch.encode()?, b"proof"))?;
//! assert!(receipt.gas.total > 21_000);
//!
//! let now = chain.checkpoint(rollup)?;
//! assert_eq!((now.number, now.timestamp), (1, 1_700_000_000));
//! # Ok(())
//! # }
//! ```

pub mod abi;
mod batch;
pub mod call;
mod error;
pub mod export;
pub mod gas;
pub mod local;

pub use braid_verifier::Rules;

pub use batch::{Batch, MAX_TRANSACTION_BYTES, PublishedBlock};
pub use call::{Checkpoint, Deployment};
pub use error::Error;
