//! Table `calldata`: words of the calldata of transactions.
//!
//! **Claim.** [`SourceWord`](crate::bus::Message::SourceWord) of the kind [`CALLDATA`](crate::bus::space::CALLDATA): the 32 bytes from `32 index` of the calldata of a transaction are `value`; beyond its end there are zeros.
//!
//! **Row.** One word, of which exactly one holds:
//! * `whole`: the calldata goes on after it;
//! * `last`: the calldata ends with it, or within it: `missing` bytes, 0 to 31, are zeros.
//!
//! The words of a transaction are a run of rows in their order, whether they are asked for or not. So each costs a row; where to find them costs nothing.
//!
//! **Padding.** Zero rows: neither flag is set, and then `count` is 0. They say nothing.
//!
//! **Messages.** Receives `TransactionField` (what `rlp` read), and `SourceWord`, `count` times. Sends `Compute` (on the last row) and `U8`.
//!
//! **Why it suffices.**
//! * *Which word.* A row is the first of its run, with index 0, or comes after a `whole` one of the same transaction and has the next index. So indices are integers from 0 on, below the number of rows. (No run goes around the table for ever, as indices go up.)
//! * *Whole words.* What `rlp` read after `32 (index + 1)` bytes of calldata are the word's bytes and nothing else: at least 32 bytes of it were read.
//! * *The last one.* Where the calldata ends, `rlp` gives its last 32 bytes, or all if it has fewer, after `32 (index + 1) - missing` bytes. All of that are integers, so `missing` is one, and `8 missing` is a byte: it is below 32. Moved up by
//!   `8 missing` bits, which `shift` or `narrow` does, the bytes from `32 index` on stay and zeros follow. The word begins within the calldata, or at its end, if that is all there is to it.
//! * *Limbs* are made of bytes by `rlp`, or a result of `Compute`; the operands are a byte and what `rlp` made.
//! * `count` is otherwise free: what is offered is true. No word wholly beyond the end is offered; nobody needs one, since bytes beyond the end of a source are not looked up ([`crate::tables::copy`]).
//!
//! **Not shown here.** That there is a row for a word, and that `rlp` gives it: whoever asks for a word without one has a message that nobody receives.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Calldata;
pub use columns::CalldataColumns;
pub use generation::generate;
