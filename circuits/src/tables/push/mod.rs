//! `push`: the values that PUSH0 to PUSH32 and PC give.
//!
//! **Claim.** A [`Compute`](crate::bus::Message::Compute) of PUSH`n` at `(pc, code)` gives the `n` bytes of the code after `pc`, as a big-endian number;
//! one of PC gives `pc`. The claim is about the bytes that lie there: that an instruction starts at `pc`, and that it is this one, is for
//! whoever asks to look up ([`Instruction`](crate::bus::Message::Instruction), for the same code and position).
//!
//! **Row.** Up to four bytes of data, the least significant first: a limb. An instruction has a row for each limb of its data, most significant first (one if it has
//! no data); the first takes what is left over, the others four bytes. Each row hands the limbs so far to the next
//! (`continues`), so that the last has them all. PC has a row that takes nothing, with the position in place of the first byte.
//!
//! **Padding.** Rows of zeros. They are not told apart from others: a row of zeros claims that PUSH0 gives 0, which is true.
//!
//! **Messages.** Receives `Compute`, `count` times. `count` is filled with the rows and not as that of a lookup, because other tables
//! prove the claims of other opcodes. Sends `CodeByte` for each byte that it takes, and `PushLength` on rows that take any.
//!
//! **Why it suffices.** Whatever a row offers is true, on every row of a run:
//! * *Bytes.* Flags in `takes` are boolean and the first ones; a byte that is taken is looked up at `pc + taken - i`, one that is not is zero. So the row
//!   has the bytes up to position `pc + taken`, and its limb is below 2^32 as bytes are below 2^8.
//! * *Runs.* `taken` and `high` come from the row before if it `continues`, else from nothing. A row after one that continues has the same code and position
//!   and takes four bytes: so by induction the limbs are the `taken` bytes after `pc` as a number, without gaps. The last row of the table does not
//!   continue, and the row after it is the first.
//! * *Length.* `PushLength` shows that the opcode `0x5f + taken` is followed by `taken` bytes. That is so for 1 to 32 only (for other opcodes the length is zero),
//!   so no limb falls out at the top. A row that takes nothing cannot follow one that continues, so it has `taken` 0.
//! * *PC.* `is_pc` is boolean; the row takes nothing, its first byte is `pc`, its opcode is 0x58. It does not continue, so `pc` is never
//!   above other limbs. `pc` is below 2^32 because whoever asks vouches for it.
//!
//! **Cost.** 29 cells a row, bus included. Most data is short: of the 5967 PUSHes in the contracts of `verifier-contract/artifacts` 81 % take one row, and all
//! together 1.84 rows each, 53 cells. A row for all 32 bytes would have 104 cells.

mod air;
mod chunk;
mod columns;
#[cfg(test)]
mod forgeries;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Push;
#[cfg(test)]
pub(crate) use chunk::immediates;
pub use columns::PushColumns;
pub use generation::{Immediate, generate};
