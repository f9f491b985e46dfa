//! Table `moves`: CALLDATACOPY, CODECOPY, RETURNDATACOPY, MCOPY, KECCAK256, CALLDATALOAD and RETURNDATASIZE.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of these opcodes that is received is carried out: operands are popped, memory grows as far as needed, the words that are moved are paid for, the bytes are moved, and what there is to push is pushed.
//! Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received is of a step that lacks the gas for that, or of a RETURNDATACOPY beyond the return data (EIP-211); its frame ends.
//!
//! **Row.** One step, of which exactly one holds:
//! * `plain`: it is done, and it names no memory: its length is zero, or it has none;
//! * `fits`: it is done, and memory does not grow;
//! * `grows`: it is done, and memory may grow;
//! * `lacks_plain`, `lacks`: it costs more than is left, without or with memory that it names;
//! * `far`: it names memory at 2^32 or beyond, or that much of it, which no gas pays for;
//! * `over`, `far_over`: it reads beyond the return data, by less than 2^34 bytes, or from 2^32 on.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord`s (operands), `StringWord` (what CALLDATALOAD reads). Sends `StackWord` (what is pushed), `Copy`, `Digest`, `MemoryWord` (the register of the return data, read), `MemoryGrowth`, `FrameInput`, `FrameCode`, `CodeLength`, `FrameEnd`,
//! `Clock`, `U16`, `U8`.
//!
//! **Why it suffices.**
//! * *Which step.* One of seven opcodes and one of eight cases, or neither; flags are boolean. Each case receives one message and does what follows from it, once.
//! * *Operands* are popped at the top of the stack ([`crate::access::pop`]), also by steps that halt; limbs are below 2^32, so that a sum of them is zero only if all are. `plain` and `lacks_plain` have no length, limb by limb, since two of their opcodes pop none; `fits`, `grows` and `lacks` have one that is not zero, by a factor, and below 2^32, and
//!   so are the places in memory that they name.
//! * *Growth.* Memory has to hold `length` bytes from `reach`, which is the target, or for KECCAK256 the source, or for MCOPY the larger of the two: twice it minus both is their distance, shown not to be negative. `32 words - reach - length` is not negative where it fits; otherwise
//!   `growth` says how many words there are and what they cost.
//! * *Words* that are paid for: `length - 1 = 32 last + rest`, `rest` an integer of which eight times is a byte, `last` two limbs of 16 bits; there are `last + 1`.
//! * *Gas* falls by `cost`. `lacks`: cost minus gas minus 1 is three limbs of 16 bits, and the gas is shown ([`crate::gas`]). `far`: some high limb is not zero, by a factor, nor is the length. If one of the limbs above 2^64 is not, the step is `beyond`; otherwise its gas is small. No gas pays for either ([`crate::region`]).
//! * *Where from.* CALLDATACOPY and CALLDATALOAD ask the frame what it is called with: the transaction's calldata if it is `outer`, which it is exactly if the frame has no caller, by a factor; otherwise the caller's memory, up to the end of what was passed. CODECOPY asks for
//!   the frame's code and its size. A source of 2^32 or more, shown by a factor (`distant`), has nothing: the copy is from an end at 0. MCOPY and KECCAK256 read the frame's memory. RETURNDATACOPY and RETURNDATASIZE read the register; the copy is of the memory of the frame that it names.
//! * *Bounds* of RETURNDATACOPY: what is returned, minus source and length, is two limbs where it is done; source and length minus what is returned, minus 1, is three where it is `over`; or a high limb of one is not zero.
//! * *Bytes* are moved by `copy`, at this step. The string of KECCAK256 has the step's number, as has the digest; no other step has it. CALLDATALOAD takes the only word of its string itself.
//!
//! **What it does not show.** That `words` is right before the first step of a frame, and that the register is: whoever closes a call writes it.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Moves;
pub use columns::{Cases, MovesColumns, Opcodes};
pub use generation::generate;
