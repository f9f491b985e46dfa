//! The executor's own files, compiled once more against the model checker's synchronisation.

pub use braid_witness::execution::{inclusion, machine, outcome, reader, statistics, timeline};

pub mod parallel;
