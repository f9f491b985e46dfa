//! Table `call`: CALL, CALLCODE, DELEGATECALL and STATICCALL, as their caller has them.
//!
//! **Claim.** Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received either calls: it opens the frame that the opcode and its operands say, with the gas that EIP-150 allows, and goes on when that frame is closed, with its
//! result on the stack, its output in memory and its gas back; or it halts its frame, since it lacks gas or sends value in a static frame.
//!
//! **Row.** One step at clock `c`, of which exactly one holds:
//! * `runs`: the account has code, which runs;
//! * `is_empty`: it has none;
//! * `is_precompile`: its address is that of a precompile;
//! * `too_deep`, `lacks_funds`: the call is refused; it costs what it costs, and all that is given comes back;
//! * `lacks`: it costs more than is left; `far`: its input or output is where no gas reaches; `violates`: it is CALL with a value in a static frame.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Leave`, `StackWord` (6 or 7 operands), `FrameResult`, `MemoryWord` (the register of return data). Sends `AccountAccess` at `c` (or `AccountView`, of a step that halts), `MemoryGrowth`, `FrameContext`, `FrameCaller`, `Code`, `CodeByte`,
//! `FrameStart` and `Transfer` at `c + 1`, `Funds`, `MemoryWord` and `StackWord` at twice `closed` plus 1, `Copy` at `closed`, `Enter` at `closed + 1`, `FrameEnd` of a step that halts, `Clock`, `U16`, `U8`.
//!
//! **Why it suffices.**
//! * *Which step.* One opcode and one case; each case receives one `Leave`. Those that open a frame send one `FrameStart`, receive one `FrameResult` of the same frame and send one `Enter`; those that halt send one `FrameEnd`. A frame's number belongs to one
//!   row of `frame`: two calls cannot share a frame, nor take each other's result.
//! * *Operands* are popped ([`crate::access::pop`]), a value only by CALL and CALLCODE, so that the regions are one word further down there. The address is the lowest 160 bits of the second. `pays` is 1 exactly if a value is taken and is not zero, by a
//!   factor; `sends` is that for CALL.
//! * *Memory* grows for the input, then for the output; how far and at what cost is claimed of `growth` for regions with bytes ([`crate::region`]) and nothing for others. Cost is a function of the size in the end, so the order does not matter. A far region costs more
//!   than there is: one of the two is shown to be beyond 2^64, or the gas to be small ([`crate::region`]).
//! * *Cost.* Growth, plus 2,600 or 100 by `was_warm`, 9,000 if it pays, 25,000 if it sends to an account that does not exist. What the account is at `c` is claimed of `account`, as the write after those before the step. What is left is `64 kept + remainder`,
//!   with `kept` below 2^57 + 2^48 by four limbs, of which the top one counts 2^41, and the remainder below 64, as it and 4 times it are bytes: the sum is below 2^63 + 2^55, so it is not negative ([`crate::gas`]), and `kept` is its 64th. `lacks`: cost minus gas minus 1 is below 2^48, and the gas is shown too. A step that halts changes nothing, so that what it would have found of
//!   the account is claimed as a view.
//! * *Given.* At most `most`, what is left without `kept`, a 64th less than 2^63 + 2^49 and so below 2^63 - 2^56. `asked_top`, which is boolean, and `asked_high` and what is left of the second limb, both looked up, make that limb: so without `asked_top` it is below 2^31 + 2^16, and what is asked for below 2^63 + 2^48, as the limbs above are zero.
//!   `asks_less`: `most` minus that is not negative, and that is given. If less than nothing were left, it would be an element of 2^63 - 2^49 or more; limbs whose top one counts [`LESS_TOP`] come to 2^63 - 2^55 at most. `asks_more`: the same the other way round, and `most` is given. If less were asked for, the difference would be an element above
//!   2^63 + 2^55, and the limbs come to less than 2^63 + 2^48. `asks_far`: `asked_top` or a limb above is not zero, so that 2^63 or more is asked for, which is more than `most`; `most` is given. The frame starts with that and the stipend if it pays; its caller keeps the rest.
//! * *What runs.* The digest of the account's code part is in `AccountAccess`; `runs` looks up the bytecode that has it, `is_empty` shows that it is that of no code. `AccountAccess` says whether the address is a precompile by the rules, and which
//!   of them holds goes by that. A precompile's number is its lowest limb, others being zero; who has no table for this number cannot receive its call. A bytecode that starts with 0xef is a delegation (EIP-7702), which is not followed here, or nothing that can be deployed (EIP-3541): it is not provable.
//! * *Address, caller, value* of the new frame follow from the opcode, by products with flags: CALL and STATICCALL go to the target, the others stay; DELEGATECALL keeps caller and value, which are looked up; STATICCALL has no value. It is static if the caller is or by STATICCALL. Transaction and depth are the caller's, looked up, one deeper.
//! * *Refusals.* 1024 minus the caller's depth is looked up where something is reached, as frames are 1,025 deep at most (the Yellow Paper counts from 0); `too_deep` shows that the caller is that deep. `lacks_funds` pays, and claims that the caller has less. Who sends claims the transfer, which needs the value; who pays and does not send, which is CALLCODE, claims
//!   that the value is there. So neither a refusal nor a call can be chosen. A static frame that sends can only halt.
//! * *Result.* Outcome, gas, writes and place of the output come from `FrameResult` with the time `closed`, when all is undone that will be. On the stack is 1 if the outcome is success. The register of return data is accessed like memory: before, what the last call left. `copied` is the length of the output or the room
//!   for it, and the other is not less; that many bytes are copied, if any.
//! * *Goes on* at `closed + 1`, after the instruction, which has one byte, with the operands off its stack and the result on it: `index` is below 1024, since at least six words were above.
//!
//! What a prover could want: to resume early (the clock is `frame`'s), to keep more gas than is left (the sum is one equation over integers below the field's order), to take another frame's output (the child's number is in `FrameStart`, `FrameResult`, `Copy` and the register alike), to skip an access (its write's number is passed on: `writes + 1`).
//!
//! **What it does not show.** Accesses, transfers and copies themselves; what precompiles do.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Call;
pub use columns::{CallColumns, CallResult, CalledAccount, CallingFrame, GivenGas};
pub use generation::generate;

use crate::gas::TOP;

/// What the top limb counts of what the caller keeps.
pub const KEPT_TOP: u64 = 1 << 41;
/// What it counts of what is asked for less than can be given. With 2^47 the difference could be so large that with what is asked for it went round the field.
pub const LESS_TOP: u64 = TOP - (1 << 40);
