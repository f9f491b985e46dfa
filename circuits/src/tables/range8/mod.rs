//! Table `u8`: numbers below 2^8.
//!
//! **Claim.** A number that is looked up as [`Message::U8`](crate::bus::Message::U8) is below 2^8.
//!
//! **Row.** Row `i` offers the number `i`, in a fixed column, that is, in the verifying key. In a table of more than 2^8
//! rows the entries repeat: no row offers more than `2^8 - 1`.
//!
//! **Padding.** There is none. The multiplicities of rows that nobody asks for are zero.
//!
//! **Messages.** Receives `U8 { value }` as often as the multiplicity column says.
//!
//! **Why this suffices.** As for [`crate::tables::range16`]: the multiplicity needs no bound, since a message that no row
//! offers is never received.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Range8;
pub use columns::{Fixed, Range8Columns};
pub use generation::generate;

/// How many different numbers there are.
pub const ENTRIES: usize = 1 << 8;
