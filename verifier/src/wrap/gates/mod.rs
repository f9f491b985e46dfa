//! The gates of the wrap circuit that are not plonky2's own.

pub mod poseidon;
pub mod statement;
