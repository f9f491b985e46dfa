//! Table `code_words`: words of bytecodes.
//!
//! **Claim.** [`SourceWord`](crate::bus::Message::SourceWord) of the kind [`CODE`](crate::bus::space::CODE): the 32 bytes from `32 index` of a bytecode are `value`.
//!
//! **Row.** Four bytes of a code, the limb `place` of a word. Eight rows are a word; in each the limbs before have moved up by one, so that the last row has the word.
//!
//! **Padding.** Zero rows: `used` is 0, and then `count` is. They say nothing.
//!
//! **Messages.** Receives `SourceWord`, `count` times. Sends `CodeByte`.
//!
//! **Why it suffices.**
//! * *Bytes* are those of the code at their positions, and below 2^8 ([`crate::tables::code`]).
//! * *Words.* A row either continues the one before, as its next place, four bytes further in the same code and with its limbs moved up; or it has place 0. Only place 7 offers: seven rows before it are of the same
//!   word. (A run of rows cannot go around the table's end for ever, as places go up.) `count` is otherwise free: what is offered is true.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::CodeWords;
pub(crate) use chunk::ask;
pub use columns::CodeWordsColumns;
pub use generation::generate;
