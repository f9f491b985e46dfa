//! Table `exponent_bytes`: how many bytes an exponent has, for the gas of EXP (EIP-160).
//!
//! **Claim.** In every [`ExponentBytes`](crate::bus::Message::ExponentBytes) message that the table receives, `bytes` is the number of bytes of `exponent` without leading zeros. The exponent's limbs are below 2^32 by the word of
//! the sender.
//!
//! **Row.** One exponent. It is a table of its own because gas is needed even where it does not suffice: then there is no power to compute ([`crate::tables::exp`]).
//!
//! **Padding.** Zero rows: `used` is 0. They receive nothing.
//!
//! **Messages.** Receives `ExponentBytes`; sends `U16`.
//!
//! **Why it suffices.** Of the flags `highest` at most one is set, as their sum and `used` less their sum are both boolean. If none is, the sum of all limbs is zero, so the exponent is, and `bytes` is 0. If one is, all limbs above it are zero. As
//! many of `limb_bytes` are set. That limb `t`, times `256^(4 - n)` if it is said to have `n` bytes, is `low + 2^16 high`: both are integers below 2^56, so they are equal as integers. `high` is in
//! [2^8, 2^16) by two lookups, so that `256^(n - 1) <= t < 256^n`. `bytes` follows from the flags.
//!
//! **What a cheating prover would put there.** A limb further down leaves one above that is not zero. A limb further up is zero, or one more byte is: then `high` is below 2^8. One byte less: then `t * 256^(4 - n)` does not fit 32 bits.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::ExponentBytesColumns;
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExponentBytes;
