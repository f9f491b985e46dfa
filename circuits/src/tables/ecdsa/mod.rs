//! ECDSA public-key recovery.
//!
//! **Claim.** Every `RecoverNothing` message that this table receives is of a signature as below, but that `s R = hash G`: there is no public key but infinity. Every `Recover` message that this table receives is true: with `R` the point of x `r` and the given parity of y,
//! `Q = r^-1 (s R - hash G)` has `address` as the low 160 bits of the Keccak-256 hash of its 64 bytes; `1 <= r < n` and
//! `1 <= s <= n / 2` (EIP-2). As in Ethereum, x of `R` is `r` itself, never `r + n`.
//!
//! **A row** is one signature; its number from 1 is fixed, and it has the ladder's block of the same number. The row shows
//! 1. `R = (r, y_R)` is on the curve with `r < n < p` and `y_R < p`, so that the parity means something;
//! 2. `Q = (x_Q, y_Q)` is on the curve with canonical coordinates (they are hashed);
//! 3. for `z` in 1..2^128 and `v` in 0..2^128, with `Q' = Q` or `-Q` as `negative` says, the ladder's equation
//!    `z R = v Q' + w G`;
//! 4. `s w = z hash` and `s v = z r`, or `s v = -z r` if `negative`, modulo n;
//! 5. the hash of Q's bytes ends in `address`.
//!
//! **Why this suffices.** `s` and `z` are not zero modulo the prime n. Divide 3 by z and put in 4:
//! `R = (hash / s) G + (r / s) Q` in the group of prime order n, where every curve point lies. As `r` has an inverse, this is
//! `Q = r^-1 (s R - hash G)`. `z`, `v`, `w` are the prover's: for given r, s and hash any `z` in range gives the same Q. A
//! hash above n is reduced by 4 itself. `Q` is an affine point, so never infinity; a signature whose Q would be infinity has
//! no row of this kind. The honest prover finds `z` and `v` by halving `r / s` ([`crate::secp256k1::scalar::halve`])
//! and, should the ladder fail with every offset, takes multiples of them.
//!
//! **Infinity.** A row that is `infinite` has `v = 0` instead of the second equation of 4, and any key: `z R = w G` and `s w = z hash` give `s R = hash G`, as `s` and `z` are not zero modulo n. So a signature that has a key
//! has no such row, and one whose key would be infinity has no other.
//!
//! **Ranges.** 16-bit limbs of the coordinates, `R`'s and `Q`'s `x^2` and all carries are looked up. `s`, `hash` and all other
//! words are operands of `arith`, which checks their limbs. The ladder vouches for 32-bit limbs of `z`, `v` and the digits of
//! `w`. `a < b` is shown as `a + (2^256 - b)` not overflowing, an `Add` claim.
//! The curve identities meet the bounds of [`crate::secp256k1::folded`]: products of unsigned limbs are below 2^32, and those of
//! `y^2 - x^2 x` within 2^32.
//!
//! **Padding.** Rows that are not `active` send and receive nothing; zeros satisfy their constraints. An active row receives
//! exactly one `Recover`, or `RecoverNothing` if it is `infinite`.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub(crate) use chunk::signatures;
pub use columns::{EcdsaColumns, Point};
pub use generation::{EcdsaRequest, Generated, generate};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ecdsa;
