//! Table `growth`: how memory grows, and what that costs.
//!
//! **Claim.** [`MemoryGrowth`](crate::bus::Message::MemoryGrowth): a memory of `words` words that is to hold `length` bytes from `offset` has `next_words = max(words, ceil((offset + length) / 32))` words then, and `gas` is
//! `cost(next_words) - cost(words)`; unless it is `unpaid`, `next_words` is at most [`PAID_WORDS`] if `words` is. Here `cost(w) = 3 w + floor(w^2 / 512)` (Yellow Paper, H.1, equation 325).
//!
//! **Row.** One claim, however often it is made: most frames begin with the same growth.
//!
//! **Padding.** Zero rows: `used` is 0, and then `count` is.
//!
//! **Messages.** Receives `MemoryGrowth`, `count` times. Sends `U16`, `U8`.
//!
//! **Why it suffices.** Whoever claims vouches for `unpaid`, which is 1 only of a step that halts; for `offset` and `length` below 2^32 and `length` not zero, and for `words` up to 2^28, which it is as a result of this table, or zero at first. `count` needs no bound: what is
//! claimed is true.
//! * *Last word.* `offset + length - 1 = 32 last + rest`, with `last` in two limbs of 16 bits. So `rest` is an integer between -2^37 and 2^33; eight times it is a byte, so it is below 32, `last` is the quotient, below 2^28,
//!   and `last + 1` is how many words are needed.
//! * *Paid for.* Unless it is unpaid, 2^6 times the high limb of `last` is below 2^16, as is that limb. So `last` is below 2^26, and `last + 1` at most [`PAID_WORDS`]. A frame begins without memory, and only steps that go on make it grow: it never has more words.
//! * *Maximum.* If it `grows`, `last - words` is shown to be non-negative, otherwise `words - last - 1` is, by two limbs of 16 bits.
//! * *Squares.* `w^2 = 512 q + r` with `q` in three limbs of 16 bits and `r` below 512, since it and 128 times it are below 2^16 (128 times alone would not do: it may go round
//!   the field). Both sides are below 2^58, so `q` is the quotient.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Growth;
pub(crate) use chunk::ask;
pub use columns::{GrowthColumns, SquareColumns};
pub use generation::{generate, growth};

/// Words of memory that a frame can pay for: no step that asks for more is proved, but for those that lack the gas.
pub const PAID_WORDS: u64 = 1 << 26;
