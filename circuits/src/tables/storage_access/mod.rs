//! Table `storage_access`: SLOAD, SSTORE, TLOAD and TSTORE.
//!
//! **Claim.** Every step of these opcodes that is received here reads or writes its slot, costs what it should (EIP-2200, 2929, 3529, 1153) and changes the refund counter as it should; or it halts its frame, since it lacks gas or must not write.
//!
//! **Row.** One step, in one of four cases:
//! * done: none of the flags that follow is set;
//! * `short`: there is too little gas to look at the slot: less than 100, or for SSTORE 2,300 or less (EIP-2200);
//! * `lacks`: SLOAD or SSTORE that costs more than there is, which is known from the slot;
//! * `violates`: a write in a static frame (EIP-214).
//!
//! **Padding.** Zero rows: no opcode. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord` (operands), `StorageVersion` (before). Sends `FrameEnd`, `StackWord` (what is read), `StorageVersion` (after), `FrameContext`, `Refund`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which slot.* Address, transaction, and whether the frame is static, are the frame's, by lookup. Transient storage is a space of the transaction's own.
//! * *Accesses.* See [`crate::access::StorageAccess`]: the value found is the one that was left last. A read pushes it. What changes (the value, or that the slot is warm) has the number of writes so far plus 1, and is undone where the frame is. TLOAD and steps
//!   that lack gas leave the slot as it was, so there is nothing to undo.
//! * *Cold.* The slot is warm if the version found was left by an access of the same transaction, and cold if a factor makes the difference into 1. A cold slot's `original` is the value found; a warm one's is handed on. Undoing puts the version before back, stamp and all,
//!   so a slot that was warmed by a frame that failed is cold again.
//! * *Stores.* `same`, `first` and `resets` and what is left are exclusive. `same`: the new value is the one found. Otherwise a sum of limbs with `factors` makes the difference of the two into 1, so they are not the same. `first`: the slot still has its original value.
//!   `resets`: it gets that back. Otherwise the original is a third value: by the same factors it lies at a `position` that is neither 0, where the value found lies, nor 1, where the new one does. Three different values have such factors.
//!   That a word is zero is exact, by a factor for the sum of its limbs, which are below 2^32.
//! * *Refunds.* `change` follows; where it is not zero it is claimed, as the next write. A claim of a change of zero would count a write more and change nothing.
//! * *Gas.* A store that is done shows gas above 2,300. A step that halts shows that gas is not negative, and that it is below what is needed.
//! * *Static.* A write that is done, or halts for that reason, has the frame's word for it. A frame in which a step fails for two reasons ends in the same way by either.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::StorageAccessTable;
pub use columns::{StorageAccessColumns, ZeroTest};
pub use generation::generate;
