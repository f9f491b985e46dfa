//! Table `account`: accesses of steps to accounts.
//!
//! **Claim.** [`AccountAccess`](crate::bus::Message::AccountAccess): the step accesses the account, which is as the message says, and warm afterwards. [`AccountView`](crate::bus::Message::AccountView): a step that halts would have found this.
//!
//! **Row.** One of these.
//!
//! **Padding.** Zero rows: neither flag is set. They say nothing.
//!
//! **Messages.** Receives `AccountAccess` or `AccountView`, and the `StampedAccount` before. Sends the `StampedAccount` after, `Clock` (it is later), `FrameUndone`, `Rules`, `U16`. Where the access is undone, the same once more.
//!
//! **Why it suffices.**
//! * *One access.* At most one flag is set, both are boolean. The version that is received is the account's last, by the chain of versions ([`crate::access`]); what the message says of balance and code is what that version has. The access is made at the
//!   time at which the step reads. It leaves the account as it was, but for the stamp: 1 plus the transaction, which `frame` says. A view leaves the stamp too.
//! * *Undoing.* As for slots ([`Undoing`](crate::access::Undoing)): where `undone_at` is not 0, a second access puts the stamp back, so that an account that was cold is cold again (EIP-2929). Views change nothing and are not undone.
//! * *Warm.* `stamped` says that the stamp is the transaction's: it is then equal, and otherwise a factor shows that it differs. Precompiles are warm whatever their stamp: `was_warm` is `stamped`, or 1 for these.
//! * *Precompiles* by the rules, which are looked up: [`crate::precompile`]. `is_low` is boolean, so exactly one case holds of a used row.
//! * *Exists* (EIP-161): where it is 0, nonce and balance are zero, by the sum of their limbs, and the digest is that of no code. Where it is 1, factors are shown that make 1 of these differences. All limbs in versions are below 2^32.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::AccountTable;
pub use columns::AccountColumns;
pub use generation::generate;
