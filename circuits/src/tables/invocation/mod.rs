//! Table `invocation`: transactions that run code, from their first frame to what is paid back.
//!
//! **Claim.** [`Invocation`](crate::bus::Message::Invocation): the recipient's code runs in a frame of the transaction's own, with the gas that is left after the intrinsic gas; what it comes to, refunds taken off, is `spent`; and sender and coinbase get what
//! they are to get when it is over.
//!
//! **Row.** One such transaction.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `Invocation`, `FrameResult`, `RefundVersion` (the last), `StampedAccount` twice (before), `TransactionValue` (as often as it is asked for). Sends `FrameStart`, `Transfer`, `Code`, `CodeByte`, `RefundVersion` (the first), `AccessListStart`,
//! `StampedAccount` twice (after), `Add`, `Mul`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *One run.* Each claim is received by one row, which opens one frame and takes the result of the same one. A frame's number belongs to one row of `frame`.
//! * *What runs.* The claim has the digest of the code part that the recipient has in `transaction`; the bytecode that has it is looked up. As in [`call`](crate::tables::call), one that begins with 0xef is a delegation (EIP-7702), which is not followed here. Everything else of the frame is
//!   the claim's: who calls, with what value, calldata and gas. Its depth is 1, it has no parent and is not static, and writes count from 0.
//! * *Value* moves when the frame opens, as the first two writes, so that it is undone if the frame fails. `moves` is exact, by a factor for the sum of the value's limbs, which are below 2^32. That the sender can pay was shown by `transaction`, and `transfer` shows it again.
//! * *Time.* The access list is accessed from the third time after the sender on, one time an entry; the frame opens after that. When it is closed, at `closed`, sender and coinbase are accessed at the two times of the next clock, and the next transaction begins at the one after that.
//!   All accesses of the chain of an account show that they are later than the one before.
//! * *Refund* (EIP-3529). The counter has one chain of versions in the transaction: its first is 0 when the frame opens, its last is received here, and what failed frames did is undone in it. It is a sum over slots of what clearing them is worth, so it is not negative in the end.
//!   `consumed`, the gas limit minus what the frame gives back, is `5 fifth + rest`, with a rest of 0 to 4, by two lookups, and `fifth` below 2^61 + 2^48, by four limbs of which the top one counts 2^45: both sides are integers below the field's order, and `fifth` is the fifth. What is taken off is `fifth` or the counter, and the other is not less, by limbs ([`crate::gas`]): both are below 2^62.
//! * *Paid back.* `unused`, the gas limit minus what is paid for, has two limbs that `arith` bounds by 2^32. An element has a second such pair, larger by the field's order, if its number is below 2^32 - 1; the high limb of that is 2^32 - 1, and an inverse shows that this is not the high limb. So the limbs are those of the integer. It is paid for at the price of the claim, and `arith` adds it to the sender's balance and the reward to the coinbase's. Nothing else of both changes.
//! * *ORIGIN and GASPRICE* are the sender and the price of the claim, however often they are asked for.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Invocation;
pub use columns::{InvocationColumns, Opening, Refund};
pub use generation::generate;

/// What the top limb counts of a fifth of what was used.
pub const FIFTH_TOP: u64 = 1 << 45;
