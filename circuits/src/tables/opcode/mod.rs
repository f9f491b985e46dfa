//! Table `opcode`: what the step table does with each opcode.
//!
//! **Claim.** `Opcode { index, operation }`: for an opcode (`index` below 256) the step table does `operation`; for `index` 256 plus any byte it halts the
//! frame. `PushLength { opcode, length }`: the byte `opcode` is followed by `length` bytes of data.
//! `OpcodeNeeds`: this is what the byte needs, if it is an opcode.
//!
//! **Row.** Row `i` offers the entry of index `i`: opcodes, from [`OPERATIONS`](crate::event::opcode::OPERATIONS) and [`Class`], then 256 halting entries. All of it is in fixed columns, that
//! is, in the verifying key. Rows of bytes that are no opcode, of INVALID, and beyond the entries offer what nobody can ask for in its place: the halting entry of byte 0 again.
//! Push lengths and needs are offered for every byte, by the rows below 256 and again by those above.
//!
//! **Padding.** There is none. Counts of rows that nobody asks for are zero.
//!
//! **Messages.** Receives `Opcode`, `PushLength` and `OpcodeNeeds` as often as the counts say.
//!
//! **Why this suffices.** A message that no row offers is never received, whatever the counts. So a step can do with an opcode only what is written here: an undefined byte can only
//! halt, and whether a step that halts had to is shown by whoever receives its `Leave`.

mod air;
mod chunk;
mod class;
mod columns;
#[cfg(test)]
mod tests;

pub use air::OpcodeTable;
pub use class::Class;
pub use columns::{Needs, OpcodeColumns, Operation};

/// Added to an opcode's index for a step that halts its frame.
pub const HALTING: usize = 256;
/// Entries: opcodes, then halting ones.
pub const ENTRIES: usize = 2 * HALTING;
