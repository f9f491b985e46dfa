//! Table `narrow`: sums, differences, comparisons, and what moves or keeps whole limbs.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that this table receives is true, if its sender vouches for the limbs of `a` and `b`. Its opcodes
//! are ADD, SUB, LT, GT, SLT, SGT, EQ, ISZERO, NOT, AND where each limb of one operand or the other is 0 or 2^32 - 1, and SHL and SHR by a multiple of 32 bits below 256.
//!
//! **Row.** One claim. Sixteen cells `result` are looked up below 2^16; eight cells `bits` are boolean. What they are for depends on the opcode:
//!
//! | opcode | `result` | `bits` |
//! |---|---|---|
//! | ADD, SUB | the result's halves of limbs | carries or borrows out of each limb |
//! | NOT | the same | nothing |
//! | AND | the same | which limbs the mask keeps |
//! | SHL, SHR | the same | by how many limbs, one-hot |
//! | comparisons | [`Comparison`] | the highest limb that differs, one-hot; none if the operands are equal |
//!
//! **Padding** is a row without a flag. It receives nothing; zero cells satisfy all.
//!
//! **Messages.** Receives `Compute`; sends `U16` for all cells of `result` on every row. Limbs of `c` are expressions of degree 2, so that they need no columns.
//!
//! **Why the constraints suffice.** At most one flag is set, so each constraint that a flag multiplies can be read on its own. Limbs of `a` and `b` are below 2^32 by the sender's
//! word, joined halves `r` of `result` by lookups; all constraints below compare integers below 2^36 in absolute value, far below the field's order, so that they hold of integers.
//! * *ADD* `a + b + carry in = r + 2^32 carry out` in each limb; the first has no carry in and the last one's carry out is dropped. Carries are boolean, so `r` is
//!   the sum modulo 2^256, and limbs below 2^32 leave no second way to write it. *SUB* is `b + r = a` in the same way.
//! * *NOT* `a + r = 2^32 - 1` in each limb.
//! * *AND* `(a - full bit) (b - full bit) = 0` with `full = 2^32 - 1`: one operand's limb is `full` times a boolean. Then `full r = a b` has, as `full` is invertible in the field,
//!   the one solution `r = 0` or `r =` the other operand's limb.
//! * *SHL, SHR* Exactly one bit `q` is set, `a = 32 q` (its other limbs have the sum zero, and are not negative), and `r` is the limbs of `b`, moved.
//! * *Comparisons* Limbs above the chosen one are equal, all of them if none is chosen. In the chosen one `b - a = 1 + d` where `less` is set and `-(1 + d)` where it is not, with
//!   `d` in [0, 2^32) by lookups: so it differs in truth, and `less` tells which is greater. If none is chosen, `less (1 + d) = 0` clears `less`. For SLT and SGT the top limbs are compared with
//!   their top bits flipped, which adds `2^32 (sign_a - sign_b)` to the difference; `2 a - 2^32 sign_a` is shown to be in [0, 2^32) by lookups,
//!   and `sign_a` itself below 2^16, so that it is the top bit. LT and GT have zero signs.
//! * *ISZERO* and *NOT* show that each limb of `b` is zero. Their sender has popped no second word and vouches for none of its limbs, so that a sum of zero would not do: with -5 and 5 below, zero would differ from `b` in a limb, and ISZERO of zero be 0.
//!
//! **What was tried against it.** A sum with another carry pattern (some limb leaves [0, 2^32)); choosing a lower limb than the highest that differs, none, or two; `d = -1` to call equal
//! numbers different; wrong signs; a mask that keeps a limb of neither operand; a shift by two amounts at once; an operation under two flags or none; b left over for ISZERO, as one limb or as two whose sum is zero. Each is a test in `forgeries`, and
//! `every_choice_of_booleans_proves_the_truth` tries all assignments of booleans with all other cells solved for.
//!
//! **Completeness.** Every operation that [`Prover`](super::compute::Prover) gives to this table has a row: carries are boolean for all operands, differences of limbs are at most 2^32 - 1, so `d` is at most 2^32 - 2.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use columns::{Comparison, NarrowColumns};
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow;
