//! The gates of the wrap circuit that are not plonky2's own.

pub mod poseidon;
mod serializer;
pub mod statement;
pub mod two_rows;

pub use serializer::WrapGates;
