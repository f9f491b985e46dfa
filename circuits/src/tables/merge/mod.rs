//! Table `merge`: the first bytes of one word and the others of another.
//!
//! **Claim.** [`Merge`](crate::bus::Message::Merge): `merged` has the first (most significant) `bytes` bytes of `first`, 0 to 32, and then those of `second`. Its limbs are below 2^32 if those of `first` and `second` are.
//!
//! **Row.** One claim. One limb is split: the limbs before it are those of `first`, the limbs after it those of `second`, and of its own bytes the first 0 to 4 are of `first`.
//!
//! **Padding.** Zero rows: no limb is split. They say nothing.
//!
//! **Messages.** Receives `Merge`. Sends `U8` for the bytes of the limb that is split, in both words.
//!
//! **Why it suffices.** One of eight flags says which limb is split, or none; one of four how many of its bytes are of `first`, or none. Limbs before and after are equated one by one. The split limb of either word is what
//! its four bytes make, which are looked up, so there is one choice of them; that of `merged` is made of the same bytes. `bytes` follows from the flags: a number at the edge of a limb has two forms (four bytes of
//! one limb, none of the next), which say the same.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Merge;
pub use columns::MergeColumns;
pub use generation::{generate, merged};
