//! `code`: the bytecodes of a chunk, a row a byte.
//!
//! **Claim.** Each code is one string of bytes of some size, followed by zeros. At a position that is looked up as an
//! [`Instruction`](crate::bus::Message::Instruction) an instruction starts: it is not data of a PUSH before it. Where one is looked up as the byte plus [`DATA`](crate::bus::DATA), none starts. A byte that is
//! looked up as a [`CodeByte`](crate::bus::Message::CodeByte) is the byte at that position.
//!
//! **Row.** One byte. Row 0 is no byte; from row 1 on come the codes, with the numbers 1, 2 and so on, each in as many groups of 28
//! rows as [`padded_size`] says: its bytes, then zeros (`ended`), enough for the data of a PUSH that the code ends within and for a STOP after it.
//! `remaining` counts the push data that is still to come; an instruction starts where it is 0. `word` puts seven bytes
//! together. Fixed columns say where words and groups end.
//!
//! **Padding.** Rows that are not `used`, under the number after the last code. There is one at least. They say nothing.
//!
//! **Messages.** Receives `Instruction` and `CodeByte`, as often as `instructions` and `bytes` say. Sends `PushLength` for every byte, which also shows
//! that it is below 2^8; `CodeWord` at the end of each word; `CodeSize` where the code ends, that is, for the first row that has `ended`.
//!
//! **Why it suffices.**
//! * *One byte at each position.* From row to row the number of the code stays or grows by 1, so each code is one run of rows. Within a run `used` is
//!   constant and the position counts from 0. The first row and the last are not used, so no run goes on around the end of the table. So
//!   no two rows have the same code and position.
//! * *Size.* `ended` is boolean, never goes back within a run, and is 1 on its last row; so it begins at one row of the run, whose
//!   position is the size, and `CodeSize` is sent for this row alone: the multiplicity is `ended` of the next row, minus `ended` of this one
//!   where both are of one code. Positions are below the table's height, so sizes are below 2^32. Ended rows have byte zero. That they are
//!   enough is not shown and need not be: what is looked up beyond them is not found.
//! * *Words.* Groups, hence words, end at fixed rows, and a code's rows start after the end of a group. So the word at the row of position
//!   `7 i + 6` is made of the bytes `7 i .. 7 i + 7`, and each is sent once. Bytes are below 2^8, so a word is below 2^56, less than the field's order: as a
//!   number it has one form, and each word is that of one string of seven bytes.
//! * *Instructions.* On the first row of a code nothing remains. Where something remains, `starts` is 0 and one less remains on the next row; where `starts` is 1
//!   nothing remains, and what remains next is the length that `PushLength` has for the byte. Were `starts` 0 where nothing
//!   remains, then -1 would remain on the next row, -2 after that, and never 0 again, as there are fewer rows than field elements; but
//!   on the last row of the code `starts` is 1. (Honest rows keep to this: the data of the last PUSH ends before the rows do.) What is
//!   offered says which it is: 2^10 is added to the byte where `starts` is 0.
//! * *Who answers.* Counts are free but for rows that may not offer: see [`crate::tables::range16`] for why this is enough.
//!
//! Which bytecode has which number is for whoever holds a digest: `code_hash` ties words and size to it. Two codes of the same bytes
//! do no harm.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
pub(super) mod sample;
#[cfg(test)]
mod tests;

pub use air::Code;
pub use columns::{CodeColumns, Fixed};
pub use generation::generate;

use crate::state_hash::BYTECODE_CHUNK;

/// Rows of zeros after a code at least: the data of a PUSH32 that is its last byte, and the STOP that follows.
const LEAST_PADDING: usize = 33;

/// The rows of a code of `size` bytes.
pub fn padded_size(size: usize) -> usize {
    (size + LEAST_PADDING).next_multiple_of(BYTECODE_CHUNK)
}
