//! Table `exp`: EXP by squaring and multiplying.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that the table receives is true of EXP, and the limbs of its result are below 2^32, given that the `Compute` messages that it sends are. The operands' limbs are below 2^32 by the word
//! of the sender. How many bytes the exponent has, on which gas depends, is said by [`crate::tables::exponent_bytes`].
//!
//! **Row.** One bit of an exponent, from its highest bit that is 1 down to its lowest: as many rows as the exponent has bits, and one for the exponent zero. `power` is the base to the power of the bits so far. The first row has the base
//! itself; then each row squares the power of the row before, and multiplies it by the base if its bit is 1. Only limb `limb` of the exponent grows, from its bits; when it is full it moves up among those above.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Compute` on the last row of a power; sends `Compute` of MUL, one or two for each row but the last, and `U16`.
//!
//! **Why it suffices.**
//! * *Runs.* `goes_on + ends` is boolean and tells used rows. `goes_on` is 1 exactly if the next row is used and does not start, on every row, cyclically; the first row starts if it is used, so the last row does not go on. So every row that ends, and
//!   receives a claim, has a row that starts at or above it, with rows between that go on, and the base stays the same.
//! * *Exponent.* At the start `limb` is 1, or it is 0 and the row ends, and the limbs above are zero. Each further row doubles `limb` and adds its bit. Where `full` is 1, `left` is 0, and the next row starts a limb anew, with `left` 31; else `left`
//!   falls by 1. `2048 left` is looked up on every row. It falls by 2048 from row to row, so a run in which it is no multiple of 2048 never gets to 0, and cannot end, since it ends full. So `left` is at most 31 to start with, every limb is made of at most
//!   32 bits, the inner ones of exactly 32, and is its integer. (With 64 bits in the first limb, the exponent could be a multiple of the field's order more than what the claim says.) A limb that would move beyond the eighth must be zero;
//!   the first one is not.
//! * *Power.* By the claims of MUL, modulo 2^256. Their operands have limbs below 2^32: the base is the sender's, or on its way 1, and the others are results of MUL.
//!
//! **What a cheating prover would put there.** A bit skipped or added shows in the exponent; leading zero bits are refused by the first row; a run that starts in the middle has the base for its power. Ending early: the lowest limb
//! must be full, and the claim has all limbs. Skipping the multiplication: then the bit is 0.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::ExpColumns;
pub use generation::generate;
pub(crate) use generation::{products_of, rows_of};

/// Bits of a limb of the exponent.
const LIMB_BITS: u64 = 32;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exp;
