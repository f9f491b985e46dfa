//! Wrapped proofs: the final proof once more, in the form that the EVM verifies.

pub mod gates;
pub mod hasher;
pub mod transcript;
