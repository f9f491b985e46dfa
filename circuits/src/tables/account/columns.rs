//! The columns of `account`.

use crate::access::{StampedFields, Undoing};
use crate::word::AddressLimbs;

braid_stark::columns! {
    /// An access.
    pub struct AccountColumns<T> {
        /// It is made.
        pub accesses: T,
        /// It is only looked at what it would find.
        pub views: T,
        /// The step.
        pub clock: T,
        /// The frame.
        pub frame: T,
        /// The frame's transaction.
        pub transaction: T,
        /// When what the frame does is undone.
        pub undone_at: T,
        /// The access's number among the chunk's writes.
        pub number: T,
        /// The account.
        pub address: AddressLimbs<T>,
        /// As it was.
        pub before: StampedFields<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// How the access is undone.
        pub undoing: Undoing<T>,
        /// The transaction has accessed it before.
        pub stamped: T,
        /// The inverse of the difference of stamps, where they differ.
        pub stamp_inverse: T,
        /// The account is not empty.
        pub exists: T,
        /// What shows that it is not: factors of the sum of its numbers, and of the differences from the digest of no code.
        pub factors: [T; 5],
        /// Which kind of address it is.
        pub kind: AddressKind<T>,
    }
}

braid_stark::columns! {
    /// Whether an address is that of a precompile.
    pub struct AddressKind<T> {
        /// It is.
        pub is_precompile: T,
        /// It is not, since a limb but the lowest is not zero.
        pub is_high: T,
        /// It is not, since it is zero.
        pub is_zero: T,
        /// It is not, since it is above them.
        pub is_above: T,
        /// The inverse of the sum of the higher limbs, where it is high.
        pub high_inverse: T,
        /// How far it is from the last precompile: below it or above the one after it, in limbs of 16 bits.
        pub distance: [T; 2],
    }
}
