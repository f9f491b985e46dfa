//! Table `u16`: numbers below 2^16, and the exclusive or of two bytes.
//!
//! **Claim.** A number that is looked up as [`Message::U16`](crate::bus::Message::U16) is below 2^16; a triple that is looked up as
//! [`Message::Xor`](crate::bus::Message::Xor) is two bytes and their exclusive or.
//!
//! **Row.** Row `i` offers the number `i` and the two bytes that it consists of. Everything that a row offers is in fixed
//! columns, that is, in the verifying key. In a table of more than 2^16 rows the entries repeat: no row offers more than
//! `2^16 - 1`.
//!
//! **Padding.** There is none. The multiplicities of rows that nobody asks for are zero.
//!
//! **Messages.** Receives `U16 { value }` and `Xor { a, b, c }`, each as often as its multiplicity column says.
//!
//! **Why this suffices.** A multiplicity column is not bounded, and need not be: whatever it holds, the bus only balances
//! if, for every message, the multiplicities of all rows that offer it add up to the number of times that it is sent. A
//! message that no row offers is never received. Senders send with boolean multiplicities, so the number of times is far
//! below the characteristic and cannot wrap to zero.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Range16;
pub use columns::{Fixed, Range16Columns};
pub use generation::generate;

/// How many different numbers there are.
pub const ENTRIES: usize = 1 << 16;
