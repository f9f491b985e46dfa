//! Table `window`: 32 bytes of memory from any byte.
//!
//! **Claim.** [`MemoryWindow`](crate::bus::Message::MemoryWindow): at `timestamp` the 32 bytes from `offset` of a frame's memory are `value`, or become it.
//!
//! **Row.** One such access. It covers two neighbouring words, `index` and `index + 1`: 16 limbs, most significant bytes first. The window starts in limb `shift` of them, and after `bytes` of its bytes. The 9 limbs
//! from there on are `moved` afterwards. A read leaves all 16 limbs as they were.
//! * `bytes = 0`: `moved` is the value's limbs, and then the last of the 9 as it was. Nothing is split: ABI-encoded data mostly lies so.
//! * `bytes` is 1, 2 or 3: [`ByteShift`](crate::bus::Message::ByteShift) says what `moved` is.
//!
//! **Padding.** Zero rows: `reads` and `writes` are 0. They say nothing.
//!
//! **Messages.** Receives `MemoryWindow`, the `MemoryWord`s before. Sends the `MemoryWord`s after, `Clock` (they are later), `ByteShift`.
//!
//! **Why it suffices.**
//! * *Where.* `offset = 32 index + 4 shift + bytes`, with one of 8 flags for `shift`, and `bytes` 0 or what `byte_shift` takes. The offset is below 2^32, and words that have versions have integers as indices
//!   ([`crate::access::access_memory`]), so index, shift and bytes are quotient and remainders.
//! * *Writes.* Limbs outside of the 9 stay; those within become `moved`, which has the value's bytes from the window's first byte on, and around them what the first and the last limb had.
//! * *Reads.* The same, and all limbs stay as they were: so the 9 limbs in memory are `moved`, and since bytes are below 2^8, the value is the only one that can be moved there.
//! * *Limbs.* `moved` has limbs of the value, which for writes the sender vouches for and for reads are in memory, or limbs made of bytes; so do the values that are read.
//! * *Time.* Both words are accessed at `timestamp`, which no other access to them has: a step makes one access at each of its two times.
//!
//! An aligned access could come here too, and gives the same with the next word touched for nothing.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Window;
pub use columns::WindowColumns;
pub use generation::generate;

/// Limbs of two words.
pub(crate) const LIMBS: usize = 16;
/// Limbs that a window touches.
pub(crate) const MOVED: usize = 9;
