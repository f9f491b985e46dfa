//! The executor under a model checker (shuttle), which decides at every step of the workers' synchronisation whose turn it is. What runs is the executor itself, with
//! its files compiled a second time: see `execution/parallel.rs`. `parts` are small enough to go through all interleavings; `whole` blocks are executed
//! in many random ones.

mod execution;
#[path = "../support/mod.rs"]
mod support;

// Where the executor's files look for the rest of their crate.
use braid_witness::{Error, Result, error, transaction};
