//! Table `transfer`: value that moves when a frame opens, and what an account could pay.
//!
//! **Claim.** [`Transfer`](crate::bus::Message::Transfer): the payer has the value and loses it, the payee gets it. [`Funds`](crate::bus::Message::Funds): the account has the value, or has it not.
//!
//! **Row.** One of these: `moves`, `enough` or `lacks`.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Transfer` or `Funds`, and the `StampedAccount`s before. Sends the `StampedAccount`s after, `Clock` (they are later), `Add`, `FrameUndone`. Where a transfer is undone, each side once more.
//!
//! **Why it suffices.**
//! * *Which.* The flags are boolean, and so is their sum.
//! * *The payer* is accessed at the time at which step `opened` would read, the payee when it would write: no step has this clock, so that nothing else is done at these times. Where both are the same account, it pays first and is paid then.
//! * *Amounts.* `arith` adds up words and refuses what is 2^256 or more. Moves and enough: difference plus value is the balance, so the balance is at least the value, and the difference is what is left. Lacks: difference plus balance is the value, and
//!   a factor shows that the difference is not zero. The payee's balance is what it was plus the value. `arith` vouches for all limbs.
//! * *The rest* of both accounts stays, their stamps too: both are warm already. Funds change nothing.
//! * *Undoing.* As for slots ([`Undoing`](crate::access::Undoing)): the payer's access is write number `writes + 1`, the payee's the one after, so the payee's is undone first.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::TransferTable;
pub use columns::{Side, TransferColumns};
pub use generation::generate;
