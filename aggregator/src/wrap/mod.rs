//! Wrapping the final proof for the EVM: see `docs/on-chain.md`.
//!
//! ```text
//! final proof --compact--> --compact--> --wrap--> wrapped proof
//! ```
//! The two compact circuits only make the proof cheaper to verify in circuit, so that the wrap circuit, whose proof the contract
//! verifies, is small.

mod circuit;
mod compact;
mod memory;
mod parameters;
mod wrapper;

pub use circuit::{WrapCircuit, WrapInputs};
pub use compact::{Below, CompactCircuit, CompactInputs, compact_forms};
pub use memory::{WrapMemory, memory};
pub use parameters::{first_config, second_config};
pub use wrapper::Wrapper;

#[cfg(test)]
mod tests;
