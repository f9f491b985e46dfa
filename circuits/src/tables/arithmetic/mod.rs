//! Table `arithmetic`: ADDMOD, MULMOD and EXP, which take three words or cost what depends on them.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of these opcodes that is received is carried out: its operands are popped, it is paid for, and what it gives is pushed. Every
//! [`Leave`](crate::bus::Message::Leave) of these opcodes that is received is of a step that lacks the gas for that; its frame ends.
//!
//! **Row.** One step: of one of the opcodes, and `done` or not. `bytes` is the length of EXP's exponent (EIP-160: 50 gas a byte).
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord` (operands). Sends `StackWord` (the result), `Compute3` or `Compute` (it is right), `ExponentBytes`, `FrameEnd`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which step.* At most one of three opcodes; `done` is 0 or 1, and 0 without an opcode. A step that is done receives `Step`, another `Leave`, once each.
//! * *Operands* are popped at the top of the stack ([`crate::access::pop`]), also by steps that halt; those that lack operands as well are `halt`'s.
//! * *Gas.* The cost follows from the opcode, and from `bytes`, which `exponent_bytes` shows: its claim is of the word that is popped. A step that halts shows cost minus gas minus 1, which is one limb of 16 bits (no cost is
//!   above 1,610), and that its gas is not negative ([`crate::delegated`]).
//! * *Result.* The claim has the operands and the result that is pushed; whoever proves it vouches for the result's limbs. The stack is lower afterwards, so that it has room.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Arithmetic;
pub use columns::ArithmeticColumns;
pub use generation::generate;

use crate::event::opcode::{ADDMOD, EXP, MULMOD};

/// Gas for each byte of EXP's exponent (EIP-160).
pub(crate) const EXPONENT_BYTE_GAS: u64 = 50;

/// Whether the table does the opcode.
pub fn does(opcode: u8) -> bool {
    matches!(opcode, ADDMOD | MULMOD | EXP)
}
