//! Table `product`: MUL, DIV and MOD.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that the table receives is true of MUL, DIV or MOD, and the limbs of its result are below 2^32.
//! The operands' limbs are below 2^32 by the word of the sender.
//!
//! **Row.** One operation. Three numbers `x`, `y`, `rest` in limbs of 16 bits, all looked up:
//! ```text
//! MUL        a = x, b = y           x * y = rest modulo 2^256        c = rest
//! DIV, MOD   b = y                  x * y + rest = a, rest < y       c = x or rest
//! by zero    b = y = 0              x = 0, rest = a                  c = 0
//! ```
//! The dividend `a` has no columns: it is what the identity says, an expression of degree 2.
//!
//! **Padding.** Zero rows: no flag is set. They receive nothing.
//!
//! **Messages.** Receives `Compute`; sends `U16`.
//!
//! **Why it suffices.**
//! * *The identity holds over the integers.* All limbs are looked up on every row, so a coefficient of a product is at most `16 * (2^16 - 1)^2 < 2^36`, and a 32-bit position, which is two of them,
//!   below 2^53. A carry is in [-2^31, 2^31) by two looked-up cells. So `position +- rest + carry in - 2^32 * carry out` is below `2^53 + 2^32 + 2^31 + 2^63 < p - 2^32` in absolute value:
//!   where it equals zero, or a limb of `a` that the sender vouches for, in the field, it does as an integer. A carry of another multiple of the field's order has no cells.
//! * *MUL.* Adding the eight positions, weighted with `2^(32 k)`, gives `x * y = rest` up to multiples of 2^256: the carry out of the last is dropped, but has cells like the others. The coefficients above
//!   are multiples of 2^256.
//! * *DIV, MOD.* Here the carry out of the last position is zero, and so is the sum of the coefficients above, of which none is negative and which together are below 2^44. So `x * y + rest = a` as it stands.
//!   With `rest < y` quotient and rest are unique ([`crate::below`]).
//! * *By zero.* A division either shows `rest < y`, which no rest does for `y = 0`, or `by_zero` is 1: then the sum of all limbs of `x` and `y` is zero, hence each of them is. The result of DIV is `x = 0`.
//!   The result of MOD is the rest only where `gives_rest` is 1, and that is MOD with `rest < y` shown; it is 0 otherwise. `by_zero` is boolean, so a row that does not divide has nothing marked in `below`.
//! * *Results.* `x` and `rest` consist of looked-up limbs, so what is joined from them is below 2^32.
//!
//! **What a cheating prover would put there.** Another `rest` or `x` breaks the identity in some position, and the carry that would mend it has no cells. Another multiple of the divisor in `rest` leaves nothing below
//! the divisor. A dividend plus 2^256 needs a last carry or a high coefficient. A divisor of zero that is called another number fails the order, another number that is called zero the sum. Limbs out of range
//! (`2^16` less here, 1 more there) fail their lookups. Two flags at once would mix two messages; their sum is boolean.
//!
//! **Completeness.** True carries are not negative and below 2^21. If `x * y < 2^256`, no limbs meet at or above 2^256.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::ProductColumns;
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Product;
