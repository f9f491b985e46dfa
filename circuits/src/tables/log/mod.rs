//! Table `log`: LOG0 to LOG4.
//!
//! **Claim.** Every step of these opcodes that is received here takes its operands, costs what it should and, unless its frame is undone, is a log of the chunk, in its place among those; or it halts its frame, since it lacks gas or must not write.
//!
//! **Row.** One step, in one of four cases: done; `lacks` gas for what it costs; its region is far, which no gas pays for; or it `violates` a static frame (EIP-214).
//!
//! **Padding.** Zero rows: no opcode. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord`, `LogCount` (before). Sends `FrameEnd`, `FrameContext`, `MemoryGrowth`, `Copy` and `LogData` (the data), `LogRecord`, `LogCount` (after), `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *What is logged.* Address and whether the frame is static are the frame's. Topics are popped below offset and length; those that the opcode does not have are zero. The data's digest is that of the bytes which are copied to a string of the step's own; of no bytes it is zero. `log_data` takes all of the string, whose length is that of the copy.
//! * *Which logs survive.* `survives` is exact where the step is done: `undone_at` is zero, or a factor makes it into 1. Only logs that survive touch the count, so nothing has to be undone: a register that were undone like a slot would come to the same, with an access more.
//! * *Order.* The count has one chain of versions, each left later than the one before, from 0 on. So logs that survive are numbered from 0 in the order of time, without gaps. `log_chain` takes them by number, and `block` the last count, which says how many there are.
//! * *Gas.* 375, and as much for each topic, 8 for each byte, and what memory costs. A step that halts shows that gas is not negative and less than that; or, where the region is far, that it is beyond 2^64 or the gas small ([`crate::region`]).

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Log;
pub use columns::{LogColumns, Topic};
pub use generation::generate;

/// Topics that a log has at most.
pub(crate) const TOPICS: usize = 4;
