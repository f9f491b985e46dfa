//! Table `account_read`: BALANCE, EXTCODESIZE, EXTCODEHASH and SELFBALANCE.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of these opcodes that is received pushes what the account is, which is warm afterwards, and pays for it. Every [`Leave`](crate::bus::Message::Leave) of these opcodes that is received is of
//! a step that lacks the gas; its frame ends.
//!
//! **Row.** One step: of one of the opcodes, and `done` or not.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord`. Sends `StackWord`, `AccountAccess` or `AccountView`, `CodeIdentity`, `FrameContext`, `FrameEnd`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which step.* At most one of four opcodes; `done` is 0 or 1, and 0 without an opcode. A step that is done receives `Step`, another `Leave`, once each.
//! * *Which account.* The word that is popped without its highest 12 bytes: the five lowest limbs. SELFBALANCE asks for that of its frame, by the frame's context.
//! * *What it is.* By `account`: the access is the step's only write, so its number is one more than the writes before. Hash and size are those of the digest of its code part, by `code_identity`; the hash of an account that does not exist is zero
//!   (EIP-1052).
//! * *Gas.* 100, and 2,500 more where the account was cold (EIP-2929); SELFBALANCE 5 (EIP-1884). A step that halts shows cost minus gas minus 1 in a lookup, the account's warmth by a view, and that its gas is not negative
//!   ([`crate::delegated`]).
//! * *Stack.* The pushed word takes the place of the popped one; for SELFBALANCE a lookup shows that there is room. Limbs of balances and hashes are below 2^32 by the versions and by `code_identity`.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::AccountRead;
pub use columns::AccountReadColumns;
pub use generation::generate;

/// What an access costs more where the account is cold (EIP-2929).
pub(crate) const COLD_GAS: u64 = 2_500;
