//! Table `identity`: calls of the precompile that hands its input back.
//!
//! **Claim.** Every [`Precompile`](crate::bus::Message::Precompile) with the number 4 that is received is carried out: if the frame has the gas for it, it ends well, pays 15 and 3 for each word of its input, and has a copy of its input in its own memory, from byte 0 on,
//! which is what it hands back. If it has not, it halts.
//!
//! **Row.** One call: `done`, or it `lacks` gas.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Precompile`. Sends `FrameInput`, `Copy`, `FrameEnd`, `U16`, `U8`.
//!
//! **Why it suffices.**
//! * *Which call.* At most one of two flags, which are 0 or 1. A row that is used receives one `Precompile` of this number and sends one `FrameEnd` of the same frame, clock and number of writes.
//! * *Input.* The frame says what it is called with. `has_bytes` is exact: where it is 1 the length has an inverse, where it is 0 the length is 0. The input is in the memory of the frame that calls, which exists, by an inverse of its number: no transaction calls a precompile by itself.
//! * *Words.* `length - 1 = 32 last + rest`, `rest` an integer of which eight times is a byte, `last` two limbs of 16 bits; there are `last + 1`.
//! * *Gas.* Gas minus cost, or cost minus gas minus 1, has limbs ([`crate::gas`]), the latter no top one. The gas that the frame has is an integer from 0 to 2^63, by who opened it, and the cost is below 2^34; so only one of both has them, and what is handed back is not negative.
//! * *Output.* `copy` reads the caller's memory at this clock, when the caller does nothing, and writes to that of the frame, which nobody else does: a precompile has no steps. A frame without input or without gas hands nothing back.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Identity;
pub use columns::IdentityColumns;
pub use generation::generate;

/// Gas of a call (Yellow Paper, E.1).
pub const CALL_GAS: u64 = 15;
/// Gas for each word of the input.
pub const WORD_GAS: u64 = 3;
