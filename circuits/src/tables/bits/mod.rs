//! Table `bits`: AND, OR and XOR of any words.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that this table receives is true, and limbs in it are below 2^32. Its opcodes are AND, OR and XOR.
//!
//! **Row.** One claim: both operands and their exclusive or in bytes.
//!
//! **Padding** is a row without a flag. It receives nothing and looks up `0 xor 0 = 0`.
//!
//! **Messages.** Receives `Compute`; sends `Xor` for each of the 32 bytes on every row.
//!
//! **Why the constraints suffice.** The lookups show that all cells of `a`, `b` and `xor` are bytes and that `xor` is what it is called. Operands and result of the claim are expressions of these
//! bytes; of two bits, `2 (a and b) = a + b - xor` and `2 (a or b) = a + b + xor`, so the same is true of limbs as integers, and halving in the field is exact. At most one flag is set.
//!
//! **What was tried against it.** A byte that is none, two flags or parts of flags, a wrong exclusive or: see `tests`.
//!
//! **Completeness.** Any two words have bytes.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::BitsColumns;
pub use generation::generate;

/// Bytes of a word.
const WORD_BYTES: usize = 32;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bits;
