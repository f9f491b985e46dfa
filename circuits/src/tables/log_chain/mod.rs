//! Table `log_chain`: the chain over the logs of the chunk that are not undone.
//!
//! **Claim.** [`LogChain`](crate::bus::Message::LogChain): after each log the chain is that of [`log_chain`](crate::state_hash::logs::log_chain) over the chain before it and what `log` says of it.
//!
//! **Row.** A log.
//!
//! **Padding.** Zero rows: no log. They say nothing.
//!
//! **Messages.** Receives `LogRecord` and `LogChain` (before). Sends `LogChain` (after), `Poseidon` for its start, for address and number of topics, and for each topic.
//!
//! **Why it suffices.**
//! * *Each log once, in order.* `log` numbers the logs from 0 on and says each once; each is received by one row here, which takes the chain before this number and gives the one after it. `block` sends the chain before number 0 and receives that
//!   after the last, as many as `log` has counted.
//! * *What is hashed.* Topics are there from the first on, as many as the log has, and the rest is zero, as `log` says. The digest after a topic that is not there is the one before it. What a word is in the digest: [`crate::log_word`]; limbs are below 2^32, since topics were on the
//!   stack and the address is the frame's. The number of topics is at most 4, so that the half that it is cannot be full; nor can the last one, which is zero.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::LogChain;
pub use columns::{ChainedTopic, LogChainColumns};
pub use generation::generate;
