//! Table `halt`: steps that halt their frame, and why.
//!
//! **Claim.** Every step that [`Leave`](crate::bus::Message::Leave)s its frame by an exceptional halt, and is received here, could not be carried out, for the reason that the row shows. The frame ends with
//! [`outcome::HALT`](crate::bus::outcome::HALT) and without gas.
//!
//! **Row.** One such step with one reason:
//! * `out_of_gas`: the step table does the opcode itself, and it costs more than is left;
//! * `underflow`: the opcode needs more words than are on the stack;
//! * `overflow`: it would leave more than 1024;
//! * `undefined`: the byte is no opcode, or is INVALID; `too_early`: it is CLZ, by Cancun's or Prague's rules;
//! * `jumps` or `jumps_if`: the opcode is JUMP, or JUMPI with a condition that holds, and the target is `far` (beyond 2^32), `beyond` the end of the code, or no JUMPDEST (`other`).
//!
//! Opcodes that other tables carry out can fail in more ways; the steps that do are received by them.
//!
//! **Padding.** Zero rows: no reason is given. They say nothing.
//!
//! **Messages.** Receives `Leave`, `StackWord` (target and condition). Sends `FrameEnd`, `OpcodeNeeds`, `CodeLength`, `Instruction`, `Rules`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *One reason.* Flags are boolean, their sum is `used`, which is boolean; where it is 1 the message is received, once, and the end is sent, once.
//! * *Gas.* It has limbs ([`crate::gas`]), so it is not negative: a frame that has used more than it was given cannot call it a halt. Cost minus gas minus 1 is looked up to be below 2^32,
//!   which it is for no gas up to 2^63 + 2^49 that is at least the cost.
//! * *Stack.* `sp` is the number of words, 0 to 1024 by [`crate::tables::evm`]. `inputs - sp - 1`, or `sp + outputs - inputs - 1025`, is looked up in the same cells. Undefined bytes need 0 words and leave 0.
//! * *Rules.* `too_early` looks the rules up, and they are 0 or 1. Where they are Osaka's no row calls CLZ undefined, as `opcode` has it defined; where they are not, `shift` does not carry it out, so that this row is all that is left.
//! * *Jumps.* Target and condition are the two topmost words, received like any pop. A condition holds if the sum of its limbs, all below 2^32, is not zero: a factor shows that. The same shows
//!   that some high limb of the target is not zero. `beyond`: the low limb minus the size of the code is below 2^32 and so not negative; high limbs make the target larger still. `other`: what is looked up at
//!   the low limb is no JUMPDEST, by a factor again; data of a PUSH has another number than any instruction. If there are high limbs the target is no JUMPDEST anyway.
//!
//! Whoever gives another reason than revm gives the same outcome: all reasons end the frame in the same way.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::HaltTable;
pub use columns::HaltColumns;
pub use generation::generate;
