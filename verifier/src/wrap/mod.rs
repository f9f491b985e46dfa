//! Wrapped proofs: the final proof once more, in the form that the EVM verifies. See `docs/on-chain.md`.
//!
//! The wrap circuit verifies the final proof (by way of two circuits that make it cheaper to verify) and is proved by plonky2
//! with Keccak in place of Poseidon. [`verify_wrapped`] is what the contract does, in Rust.

mod encoding;
pub mod gates;
pub mod hasher;
mod key;
mod parameters;
mod proof;
mod statement;
pub mod transcript;

pub use key::{PINNED_WRAP_KEY, PINNED_WRAP_KEY_HASH, WRAP_KEY_MAGIC, WrapKey};
pub use parameters::{WRAP_DEGREE_BITS, wrap_config};
pub use proof::{WRAPPED_SCHEMA_VERSION, WrappedKind, WrappedProof, verify_wrapped};
pub use statement::{DIGEST_WORDS, bound_limbs, constant_limbs, statement_digest};

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
