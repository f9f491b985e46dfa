//! The columns of `account`.

use crate::access::{StampedFields, Undoing};
use crate::precompile::{AddressKind, RuleFlags};
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
        /// The rules.
        pub rules: RuleFlags<T>,
        /// It is a precompile.
        pub is_precompile: T,
        /// It is one in the range from 1.
        pub is_low: T,
        /// Where it lies among them.
        pub kind: AddressKind<T>,
    }
}
