//! Arithmetic on 256-bit numbers.
//!
//! **Claim.** Every `Add`, `Mul` and `MulMod` message that this table receives is true of the integers, and all limbs in it
//! are below 2^32 (see [`crate::bus::Message`]).
//!
//! **A row** proves one claim. Whatever the claim, the row shows the one identity
//! ```text
//! (a * b, or a + b) = quotient * m + c        over the integers
//! ```
//! with `quotient = 0` but for `MulMod`, where it also shows `c < m` by `c + difference + 1 = m`.
//! Subtraction (`c - b = a`) and comparison without overflow are `Add` claims with the operands in other places;
//! division (`quotient * m + c = a`) differs only in what the left side is and in showing the quotient to the outside.
//!
//! **Padding** is a row without a flag: it receives nothing, and zero cells satisfy the identity.
//!
//! **Why the constraints suffice.** All limbs are range-checked to 16 bits, on every row. A coefficient of a product is
//! then at most 16 * (2^16 - 1)^2 < 2^36, and a 32-bit position made of two of them is below 2^36 + 2^52; the position of
//! `a * b - quotient * m - c` is between -2^53 and 2^53. Carries are in [-2^31, 2^31) by two range-checked cells, so the
//! expression `position + carry in - 2^32 * carry out` is below 2^53 + 2^31 + 2^63 < p = 2^64 - 2^32 + 1 in absolute
//! value: where it vanishes in the field, it vanishes as an integer. Adding all 16 positions, weighted with 2^(32 k),
//! gives the identity over the integers, as there is no carry out of the last. `quotient = 0` follows from the sum of its
//! limbs, which is below 2^20. The order chain has boolean carries and positions below 2^33.
//! The sender vouches for `m`'s limbs, but they are range-checked all the same; `m = 0` would have no `c < m`.
//!
//! **Completeness.** The quotient has 256 bits: `a * b < m * 2^256` must hold, as it does when `a < m` or `b < m`.
//! True carries are within 2^22.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::Arith as ArithColumns;
pub use generation::{Operation, generate};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arith;
