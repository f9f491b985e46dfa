//! Table `byte_store`: a byte written to memory.
//!
//! **Claim.** [`MemoryByte`](crate::bus::Message::MemoryByte): at `timestamp` byte `offset` of a frame's memory becomes the lowest byte of the limb `value`.
//!
//! **Row.** One such access. It covers one word; flags say which of its limbs, and which byte of that limb, most significant first. That limb as it was and the value's are split into bytes.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `MemoryByte`, the `MemoryWord` before. Sends the `MemoryWord` after, `Clock`, `U8` for each byte.
//!
//! **Why it suffices.**
//! * *Where.* `offset = 32 index + 4 limb + byte`, with one of 8 flags and one of 4. The offset is below 2^32, and words that have versions have integers as indices ([`crate::access::access_memory`]), so these are quotient
//!   and remainders.
//! * *What.* Bytes are looked up, so a limb has one way to be split. The limb that is chosen changes by the difference of the new byte and the old one at the place that is chosen, and stays below 2^32.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::ByteStore;
pub use columns::ByteStoreColumns;
pub use generation::generate;
