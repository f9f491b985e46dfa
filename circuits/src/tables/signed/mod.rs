//! Table `signed`: SDIV and SMOD, by DIV and MOD of absolute values.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that the table receives is true of SDIV or SMOD, and the limbs of its result are below 2^32, given that the `Compute` messages that it sends are. The operands' limbs are below 2^32
//! by the word of the sender.
//!
//! **Row.** One operation. Words are numbers in two's complement. A word, whether it is negative, and carries give its absolute value without columns of its own; the same turns what DIV or MOD makes of the absolute values into the
//! result, which is negative for SDIV where one operand is, and for SMOD where the first is.
//! `-2^255 / -1` is `2^255`, which as a word is `-2^255`; division by zero is zero whatever the signs, as `product` has it.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Compute`; sends `Compute` of DIV or MOD, and `U16`.
//!
//! **Why it suffices.**
//! * *Signs.* The highest limb of an operand, which is below 2^32, is `low + 2^16 high + 2^31 negative` with `low` and `high` below 2^16, and `2 high` below 2^16, so that `high` is below 2^15 (`2 high` alone would let `high` be half of an odd number, which the field has). That is one way only. The sign of the result follows.
//! * *Opposites.* Carries are boolean, and once 1 they stay 1. Where `negative` is 0 the last one is 0, hence all, and the word stands for itself. Where it is 1, limbs with carry 0 are zero, and so are the opposite's. The first limb with
//!   carry 1 is not zero, as its inverse is shown (without such a limb, zero times the inverse is the last carry 0): the opposite has `2^32 - limb` there, in 1 .. 2^32 - 1. Above it has `2^32 - 1 - limb`. So all limbs of the opposite are
//!   below 2^32, which is what this table owes for the operands of the claim that it sends, and word and opposite add up to 2^256, or to 0.
//! * *The result's limbs.* Those of the magnitude are below 2^32 because the claim of DIV or MOD is true; so the result's are, by the line above.
//!
//! **What a cheating prover would put there.** The other sign has no high bits. Carries that begin elsewhere leave a limb that is not zero below, or a zero limb without inverse. Carries without `negative` are refused by the last one. A magnitude that is
//! not the quotient or rest is a false claim, which `product` does not receive. The sign of a zero result is free of consequence: the opposite of zero is zero.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::SignedColumns;
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signed;
