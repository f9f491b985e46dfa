//! Table `evm`: the steps of contract code.
//!
//! **Claim.** From every [`Enter`](crate::bus::Message::Enter) that the table receives, the frame runs its code step by step, as the Yellow Paper has it, up to the one step for which it
//! sends [`Leave`](crate::bus::Message::Leave). What single steps compute is claimed from other tables, and steps that do more than popping two words and pushing one are done by them
//! ([`Step`](crate::bus::Message::Step)).
//!
//! **Row.** One step. Rows of a frame that follow each other in time are neighbours, from where the frame is entered to where it is left, because it ends or because it calls another one.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `Enter`; `StackWord` for each word popped. Sends `StackWord` for each word pushed, `Clock` (what is popped is older), `U16` (the stack has at most 1024 words), `Instruction`,
//! `Opcode`, `Compute`, `Step`, `Leave`.
//!
//! **Why it suffices.**
//! * *Which steps.* `used` of the next row without `enters` is `used` of this one unless it leaves or halts, on every row, cyclically. So a run of rows starts with an `Enter`, which is received once
//!   because it is sent once, and goes on until it leaves or halts. It cannot go round in a circle, as its clock grows by one a row.
//! * *Which instruction.* It is looked up in the code at `pc`, where only instructions start; what is done follows from the opcode by a second lookup, flags and cost included. Instead of that,
//!   any opcode can halt the frame. Then nothing else is done, and the receiver of `Leave` demands the reason: it is never assumed.
//! * *Next instruction.* `pc` grows by the instruction's length. A jump goes where the word on the stack says, all limbs of which count, and the next row, which looks its own instruction up, is a JUMPDEST.
//! * *Stack.* See [`crate::access::pop`]: the index of what is popped or pushed follows from `sp`, and `sp` from pushes and pops. DUP takes the word at its depth and puts it back besides pushing it; SWAP
//!   pops two and pushes them the other way round. Where a word is pushed its index is looked up to be below 1024. Too many words, or too few, can only halt.
//! * *Gas* falls by the cost of what the row does itself; it may become negative as a number, which is a field element close to the order. It never grows within a frame but by what calls give back, and
//!   it is shown not to be negative where the frame ends or something depends on it, by the tables that do these steps. So it was not negative before.
//! * *Limbs.* Words on the stack have limbs below 2^32: those pushed are results, whose limbs the table that proves the claim answers for, or words from the stack. So no sum of limbs of JUMP and JUMPI wraps. Cells of `b` where no second word is popped
//!   are free; who proves the claim may not trust them.
//!
//! **What it does not show.** That a step which leaves, halts or is done elsewhere is done right: whoever receives the message does.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Evm;
pub(crate) use air::LAST_INDEX;
pub use columns::{EvmColumns, Registers};
pub use generation::generate;
