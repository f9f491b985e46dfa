//! Table `modular`: ADDMOD and MULMOD.
//!
//! **Claim.** Every [`Compute3`](crate::bus::Message::Compute3) message that the table receives is true of ADDMOD or MULMOD, and the limbs of its result are below 2^32. The operands' limbs are below 2^32 by the word of the
//! sender.
//!
//! **Row.** One operation, in limbs of 16 bits, all looked up:
//! ```text
//! (a + b, or a * b) = (quotient + 2^256 high_quotient) * m + c,   c < m        over the integers
//! ```
//! The quotient has 512 bits, so that no operands are left out: `(2^256 - 1)^2` modulo 1 needs them. In one row they cost less than reducing `a` in another one first.
//! Modulo zero is zero by definition (Yellow Paper, H.2), and so is every number modulo one: a row with a modulus of zero holds 1 in its place and says so in `by_zero`.
//!
//! **Padding.** Zero rows: no flag is set. They receive nothing.
//!
//! **Messages.** Receives `Compute3`; sends `U16`.
//!
//! **Why it suffices.**
//! * *The identity holds over the integers.* A coefficient of `a * b`, and of the quotient times `m`, is a sum of at most 16 products of looked-up limbs, below 2^36. So a 32-bit position is below 2^53 on either side, carries are in
//!   [-2^31, 2^31) by two looked-up cells, and nothing reaches the field's order ([`crate::tables::product`] has the sum). No carry leaves position 15, and the coefficients of the right side above 2^512 are zero, because their
//!   sum is: none is negative, and together they are below 2^44. The left side has none there.
//! * *One result.* On every row that receives a claim `c < m` is shown ([`crate::below`]), so the quotient is the true one, and `m` is not zero.
//! * *The modulus.* The claim's is `m` less `by_zero` in the lowest limb. `by_zero` is boolean, and where it is 1 the lowest limb is 1 and all limbs together are 1. So either `m` is the claim's modulus, or that is zero and `m` is 1. The
//!   limbs of a claim with `m = 0` cannot come from a row with `by_zero = 0`: its `m` would have no `c` below it.
//! * *Results* are joined from looked-up limbs.
//!
//! **What a cheating prover would put there.** Another `c` of the same residue class is not below `m`; of another class it breaks the identity. A quotient that wraps at 2^512 has coefficients above. `by_zero` where the modulus is 5
//! would have the claim say 4. ADDMOD called MULMOD says another opcode.
//!
//! **Completeness.** `a * b < 2^512` and `c < m` leave a quotient below 2^512, and no limbs that meet at or above it. True carries are within 2^22.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::ModularColumns;
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modular;
