//! Table `finish`: STOP, RETURN and REVERT.
//!
//! **Claim.** Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received ends its frame: well or by REVERT, with the gas that is left when memory is paid for, and the bytes that the operands name; or, where the step
//! halts the frame, memory costs more than is left.
//!
//! **Row.** One step, of which exactly one holds:
//! * `done`: the frame ends as the opcode says;
//! * `lacks`: what memory grows by costs more than is left;
//! * `region.far`: the bytes reach 2^32 or beyond, which no gas pays for.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Leave`, `StackWord` (offset and length). Sends `FrameEnd`, `MemoryGrowth`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which step.* One of three opcodes and one of three cases; each case receives one `Leave` and sends one `FrameEnd`. The cases that halt demand the index of a halting step, `done` that of one which is carried out.
//! * *Operands* are popped like any words ([`crate::access::pop`]), for RETURN and REVERT in all cases; [`crate::region`] shows whether there are bytes, and whether they are near. Without bytes nothing grows, and offset and length are 0.
//!   STOP pops nothing; what the frame hands back is nothing, by a constraint.
//! * *Gas.* `done`: gas minus growth has limbs ([`crate::gas`]), so that it is not negative, and this is what the frame gives back. That also shows that the frame has not used more than it was given before. `lacks`: growth minus
//!   gas minus 1 is below 2^48, and the gas is shown ([`crate::delegated::Delegated::halts_far`]). `far`: the region is shown to be beyond 2^64, or the gas to be small: no gas pays for that ([`crate::region`]).
//! * *Halting in place of ending*: `evm` lets any step halt, but here only gas is a reason, and only where it is missing.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Finish;
pub use columns::FinishColumns;
pub use generation::generate;
