//! Table `memory`: MLOAD, MSTORE and MSTORE8.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of these opcodes that is received is carried out: operands are popped, memory grows as far as needed and is paid for, the bytes are read or written, and what MLOAD
//! reads is pushed. Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received is of a step that lacks the gas for that; its frame ends.
//!
//! **Row.** One step, of which exactly one holds:
//! * `fits`: it is done, and memory does not grow;
//! * `grows`: it is done, and memory may grow;
//! * `lacks`: it costs more than is left;
//! * `far`: its offset is 2^32 or more, which no gas pays for.
//!
//! Steps that are done make their access here if it is `aligned`, which takes one word as it is; otherwise `window` makes it, or `byte_store` for MSTORE8.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord` (operands), `MemoryWord` before. Sends `StackWord` (what is read), `MemoryWord` after, `MemoryWindow`, `MemoryByte`, `MemoryGrowth`, `FrameEnd`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which step.* One of three opcodes, and one of the four cases, or neither; flags are boolean. Each case receives one message and does what follows from it, once.
//! * *Operands* are popped at the top of the stack ([`crate::access::pop`]), also by steps that halt; those that lack operands as well are `halt`'s. All limbs of the offset but the lowest are zero but for `far`, where
//!   a factor shows that their sum, of numbers below 2^32, is not.
//! * *Memory fits* if `32 words - offset - length` is not negative: it is three limbs of 16 bits. Otherwise `growth` says how many words there are and what they cost. It may be asked where nothing grows.
//! * *Gas* falls by 3 and by that. `lacks`: 3 and that, minus gas, minus 1 is three limbs of 16 bits, and the gas is shown ([`crate::gas`]): the frame had not used more than it was given, and it has less than the step costs. `far`: the
//!   offset is shown to be 2^64 or more, or the gas to be small: no gas pays for that ([`crate::region`]).
//! * *The access.* Steps that are done make exactly one, at the time at which the step reads or writes. An aligned one takes the word `offset / 32`, a field element that is an index only if 32 divides the offset
//!   ([`crate::access::access_memory`]): a prover who calls another access aligned finds no version. MLOAD leaves what was there, and pushes it: limbs in memory are below 2^32. MSTORE leaves what was popped.
//! * *Frame.* Memory is that of the frame of the step.
//!
//! **What it does not show.** That `words` is right before the first step of a frame: whoever enters the frame says so.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Memory;
pub use columns::MemoryColumns;
pub use generation::generate;
