//! Table `stack_end`: words that frames leave on their stacks.
//!
//! **Claim.** None: the table takes words off the bus that nobody pops any more.
//!
//! **Row.** One word: frame, index, value and when it was pushed.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `StackWord` where `used` is 1.
//!
//! **Why it does no harm.** `used` is 0 or 1, so a row receives one word or none, and sends nothing. Every word is sent once. A word that is taken here is not popped anywhere, and a pop at its index would have to receive
//! another word that is older than the pop: all of these are received already ([`crate::access::pop`]). So a prover who takes a word here that is popped in truth has no
//! word for that pop.

mod air;
mod chunk;
mod generation;
#[cfg(test)]
mod tests;

pub use air::{StackEnd, StackEndColumns};
pub use generation::generate;
