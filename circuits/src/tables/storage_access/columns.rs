//! The columns of `storage_access`.

use braid_stark::columns;

use crate::access::{SlotFields, Undoing};
use crate::delegated::Delegated;
use crate::word::{AddressLimbs, WORD_LIMBS, Word};

columns! {
    /// Whether a word is zero, where SSTORE looks at it.
    pub struct ZeroTest<T> {
        /// It is.
        pub is_zero: T,
        /// The inverse of the sum of its limbs, if it is not.
        pub inverse: T,
    }
}

columns! {
    /// A step.
    pub struct StorageAccessColumns<T> {
        /// It is SLOAD.
        pub loads: T,
        /// It is SSTORE.
        pub stores: T,
        /// It is TLOAD.
        pub loads_transient: T,
        /// It is TSTORE.
        pub stores_transient: T,
        /// It halts: it has too little gas to look at the slot.
        pub short: T,
        /// It halts: it costs more than there is.
        pub lacks: T,
        /// It halts: it must not write.
        pub violates: T,
        /// It is done, and may leave another version than it found.
        pub changes: T,
        /// It is SSTORE and looks at the slot.
        pub priced: T,
        /// Where the step is.
        pub step: Delegated<T>,
        /// The frame's transaction.
        pub transaction: T,
        /// The frame's depth.
        pub depth: T,
        /// Whether the frame is static.
        pub is_static: T,
        /// Whose storage it is.
        pub address: AddressLimbs<T>,
        /// What a write's number is taken from to give the time at which it is undone; 0 if it is not.
        pub undone_at: T,
        /// 0 for storage, and for transient storage the transaction plus 1.
        pub space: T,
        /// The first operand: which slot.
        pub slot: Word<T>,
        /// When it was pushed.
        pub slot_pushed: T,
        /// The second operand; for loads what is read.
        pub value: Word<T>,
        /// When it was pushed, if it is an operand.
        pub value_pushed: T,
        /// The slot as it was.
        pub before: SlotFields<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// Its value before the transaction.
        pub original: Word<T>,
        /// Whether the transaction had not accessed it before.
        pub cold: T,
        /// The inverse of how far the transaction that had is away.
        pub cold_inverse: T,
        /// SSTORE of the value that is there.
        pub same: T,
        /// SSTORE that changes a slot that has its original value.
        pub first: T,
        /// SSTORE that gives a slot its original value back.
        pub resets: T,
        /// Factors for limbs that give the value found the position 0, and another one that is written 1.
        pub factors: [T; WORD_LIMBS],
        /// The position of the original value.
        pub position: T,
        /// An inverse that shows that this is neither of the two.
        pub position_inverse: T,
        /// Whether the original value is zero.
        pub original_zero: ZeroTest<T>,
        /// Whether the value found is.
        pub found_zero: ZeroTest<T>,
        /// Whether the value written is.
        pub written_zero: ZeroTest<T>,
        /// Gas that the step costs.
        pub cost: T,
        /// By how much the refund counter would change.
        pub change: T,
        /// Whether it changes.
        pub refunds: T,
        /// Gas beyond the least, or gas that is missing but one, in limbs ([`crate::gas`]).
        pub excess: [T; 4],
        /// How the access is undone.
        pub undoing: Undoing<T>,
    }
}
