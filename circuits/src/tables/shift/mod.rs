//! Table `shift`: shifts by any amount, and what picks a byte or a leading one.
//!
//! **Claim.** Every [`Compute`](crate::bus::Message::Compute) message that this table receives is true, if its sender vouches for the limbs of `a` and `b`. Its opcodes are SHL, SHR, SAR, BYTE,
//! SIGNEXTEND and CLZ.
//!
//! **Row.** One claim. *Halves* are 16 bits of a word, half 0 the lowest. `places` chooses one half of sixteen, or none where the amount or index is out of range (for CLZ: where there is no one);
//! `bits` are a number below 16, `power` is two to this number.
//! * *Shifts* by `16 place + number`: `halves` and the last carry are `b` times `factor`, which is `power` for SHL and `2^16 / power` for SHR and SAR; so bits lie within halves as the result has them, and
//!   the place tells by how many halves they move. SAR fills with `sign`, also the half into which the last carry goes (`picked`).
//! * *BYTE, SIGNEXTEND*: `halves` are those of `b`; the half at the place is `picked`, split into bytes `lower` and `upper`, of which bit 0 chooses one. Halves above the byte become `sign`'s, within the half
//!   that is the cell `kept`.
//! * *CLZ*: `halves` are those of `a`; none above the place is non-zero; `power` moves the highest one of `picked` to bit 15.
//!
//! Where carries are not used as such, the cells have other names: [`Spare`].
//!
//! **Padding** is a row without a flag. It receives nothing; zero cells satisfy all.
//!
//! **Messages.** Receives `Compute`; sends `U16` for halves, carries and `check` on every row, and `Rules` for CLZ, which Osaka's have (EIP-7939).
//!
//! **Why the constraints suffice.** At most one flag is set, at most one place. Limbs of `a` and `b` are below 2^32 by the sender's word. All sums below are of integers below 2^50 in absolute value, so that they hold of integers.
//! * *Amount.* If a place is set, limbs of the amount above the first have the sum zero and the first is `16 place + number`, a number below 256 with one such form; for BYTE and SIGNEXTEND `2 place + bit 0` (of 31 - index for BYTE), below 32. If none is set,
//!   `first + 256 (sum of the others) - limit` is shown to be in [0, 2^48) by lookups, where the limit is 256 or 32: so the amount is at least the limit. All bits are then zero.
//! * *Product.* `b factor + carry in = half + 2^16 half + 2^32 carry out` limb by limb, the first without carry in: so halves and the last carry are the digits of `b factor`, whatever
//!   bounds the carries have beyond the 16 bits that are looked up. `factor` is between 1 and 2^16 as `power factor = 2^16` has one solution in the field.
//! * *Sign of SAR.* The last carry has `16 - number` bits, the top bits of `b`; `power` moves them up to 16. `check` is twice what is left of them without the sign, and is looked up. Out of range (place none) `power` is 1 and the last carry is the top half of `b`
//!   by `b[7] = top[0] + 2^16 top[1]`.
//! * *Sign of SIGNEXTEND.* `check` is twice the half with the byte on top (`picked`, or `256 lower`) without the sign; so for the lower byte `512 lower - 2^16 sign` is in [0, 2^16), which bounds `lower`
//!   below 2^8 as well. For BYTE `check = 256 lower`. `picked = lower + 256 upper` is then the split into bytes.
//! * *CLZ.* `check = 2 (picked power - 2^15)` is in [0, 2^16), so the highest one of `picked` is bit `15 - number`. Halves above the place, all of them if none is set, have the sum zero.
//! * *Result.* Each limb is pinned by an equation: to two halves (below 2^16 by lookups; `picked` of SAR by what the carry is), a limb of `b`, or ones.
//!
//! **What was tried against it.** Every choice of place, bits and sign with all other cells solved for (`every_choice_proves_the_truth`), and with each constraint left out in turn a claim that is false: `forgeries`.
//!
//! **Completeness.** Every operation of the six opcodes has a row, those that `narrow` is asked for too. True carries are below `factor`, so below 2^16. SIGNEXTEND from byte 31 needs no
//! row of its own: all halves are kept. BYTE out of range has no place, so `picked` is zero, and so are both bytes.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
mod selecting;
#[cfg(test)]
mod tests;

pub use columns::{ShiftColumns, Spare};
pub use generation::generate;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shift;
