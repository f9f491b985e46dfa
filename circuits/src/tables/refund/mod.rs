//! Table `refund`: changes of the refund counters of transactions.
//!
//! **Claim.** [`Refund`](crate::bus::Message::Refund): step `clock` changes the refund counter of its transaction by `change`, and that is undone if its frame is.
//!
//! **Row.** One change.
//!
//! **Padding.** Zero rows: `used` is 0. They say nothing.
//!
//! **Messages.** Receives `Refund`, `RefundVersion` (before). Sends `RefundVersion` (after), `Clock` (it is later).
//!
//! **Why it suffices.** The counter of a transaction has one chain of versions from the first, which the transaction sends, to the last, which it receives. Each change takes the version before and leaves one that differs by `change`, at the time at
//! which its step writes. What is undone is put back at `undone_at - number`, as for slots ([`crate::access::StorageAccess`]). So the last version is the sum of what was not undone. The counter is an element of the field: in
//! between it may be negative, as a change by which a slot is not zero any more may come before one is found that makes up for it. A change of 0 says nothing.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::Refund;
pub use columns::RefundColumns;
pub use generation::generate;
