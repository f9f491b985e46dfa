//! Table `access_list`: what a transaction's access list makes warm (EIP-2930, EIP-2929).
//!
//! **Claim.** The entries of the access list of each transaction that runs code are accessed, each exactly once, entry `index` at `timestamp + index` as [`AccessListStart`](crate::bus::Message::AccessListStart) has it, and nothing else is. Addresses and keys are counted together, in the order of the list, from 0;
//! repetitions are entries, too. An access leaves an account as it is, and a slot's value as it is, and says that the transaction was the last one. A slot's original value is what it has then: the transaction has written nothing yet. No access is undone.
//!
//! **Row.** One entry: `account`, an address, or `key`, a slot of the last address before it. The entries of a list are a run of rows in their order.
//!
//! **Padding.** Zero rows: neither flag is set. They say nothing.
//!
//! **Messages.** Receives `TransactionField` (the entry, as `rlp` read it), `AccessListStart`, and `StampedAccount` or `StorageVersion` before. Sends `StampedAccount` or `StorageVersion` after, and `Clock` (it is later).
//!
//! **Why it suffices.**
//! * *Which entry.* A row is the first of a run, with index 0, or comes after one with the index before, of the same transaction. It receives entry number `index + 1` of the transaction from `rlp`, with the kind that it has there. `rlp` tells each at most once, so no
//!   entry has two rows.
//! * *None left out.* Whoever opens the transaction's first frame sends `AccessListStart` as many times as the list has entries, by the counts that `rlp` told ([`TransactionShape`](crate::bus::Message::TransactionShape)), and each row receives it once. So there are as many rows as entries, each
//!   of another one: all of them. A transaction that runs no code has no such message, and no rows. (`rlp` need not know which run code: what it gives has to be taken, and what is to be taken it has to give.)
//! * *Time.* There is one `AccessListStart` for a transaction, sent by one row, so all its entries have the same; the index is that of the entry.
//! * *Whose slot.* A key has the address of the row before, which is of the entry before: of the last address in front of it. The first entry of a list is an address.
//! * *Access.* As in [`crate::access`], with versions of the one kind or of the other. Cells have two meanings: `amount` is a balance or a value, `rest` is nonce and code or the original value before. Limbs are those of the version before, but for the stamp.
//!
//! **What it does not show.** That the times are free: whoever opens the frame sees to it that nothing else is accessed from `timestamp` on until the entries are.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use air::AccessListTable;
pub use columns::AccessListColumns;
pub use generation::generate;
