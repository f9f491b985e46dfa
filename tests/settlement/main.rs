//! Executed blocks settle on the contract as compiled: what Rust publishes is what the contract reads, and what it costs.

mod gas;
mod proposer;
mod refusals;
mod settle;
mod support;
mod vectors;
mod wrapped;
