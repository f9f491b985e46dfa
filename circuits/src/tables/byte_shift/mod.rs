//! Table `byte_shift`: a word put into limbs from a byte that does not start a limb.
//!
//! **Claim.** [`ByteShift`](crate::bus::Message::ByteShift): `bytes` is 1, 2 or 3, and the 36 bytes of `moved` are that many first bytes of `first`, the 32 bytes of `value`, and then the last `4 - bytes` bytes of `last`. All limbs
//! are below 2^32.
//!
//! **Row.** One claim; the bytes of `first`, `value` and `last`, most significant first.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `ByteShift`. Sends `U8` for each byte.
//!
//! **Why it suffices.** One of three flags, or none, says how many bytes it is. Limbs are what the bytes make, and `moved` is made of the same bytes in another order; bytes are looked up. There is nothing else in a row.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::ByteShift;
pub use columns::ByteShiftColumns;
pub use generation::generate;
