//! Scalar multiplication on secp256k1 for signatures.
//!
//! **Claim.** Let `ecdsa` say for a signature, through messages: the operands `Q'` and `-R` (points of the curve), an offset
//! `K` (through `4 K`, `-3 K` and `K` where the accumulator is compared). Then the scalars `z`, `v`, `w` that this table tells
//! it, 32 bits at a time, are below 2^128, 2^128 and 2^256 and
//! ```text
//! v Q' + w' G = z R        w' = w + (1 + 2^128) (1 + 16 + ... + 16^31)
//! ```
//! in the group of the curve.
//!
//! **A block** of [`BLOCK`] rows is one signature; which row does what is fixed ([`schedule`]). A row is one affine addition
//! or doubling, from its accumulator to the next row's:
//! * 16 rows walk over the table points `T(a, b) = -3 K - a R + b Q'` for `a, b` in 0..4 and put them on the bus, each with
//!   one value, since each has one row;
//! * the ladder starts from `4 K` and does 64 windows: twice double, add `T(a, b)` with the window's digits `a` of `z` and `b`
//!   of `v`. Before and after a window the accumulator has exactly one `K` in it. After every second window comes the fixed
//!   point `(low + 1) G + (high + 1) 2^128 G` with digits of 4 bits of the low and high half of `w` (from `secp_base`);
//!   adding one to each digit keeps infinity out and gives the surplus in `w'`;
//! * the last row's accumulator must be `K`: everything but `K` adds up to infinity.
//!
//! Digits need no range checks: only the 16 table points and 256 fixed points exist.
//!
//! **Padding.** Blocks that are not `active` send nothing; zeros satisfy their constraints. Rows after the last whole block
//! have a schedule of zeros.
//!
//! **Why the constraints suffice.** *The identities* hold modulo p by [`crate::secp256k1::folded`], whose bounds are met: `x`,
//! `y` and `slope` have range-checked limbs in [-2^15, 2^15); an operand's x has limbs in [-2^15, 2^16), as its provider
//! range-checked them (or has them in fixed columns), so that `run` has limbs within 1.5 * 2^16, or 2^16 in a doubling.
//! Products of limbs are then within `1.5 * 2^31`, in a doubling's slope `2^31 + 3 * 2^30 = 5 * 2^30`.
//! *No slope is free.* A doubling's `run = 2 y` is never zero modulo p on a curve of odd order: a point with y = 0 would have
//! order 2. An addition's `run` as an integer is within `1.5 * 2^256 * (1 + 2^-15) < 2 p`, so it is zero modulo p only if it
//! is 0, p or -p; then `run (run^2 - p^2)` would vanish in the base field too, which `secp_ladder/distinct` excludes. So every
//! step is the group's law on points of the curve, by induction from the operands and `4 K`, `-3 K`, and never meets infinity.
//! *Chaining*: identities speak of the next row's accumulator on every row with a step; on the others the next accumulator is
//! compared with `ecdsa`'s by a message. *Scalars*: sums of digits start from zero after the table and after each telling, and
//! 32 bits cannot wrap.
//! On rows that are no addition `operand_y` means nothing, on rows without a step `slope` and `run` mean nothing.
//!
//! **Completeness.** An addition fails if its operands have the same x, or if the difference is 0 or within `p` of it modulo
//! the base field's order (2^-62 per addition). The prover then takes another of four offsets; [`crate::secp256k1::offset`] says
//! why nobody can make signatures whose operands have the same x with two of them. The other failures can be searched for, by
//! digits of `w` of the signer's choice while `z` and `v` are small, which is why `ecdsa` also tries multiples of the scalars.
//!
//! **Cost.** 239 rows per signature. An affine step has three identities; what makes them narrow is in
//! [`crate::secp256k1::folded`] (no quotient columns, 8 carries) and that only the accumulator and slope are range-checked.
//! Halving the scalars (`z R` instead of `R`) saves half of the doublings.

mod air;
mod chunk;
mod columns;
mod generation;
pub mod schedule;
#[cfg(test)]
mod tests;

pub use chunk::LadderRows;
pub use columns::SecpLadderColumns;
#[cfg(test)]
pub(crate) use generation::forge_block;
pub use generation::{LadderRequest, fill_block};
pub use schedule::BLOCK;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecpLadder;
