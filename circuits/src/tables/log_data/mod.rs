//! Table `log_data`: the data of logs is hashed with Poseidon.
//!
//! **Claim.** [`LogData`](crate::bus::Message::LogData): the words that `copy` gives of a string are so many bytes, and their digest is that of [`log_data`](crate::state_hash::logs::log_data).
//!
//! **Row.** A word of the data; the data of a log is a run of rows, in order. `before` and `after` are the digest before and after the word. All but the first row of a run `continues` it. The last one `cuts` its word if it has less than 32
//! bytes.
//!
//! **Padding.** Zero rows: no word. They say nothing. The table is a circle, but the first row continues nothing.
//!
//! **Messages.** Receives `StringWord` on each row and `LogData` on the last of a run. Sends `Poseidon` on each row, `Merge` where the word is cut.
//!
//! **Why it suffices.**
//! * *All of the string.* A run begins at byte 0 and goes on 32 bytes a row, of one string. The last row claims `position + left` bytes, which is the same on all rows of a run. The words come from `copy`, which gives each word of the string once, all but
//!   the last with 32 bytes; and so many that they have the length of the copy, which is the length that the log claims. So `left` is the bytes of the last word, 1 to 32, and a word that is missing or comes again is a message that nobody answers.
//! * *Zeros after the end.* Memory after the data is copied with its last word, and `merge` puts zeros there. A word that is not cut has 32 bytes.
//! * *The digest.* It starts from the length, since `left` is that on the first row, goes from row to row, and is claimed at the last. What a word is in it: [`crate::log_word`]. Limbs are below 2^32, as the words of strings and what `merge` makes of them are.
//! * *Whose data.* Words of strings that the sponge or a step takes could be received here, but no log claims anything of them, and the claim of a log can be answered by its own words only.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::LogData;
pub use columns::LogDataColumns;
pub use generation::generate;
