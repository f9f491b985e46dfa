//! Table `register`: GAS and MSIZE, which push what the frame has.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of these opcodes that is received pushes the gas that is left after it, or the bytes of memory. Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received
//! is of a step that lacks the gas for that; its frame ends.
//!
//! **Row.** One step: of one of the opcodes, and `done` or not. `limbs` is the gas afterwards for GAS; if the gas is too little, what is missing, less 1.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`. Sends `StackWord`, `FrameEnd`, `U16`.
//!
//! **Why it suffices.**
//! * *Which step.* At most one of two opcodes; `done` is 0 or 1, and 0 without an opcode. A step that is done receives `Step`, another `Leave`, once each.
//! * *GAS.* The gas afterwards has limbs ([`crate::gas`]), so it is not negative. The upper limb of the word is the third of these and 2^15 times the top one, below 2^31 + 2^15; the word is below the field's order, so no other word is the same element.
//! * *MSIZE.* 32 bytes a word. No frame goes on with memory of more than 2^26 words, by `growth`. So the limb is below 2^32.
//! * *Stack.* The index of the pushed word is at most 1023, by a lookup.
//! * *Halts.* Cost minus gas minus 1 is looked up, without a top limb, and the gas shown not to be negative ([`crate::delegated`]).

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Register;
pub use columns::RegisterColumns;
pub use generation::generate;

use crate::event::opcode::{GAS, MSIZE};

/// Whether the table does the opcode.
pub fn does(opcode: u8) -> bool {
    matches!(opcode, GAS | MSIZE)
}
